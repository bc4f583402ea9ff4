//! A pipeline's store as the running node meets it: log, cold state and checkpoints, and what changed put away. What
//! is brought in again is in `bring`; the log is written by the journal.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use foreshore_core::{Leaving, Manifest, Pipeline, RestingCore, RestingTimeline, Trail};
use foreshore_timeline::Lsn;

use crate::codec::{decode_core, encode_core, encode_timeline};
use crate::cold::{Batch, Cold, ColdError, Family, Key, Rested, Stored};
use crate::error::StoreError;
use crate::records::Records;
use crate::retention::Checkpoints;

/// The family of what is no timeline.
pub(crate) const OWN: Family = Family(0);

/// Where the core's own state stands.
pub(crate) const CORE: &str = "core";

/// A pipeline's store.
pub struct Store {
    /// What every manifest of its log carries.
    name: String,
    records: Records,
    cold: Arc<dyn Cold>,
    /// Beside them, what stands for records that were dropped.
    checkpoints: Checkpoints,
    /// The family of each instance's timelines.
    families: Vec<Family>,
    /// Timelines whose record was damaged and that were rebuilt.
    rebuilt: AtomicU64,
}

impl Store {
    /// A store of this pipeline's log and state.
    ///
    /// # Errors
    /// When two instances have the same digest of all they depend on.
    pub(crate) fn new(
        name: String,
        records: Records,
        cold: Arc<dyn Cold>,
        checkpoints: Checkpoints,
        pipeline: &Pipeline,
    ) -> Result<Store, StoreError> {
        let mut families: Vec<Family> = Vec::new();
        for instance in &pipeline.manifest.instances {
            let family = family(&instance.fold);
            if families.contains(&family) {
                return Err(StoreError::SameFamily(instance.name.clone()));
            }
            families.push(family);
        }
        Ok(Store {
            name,
            records,
            cold,
            checkpoints,
            families,
            rebuilt: AtomicU64::new(0),
        })
    }

    /// The same log and state, as another pipeline of the same name meets them.
    ///
    /// # Errors
    /// When two of its instances have the same digest of all they depend on.
    pub fn under(&self, pipeline: &Pipeline) -> Result<Store, StoreError> {
        let records = Records::new(self.records.log().clone(), Some(pipeline));
        let (cold, checkpoints) = (self.cold.clone(), self.checkpoints.clone());
        Store::new(self.name.clone(), records, cold, checkpoints, pipeline)
    }

    /// What the log is told of a pipeline that is deployed.
    pub fn manifest(&self, pipeline: &Pipeline) -> Arc<Manifest> {
        Arc::new(Manifest {
            log: self.name.clone(),
            ..(*pipeline.manifest).clone()
        })
    }

    /// Takes note of a timeline that was rebuilt.
    pub(crate) fn count_rebuilt(&self) {
        self.rebuilt.fetch_add(1, Ordering::Relaxed);
    }

    /// How many timelines were rebuilt because what was stored of them was damaged.
    pub fn rebuilt(&self) -> u64 {
        self.rebuilt.load(Ordering::Relaxed)
    }

    /// Bytes of the log.
    pub fn log_bytes(&self) -> u64 {
        let segments = self.records.log().segments();
        segments.iter().map(|segment| segment.bytes).sum()
    }

    /// The log, to be read.
    pub fn records(&self) -> &Records {
        &self.records
    }

    /// The state that can be rebuilt.
    pub fn cold(&self) -> &Arc<dyn Cold> {
        &self.cold
    }

    /// What stands for records that were dropped.
    pub fn checkpoints(&self) -> &Checkpoints {
        &self.checkpoints
    }

    /// What every manifest of its log carries.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// How many instances have timelines here.
    pub(crate) fn instances(&self) -> usize {
        self.families.len()
    }

    /// What the core kept, as it is stored and as it is; none before the first time.
    pub(crate) fn core(&self) -> Result<Option<(Stored, RestingCore)>, StoreError> {
        let Some(stored) = self.cold.timeline(OWN, CORE)? else {
            return Ok(None);
        };
        let lsn = stored.lsn;
        let core = decode_core(&stored.body);
        let core = core.map_err(|error| StoreError::Decode { lsn, error })?;
        Ok(Some((stored, core)))
    }

    /// Everything of the log up to here is stored.
    ///
    /// # Errors
    /// When that cannot be read.
    pub fn stored_through(&self) -> Result<Lsn, StoreError> {
        Ok(self.core()?.map_or(Lsn(0), |(_, core)| core.through))
    }

    /// The family of an instance's timelines.
    pub(crate) fn family(&self, instance: usize) -> Family {
        self.families.get(instance).copied().unwrap_or(OWN)
    }

    /// Puts away what has left a core. The log must be durable up to its basis.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn put_away(&self, leaving: Leaving) -> Result<(), StoreError> {
        // The core's own state stands for the others: it moves `through`, after all of them are there.
        self.put_timelines(&leaving.timelines)?;
        self.put_trails(leaving.trails)?;
        self.put_core(&leaving.core, leaving.basis)
    }

    pub(crate) fn put_timelines(&self, timelines: &[RestingTimeline]) -> Result<(), StoreError> {
        let rested = timelines.iter().map(|resting| {
            let mut body = Vec::new();
            encode_timeline(resting, &mut body);
            Rested {
                key: Key::new(self.family(resting.instance), &resting.key),
                lsn: resting.lsn,
                body,
            }
        });
        let timelines = rested.collect();
        self.write(Batch {
            timelines,
            ..Batch::default()
        })
    }

    pub(crate) fn put_trails(&self, trails: Vec<(Lsn, Trail)>) -> Result<(), StoreError> {
        self.write(Batch {
            trails,
            ..Batch::default()
        })
    }

    pub(crate) fn put_core(&self, core: &RestingCore, basis: Lsn) -> Result<(), StoreError> {
        let mut body = Vec::new();
        encode_core(core, &mut body);
        self.write(Batch {
            timelines: vec![Rested {
                key: Key::new(OWN, CORE),
                lsn: basis,
                body,
            }],
            through: core.through,
            ..Batch::default()
        })
    }

    /// Up to where the timelines of an instance were built, if they have been kept since: not if the pipeline
    /// was another one at the log's end.
    pub(crate) fn complete_through(
        &self,
        instance: usize,
        at_end: &Manifest,
    ) -> Result<Option<Lsn>, StoreError> {
        let mut kept = at_end
            .instances
            .iter()
            .map(|instance| family(&instance.fold));
        if !kept.any(|family| family == self.family(instance)) {
            return Ok(None);
        }
        match self.cold.timeline(OWN, &self.mark(instance)) {
            // Where they can be built from the log; where not, there is a checkpoint to begin with.
            Err(ColdError::Damaged(_)) if self.records.log().range().0 <= Lsn(1) => Ok(None),
            stored => {
                let kept = stored?.filter(|stored| stored.body.is_empty());
                Ok(kept.map(|stored| stored.lsn))
            }
        }
    }

    /// Notes that the timelines of a family are not kept any more.
    fn unmark(&self, family: Family) -> Result<(), StoreError> {
        let rested = Rested {
            key: Key::new(OWN, &mark_of(family)),
            lsn: Lsn(0),
            body: b"not kept".to_vec(),
        };
        self.write(Batch {
            timelines: vec![rested],
            ..Batch::default()
        })
    }

    /// Notes that the timelines of an instance are built.
    pub(crate) fn set_complete(&self, instance: usize, lsn: Lsn) -> Result<(), StoreError> {
        let key = Key::new(OWN, &self.mark(instance));
        self.write(Batch {
            timelines: vec![Rested {
                key,
                lsn,
                body: Vec::new(),
            }],
            ..Batch::default()
        })
    }

    /// Forgets the timelines of the instances of a pipeline that this one does not have.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn forget_others(&self, before: &Pipeline) -> Result<(), StoreError> {
        for instance in &before.manifest.instances {
            let family = family(&instance.fold);
            if !self.families.contains(&family) {
                self.unmark(family)?;
                self.cold.forget_family(family)?;
            }
        }
        Ok(())
    }

    pub(crate) fn mark(&self, instance: usize) -> String {
        mark_of(self.family(instance))
    }

    pub(crate) fn write(&self, batch: Batch) -> Result<(), StoreError> {
        Ok(self.cold.write(batch)?)
    }
}

/// The family of timelines with this digest of all they depend on: its first 32 bits. Those of one pipeline
/// are told apart when it is opened.
pub(crate) fn family(fold: &str) -> Family {
    let digits = fold.get(..8).unwrap_or(fold);
    Family(u32::from_str_radix(digits, 16).unwrap_or(1).max(1))
}

/// Where it stands that the timelines of a family are kept.
fn mark_of(family: Family) -> String {
    format!("family-{}", family.0)
}
