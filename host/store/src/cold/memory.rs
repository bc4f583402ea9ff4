//! Cold state in memory, for tests and simulations: it keeps apart what was written and what is on the disk,
//! and can lose its power between any two changes. Knows nothing of what is stored in it.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::error::ColdError;
use super::key::{self, Key};
use super::tree::{Change, Durable, Look, Tree};

type Map = BTreeMap<Vec<u8>, Vec<u8>>;

/// Cold state in memory.
#[derive(Default)]
pub struct MemoryCold {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// What a reader sees.
    seen: Map,
    /// What is on the disk for certain.
    durable: Map,
    /// What is on its way there, oldest first.
    pending: Vec<Change>,
    /// Changes until power fails; none: it does not.
    fuse: Option<u64>,
}

impl MemoryCold {
    /// Lets power fail after so many more changes: the call that makes the next one fails, and so do all
    /// after it, until [`MemoryCold::restart`].
    pub fn lose_power_after(&self, changes: u64) {
        self.state().fuse = Some(changes);
    }

    /// What is found after a loss of power: everything durable and, as `seed` has it, the first few of the
    /// changes after that.
    pub fn restart(&self, seed: u64) -> MemoryCold {
        let state = self.state();
        let mut seen = state.durable.clone();
        let kept = spread(seed) % (state.pending.len() as u64 + 1);
        for change in state.pending.iter().take(kept as usize) {
            change.clone().make(&mut seen);
        }
        let durable = seen.clone();
        MemoryCold {
            state: Mutex::new(State {
                seen,
                durable,
                ..State::default()
            }),
        }
    }

    /// Flips a bit of a timeline's record, counted from its start modulo its length; whether there is one.
    pub fn flip(&self, key: &Key, bit: usize) -> bool {
        let mut state = self.state();
        let place = key::timeline(key.family, &key.key);
        let State { seen, durable, .. } = &mut *state;
        let flipped = [seen, durable].map(|map| {
            let record = map.get_mut(&place);
            record.is_some_and(|record| flip(record, bit))
        });
        flipped.contains(&true)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tree for MemoryCold {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, ColdError> {
        Ok(self.state().seen.get(key).cloned())
    }

    fn scan(&self, range: Range<Vec<u8>>, visit: &mut Look<'_>) -> Result<(), ColdError> {
        if range.is_empty() {
            return Ok(());
        }
        // A copy, so that the visitor may read and write.
        let found: Vec<_> = (self.state().seen.range(range))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        for (key, value) in &found {
            if visit(key, value).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn apply(&self, changes: Vec<Change>, durable: Durable) -> Result<(), ColdError> {
        let mut state = self.state();
        for change in changes {
            match &mut state.fuse {
                Some(0) => return Err(powerless()),
                Some(left) => *left -= 1,
                None => {}
            }
            change.clone().make(&mut state.seen);
            state.pending.push(change);
        }
        if durable == Durable::Now {
            if state.fuse == Some(0) {
                return Err(powerless());
            }
            let State {
                pending, durable, ..
            } = &mut *state;
            pending.drain(..).for_each(|change| change.make(durable));
        }
        Ok(())
    }

    fn bytes(&self) -> u64 {
        let state = self.state();
        let sizes = (state.seen.iter()).map(|(key, value)| key.len() + value.len());
        sizes.sum::<usize>() as u64
    }
}

impl Change {
    fn make(self, map: &mut Map) {
        match self {
            Change::Put(key, value) => map.insert(key, value),
            Change::Remove(key) => map.remove(&key),
        };
    }
}

fn powerless() -> ColdError {
    ColdError::Failed {
        folder: PathBuf::from("memory"),
        reason: "its power failed".into(),
    }
}

fn flip(record: &mut [u8], bit: usize) -> bool {
    let length = record.len().max(1);
    let byte = record.get_mut(bit / 8 % length);
    byte.map(|byte| *byte ^= 1 << (bit % 8)).is_some()
}

/// Seeds that follow each other, to numbers that do not (the finishing step of SplitMix64).
fn spread(seed: u64) -> u64 {
    let mixed = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
