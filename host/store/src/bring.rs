//! What a core needs and does not have in memory, brought in: timelines from cold state with their events from the
//! log, decisions from the log. As it is needed, or ahead of that, by several readers at once.

use std::collections::HashMap;
use std::sync::Arc;

use foreshore_core::{Core, Need, RestingDecision, RestingTimeline};
use foreshore_event::Event;
use foreshore_timeline::{Border, Lsn};

use crate::codec::decode_timeline;
use crate::cold::ColdError;
use crate::error::StoreError;
use crate::rebuild;
use crate::store::Store;

/// A timeline at rest, and the events it holds that the core does not have.
struct Found {
    resting: RestingTimeline,
    events: HashMap<Lsn, Arc<Event>>,
}

impl Store {
    /// Brings into a core what it needs, as far as it exists, and what it then needs in turn. Gives how much was
    /// asked for.
    ///
    /// # Errors
    /// When it exists and cannot be read, nor rebuilt.
    pub fn bring<I: IntoIterator<Item = Need>>(
        &self,
        core: &mut Core,
        needs: impl Fn(&Core) -> I,
    ) -> Result<usize, StoreError> {
        let (mut count, mut nowhere) = (0, Vec::new());
        loop {
            let asked: Vec<Need> = needs(core).into_iter().collect();
            if asked == nowhere {
                return Ok(count);
            }
            for need in &asked {
                self.bring_one(core, need)?;
            }
            count += asked.len();
            // What is asked for once more is not to be had.
            nowhere = asked;
        }
    }

    fn bring_one(&self, core: &mut Core, need: &Need) -> Result<(), StoreError> {
        match need {
            Need::Timeline(instance, key) => {
                if let Some(found) = self.find(core, *instance, key)? {
                    wake(core, found)?;
                }
            }
            // Displaced in two timelines, it is asked for twice.
            Need::Decision(lsn) if core.event(*lsn).is_some() => {}
            Need::Decision(lsn) => {
                if let Some(resting) = self.decision(core, *lsn)? {
                    core.recall(resting);
                }
            }
        }
        Ok(())
    }

    /// Brings in, before they are needed, the timelines among these needs: so many readers at once, because what each
    /// waits for is the disk.
    ///
    /// # Errors
    /// As [`Store::bring`].
    pub(crate) fn bring_ahead(
        &self,
        core: &mut Core,
        needs: impl IntoIterator<Item = Need>,
        readers: usize,
    ) -> Result<(), StoreError> {
        let timelines = needs.into_iter().filter_map(|need| match need {
            Need::Timeline(instance, key) => Some((instance, key)),
            Need::Decision(_) => None,
        });
        let mut timelines: Vec<(usize, Box<str>)> = timelines.collect();
        timelines.sort_unstable();
        timelines.dedup();
        let share = timelines.len().div_ceil(readers).max(1);
        let known = &*core;
        let read = |share: &[(usize, Box<str>)]| -> Result<Vec<Found>, StoreError> {
            let found = share
                .iter()
                .map(|(instance, key)| self.find(known, *instance, key));
            found.filter_map(Result::transpose).collect()
        };
        let found = std::thread::scope(|scope| {
            let readers = timelines.chunks(share);
            let readers: Vec<_> = readers
                .map(|share| scope.spawn(move || read(share)))
                .collect();
            let read = readers
                .into_iter()
                .map(|reader| reader.join().unwrap_or(Err(StoreError::Panicked)));
            read.collect::<Result<Vec<_>, _>>()
        })?;
        found
            .into_iter()
            .flatten()
            .try_for_each(|found| wake(core, found))
    }

    /// The timeline of an instance and a key, and what of its events the core does not have.
    fn find(&self, core: &Core, instance: usize, key: &str) -> Result<Option<Found>, StoreError> {
        let Some(resting) = self.timeline(core, instance, key)? else {
            return Ok(None);
        };
        let border = match resting.timeline.watermark {
            Border::Above(lsn) => Some(lsn),
            Border::First(_) => None,
        };
        let held = resting.timeline.entries.iter().map(|(lsn, _)| *lsn);
        let mut events = HashMap::new();
        for lsn in held.chain(border) {
            if core.event(lsn).is_none() {
                events.extend(self.records().event(lsn)?.map(|event| (lsn, event)));
            }
        }
        Ok(Some(Found { resting, events }))
    }

    /// The timeline of an instance and a key; one whose record is damaged is rebuilt from the log.
    fn timeline(
        &self,
        core: &Core,
        instance: usize,
        key: &str,
    ) -> Result<Option<RestingTimeline>, StoreError> {
        let damaged = match self.cold().timeline(self.family(instance), key) {
            Ok(None) => return Ok(None),
            Ok(Some(stored)) => match decode_timeline(instance, key, stored.lsn, &stored.body) {
                Ok(resting) => return Ok(Some(resting)),
                Err(error) => error.to_string(),
            },
            Err(ColdError::Damaged(damage)) => damage.to_string(),
            Err(error) => return Err(error.into()),
        };
        let pipeline = &core.pipeline().name;
        tracing::warn!(
            pipeline,
            key,
            "a stored timeline is rebuilt from the log: {damaged}"
        );
        self.count_rebuilt();
        let rebuilt = rebuild::timeline(self, core, instance, key)?;
        // What is in the log is durable: the record can be healed at once.
        self.put_timelines(std::slice::from_ref(&rebuilt))?;
        Ok(Some(rebuilt))
    }

    fn decision(&self, core: &Core, lsn: Lsn) -> Result<Option<RestingDecision>, StoreError> {
        let trail = match core.trail(lsn) {
            Some(trail) => Some(trail),
            None => self.cold().trail(lsn)?,
        };
        self.records().decision(lsn, trail)
    }
}

/// Takes up a timeline.
fn wake(core: &mut Core, found: Found) -> Result<(), StoreError> {
    let Found { resting, events } = found;
    let (instance, key) = (resting.instance, resting.key.clone());
    let woken = core.wake(resting, &mut |lsn| events.get(&lsn).cloned());
    woken.map_err(|reason| StoreError::Timeline {
        instance,
        key: key.into(),
        reason,
    })
}
