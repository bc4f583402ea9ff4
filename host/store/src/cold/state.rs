//! Cold state: timelines at rest by family and key, trails by decision, and how far of the log all this is
//! complete. Takes what has left memory, gives it back or says what became of it; must not know an engine.

use std::mem::take;
use std::ops::ControlFlow;

use foreshore_core::Trail;
use foreshore_timeline::Lsn;

use super::error::{ColdError, Damage, Flaw};
use super::key::{self, Family, Key, Place};
use super::record::{exactly, opened, put, read};
use super::tree::{Change, Durable, Tree};
use super::value::{self, BODY_BYTES_MAX, Stored};

/// Longest key of a timeline, in bytes: what the engine takes, less the tag and the family.
pub const KEY_BYTES_MAX: usize = u16::MAX as usize - 5;

/// Bytes handed to the engine at once: a batch of any size holds up readers and memory no longer than this.
const SLICE_BYTES: usize = 1 << 20;

/// Records forgotten at once.
const SLICE_RECORDS: usize = 1_000;

/// A timeline to be put away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rested {
    /// Which.
    pub key: Key,
    /// Every record of the log up to here that concerns it is in it.
    pub lsn: Lsn,
    /// The timeline, as its codec wrote it.
    pub body: Vec<u8>,
}

/// What is put away at once.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// Timelines.
    pub timelines: Vec<Rested>,
    /// Trails, by the decision's LSN.
    pub trails: Vec<(Lsn, Trail)>,
    /// With this batch, everything of the log up to here is in cold state. Below what it is now: no change.
    pub through: Lsn,
}

/// What is shown a timeline, and says whether to go on.
pub type Visit<'a> = dyn FnMut(Key, Result<Stored, Damage>) -> ControlFlow<()> + 'a;

/// Cold state. Whoever writes sees to it that the log is durable up to the LSN of what is written.
pub trait Cold: Send + Sync {
    /// The timeline of a key.
    ///
    /// # Errors
    /// [`ColdError::Damaged`] names the one timeline that has to be rebuilt; others end the process.
    fn timeline(&self, family: Family, key: &str) -> Result<Option<Stored>, ColdError>;

    /// The trail of a decision.
    ///
    /// # Errors
    /// As for a timeline.
    fn trail(&self, decision: Lsn) -> Result<Option<Trail>, ColdError>;

    /// Up to where everything of the log is in here; LSN 0 before the first batch.
    ///
    /// # Errors
    /// When that is damaged, or the engine failed.
    fn through(&self) -> Result<Lsn, ColdError>;

    /// Puts a batch away. All of it is on the disk when this returns. Whenever power fails before, each
    /// record is either the old or the new one, and `through` moves after all of them.
    ///
    /// # Errors
    /// When a timeline is too long, before anything is written; when the engine fails.
    fn write(&self, batch: Batch) -> Result<(), ColdError>;

    /// Shows the timelines of a family or of all, in order of their keys, from the first above `after`. All
    /// are as of one moment; to let go of it in between, break and come back with the last key.
    ///
    /// # Errors
    /// When the engine fails. A damaged record is shown as such and does not end the round.
    fn timelines(
        &self,
        family: Option<Family>,
        after: Option<&Key>,
        visit: &mut Visit<'_>,
    ) -> Result<(), ColdError>;

    /// Forgets the trails of all decisions below `lsn`; how many. May come undone by a loss of power.
    ///
    /// # Errors
    /// When the engine fails.
    fn forget_trails_below(&self, lsn: Lsn) -> Result<u64, ColdError>;

    /// Forgets all timelines of a family; how many. May come undone by a loss of power.
    ///
    /// # Errors
    /// When the engine fails.
    fn forget_family(&self, family: Family) -> Result<u64, ColdError>;

    /// Bytes of disk it takes.
    fn bytes(&self) -> u64;
}

impl<T: Tree> Cold for T {
    fn timeline(&self, family: Family, key: &str) -> Result<Option<Stored>, ColdError> {
        read(self, &key::timeline(family, key))
    }

    fn trail(&self, decision: Lsn) -> Result<Option<Trail>, ColdError> {
        let key = key::trail(decision);
        let Some(Stored { lsn, body, .. }) = read(self, &key)? else {
            return Ok(None);
        };
        let told = exactly(&key, lsn, &body).map(u32::from_le_bytes)?;
        Ok(Some(Trail { last: lsn, told }))
    }

    fn through(&self) -> Result<Lsn, ColdError> {
        let stored = read(self, &Place::Through.bytes())?;
        Ok(stored.map_or(Lsn::default(), |stored| stored.lsn))
    }

    fn write(&self, batch: Batch) -> Result<(), ColdError> {
        if let Some(error) = batch.timelines.iter().find_map(too_long) {
            return Err(error);
        }
        let timelines = batch.timelines.iter().map(|Rested { key, lsn, body }| {
            (key::timeline(key.family, &key.key), *lsn, body.as_slice())
        });
        let told: Vec<_> = (batch.trails.iter())
            .map(|(decision, trail)| (*decision, trail.last, trail.told.to_le_bytes()))
            .collect();
        let trails = (told.iter())
            .map(|(decision, last, told)| (key::trail(*decision), *last, told.as_slice()));
        let (mut slice, mut bytes) = (Vec::new(), 0);
        for (key, lsn, body) in timelines.chain(trails) {
            if bytes > SLICE_BYTES {
                self.apply(take(&mut slice), Durable::Later)?;
                bytes = 0;
            }
            bytes += key.len() + value::HEADER + body.len();
            slice.extend(put(key, lsn, body));
        }
        self.apply(slice, Durable::Now)?;
        if batch.through > self.through()? {
            let through = put(Place::Through.bytes(), batch.through, &[]);
            self.apply(through.into_iter().collect(), Durable::Now)?;
        }
        Ok(())
    }

    fn timelines(
        &self,
        family: Option<Family>,
        after: Option<&Key>,
        visit: &mut Visit<'_>,
    ) -> Result<(), ColdError> {
        let (mut first, end) = key::timelines(family);
        if let Some(after) = after {
            // The smallest key above: the same with one more byte.
            let mut above = key::timeline(after.family, &after.key);
            above.push(0);
            first = first.max(above);
        }
        let mut unknown = None;
        self.scan(first..end, &mut |bytes, record| match Place::of(bytes) {
            Place::Timeline(key) => visit(key, opened(bytes, record)),
            place => {
                let (lsn, flaw) = (value::stated_lsn(record), Flaw::Key);
                unknown = Some(Damage { place, lsn, flaw });
                ControlFlow::Break(())
            }
        })?;
        unknown.map_or(Ok(()), |damage| Err(damage.into()))
    }

    fn forget_trails_below(&self, lsn: Lsn) -> Result<u64, ColdError> {
        forget(self, key::trail(Lsn::default()), key::trail(lsn))
    }

    fn forget_family(&self, family: Family) -> Result<u64, ColdError> {
        let (first, end) = key::timelines(Some(family));
        forget(self, first, end)
    }

    fn bytes(&self) -> u64 {
        Tree::bytes(self)
    }
}

fn too_long(rested: &Rested) -> Option<ColdError> {
    let (key, body) = (rested.key.key.len(), rested.body.len());
    let fits = key <= KEY_BYTES_MAX && body <= BODY_BYTES_MAX;
    let family = rested.key.family;
    (!fits).then_some(ColdError::TooLong { family, key, body })
}

/// Removes a range by single removals, some at a time: an engine's own way to drop many is seldom used, and
/// what is seldom used fails.
fn forget<T: Tree>(tree: &T, mut first: Vec<u8>, end: Vec<u8>) -> Result<u64, ColdError> {
    let mut forgotten = 0;
    loop {
        let mut slice = Vec::new();
        tree.scan(first.clone()..end.clone(), &mut |key, _| {
            slice.push(Change::Remove(key.to_vec()));
            first = key.to_vec();
            if slice.len() < SLICE_RECORDS {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        })?;
        forgotten += slice.len() as u64;
        let rest = slice.len() == SLICE_RECORDS;
        tree.apply(slice, Durable::Later)?;
        if !rest {
            return Ok(forgotten);
        }
        first.push(0);
    }
}
