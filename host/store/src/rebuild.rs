//! Timelines built anew from the log: all of an instance when its plugin was deployed or the cold state is
//! lost, or one whose record is damaged. Takes records, gives timelines; must not know why.

use std::collections::{HashMap, hash_map};
use std::sync::Arc;

use foreshore_core::{Core, Disposition, Input, Need, Outputs, Pipeline, Plugins, Record};
use foreshore_core::{Reply, RestingCore, RestingTimeline, Trail};
use foreshore_event::Time;
use foreshore_timeline::{Entry, Lsn};

use crate::error::StoreError;
use crate::progress::{Progress, Tell};
use crate::retention::ground;
use crate::store::Store;

/// Records between two rounds of folding and putting away.
const ROUND: u64 = 4_096;

/// The timelines of some instances, being built from the log.
pub struct Families {
    store: Arc<Store>,
    core: Core,
    instances: Vec<usize>,
    /// The record they are built through.
    through: Lsn,
}

impl Families {
    /// Begins to build those of these instances of a pipeline, by index, from record `first` on: what was
    /// stored of them is forgotten.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn new(
        store: Arc<Store>,
        pipeline: Arc<Pipeline>,
        instances: Vec<usize>,
        first: Lsn,
    ) -> Result<Families, StoreError> {
        for &instance in &instances {
            store.cold().forget_family(store.family(instance))?;
        }
        Ok(Families {
            store,
            core: Core::new(pipeline),
            instances,
            through: first.before(),
        })
    }

    /// The record they are built through.
    pub fn through(&self) -> Lsn {
        self.through
    }

    /// Builds on, through a record.
    ///
    /// # Errors
    /// When the log cannot be read or the state not be written.
    pub fn build(
        &mut self,
        through: Lsn,
        now: Time,
        plugins: &mut dyn Plugins,
        tell: &Tell<'_>,
    ) -> Result<(), StoreError> {
        if self.instances.is_empty() {
            self.through = through;
            return Ok(());
        }
        let store = self.store.clone();
        for record in store.records().from(self.through.next()) {
            let record = record?;
            let lsn = record.lsn();
            if lsn > through {
                break;
            }
            if let Record::Event { event, .. } = &record {
                let instances = &self.instances;
                store.bring(&mut self.core, |core| {
                    let mut needs = core.timelines_for(event);
                    needs.retain(
                        |need| matches!(need, Need::Timeline(at, _) if instances.contains(at)),
                    );
                    needs
                })?;
            }
            self.core.rebuild(record, &self.instances);
            self.through = lsn;
            if lsn.0 % ROUND == 0 {
                self.round(now, plugins)?;
                let (done, of) = (lsn, through);
                tell(Progress::Rebuilding { done, of });
            }
        }
        self.through = through;
        self.round(now, plugins)
    }

    /// Says of a core that its timelines are built through the log's last record.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn finish(self, core: &mut Core) -> Result<(), StoreError> {
        for instance in self.instances {
            self.store.set_complete(instance, self.through)?;
            core.take_as_complete(instance, self.through);
        }
        Ok(())
    }

    /// Folds what is owed, puts away what has changed, and lets leave what is idle.
    fn round(&mut self, now: Time, plugins: &mut dyn Plugins) -> Result<(), StoreError> {
        let (core, outputs) = (&mut self.core, &mut Outputs::default());
        while let Reply::Settled(true) = core.step(now, Input::Settle(u64::MAX), plugins, outputs) {
        }
        if let Some(leaving) = core.let_go(Time(i64::MAX), usize::MAX) {
            self.store.put_timelines(&leaving.timelines)?;
            core.arrived();
        }
        core.evict(1);
        Ok(())
    }
}

/// Everything else that is stored: the trails of decisions, and what the core keeps.
///
/// # Errors
/// When the log cannot be read or the state not be written.
pub(crate) fn own(
    store: &Store,
    first: Lsn,
    through: Lsn,
    tell: &Tell<'_>,
) -> Result<(), StoreError> {
    let mut core = RestingCore::new(Time::MIN);
    trails(store, first, through, tell, |record| match record {
        Record::Event { disposition, .. } => core.counts.add(*disposition),
        Record::Close { time, .. } => core.closed = core.closed.max(*time),
        Record::Deploy { lsn, .. } => core.deployed = *lsn,
        _ => {}
    })?;
    core.through = through;
    store.put_core(&core, through)
}

/// The trails of the decisions that can be read, from all of a log, whose records are shown on the way.
///
/// # Errors
/// When the log cannot be read or the state not be written.
pub(crate) fn trails(
    store: &Store,
    first: Lsn,
    through: Lsn,
    tell: &Tell<'_>,
    mut show: impl FnMut(&Record),
) -> Result<(), StoreError> {
    let mut trails: HashMap<Lsn, Trail> = HashMap::new();
    for record in store.records().from(first) {
        let record = record?;
        let lsn = record.lsn();
        if lsn > through {
            break;
        }
        show(&record);
        if let Some(decision) = revised(&record).filter(|decision| *decision >= first) {
            let trail = trail_of(store, &mut trails, decision)?;
            match record {
                Record::Revision { told, revision, .. } => {
                    trail.last = lsn;
                    trail.told = if told { revision.number } else { trail.told };
                }
                Record::Told { revision, .. } => trail.told = revision,
                Record::Amendment(amendment) => trail.told = amendment.revision,
                _ => {}
            }
        }
        if lsn.0 % (16 * ROUND) == 0 {
            store.put_trails(trails.drain().collect())?;
            tell(Progress::Rebuilding {
                done: lsn,
                of: through,
            });
        }
    }
    store.put_trails(trails.drain().collect())
}

/// The decision whose trail a record moves; none if it moves none.
fn revised(record: &Record) -> Option<Lsn> {
    match record {
        // Right after its event it needs no trail.
        Record::Revision { lsn, decision, .. } if *lsn == decision.0.next() => None,
        Record::Revision { decision, .. } | Record::Told { decision, .. } => Some(decision.0),
        Record::Amendment(amendment) => Some(amendment.decision.0),
        Record::Event { .. }
        | Record::Close { .. }
        | Record::Deploy { .. }
        | Record::Audit { .. } => None,
    }
}

/// The trail of a decision as the records before tell it.
fn trail_of<'a>(
    store: &Store,
    trails: &'a mut HashMap<Lsn, Trail>,
    decision: Lsn,
) -> Result<&'a mut Trail, StoreError> {
    let vacant = match trails.entry(decision) {
        hash_map::Entry::Occupied(known) => return Ok(known.into_mut()),
        hash_map::Entry::Vacant(vacant) => vacant,
    };
    let trail = match store.cold().trail(decision)? {
        Some(trail) => trail,
        // Its one revision follows the event.
        None => (store.records().decision(decision, None)?).map_or(Trail::default(), |d| d.trail),
    };
    Ok(vacant.insert(trail))
}

/// One timeline, from the first record there is, or from what a checkpoint has of it: nothing is folded.
///
/// # Errors
/// When the log does not reach back to its first record, or cannot be read.
pub(crate) fn timeline(
    store: &Store,
    core: &Core,
    instance: usize,
    key: &str,
) -> Result<RestingTimeline, StoreError> {
    let settings = &core.pipeline().instances[instance];
    let (mut timeline, mut last) = ground(store, instance, key)?;
    for record in store.records().from(last.next()) {
        match record? {
            Record::Event {
                lsn,
                arrival,
                disposition: Disposition::Admitted | Disposition::Late,
                event,
                ..
            } if event.text(settings.key) == Some(key) => {
                let scored = core.pipeline().is_scored(event.kind());
                if let Some(role) = settings.role(event.kind(), scored) {
                    let entry = Entry::new(event, lsn, role);
                    // Late then is late now: the order of arrival is the same.
                    if timeline.place(entry, arrival, &settings.timeline).is_ok() {
                        last = lsn;
                    }
                }
            }
            Record::Close { time, .. } => timeline.close(time),
            _ => {}
        }
    }
    Ok(RestingTimeline {
        instance,
        key: key.into(),
        lsn: last,
        timeline: timeline.at_rest(0),
    })
}
