//! The checkpoints of a pipeline, in its folder: one written from the state as it is stored, and those there are,
//! found again. The timelines in them are as cold state keeps them.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use foreshore_core::Pipeline;
use foreshore_timeline::Lsn;

use super::rests::rests_on;
use crate::checkpoint::{self, CheckpointError, Head, Reader, Writer};
use crate::cold::{Cold, ColdError, Damage, Family, Key, Stored};
use crate::disk::{Disk, DiskError};
use crate::error::StoreError;
use crate::journal::preamble;
use crate::store::{CORE, OWN, Store};

/// Checkpoints kept.
const KEPT: usize = 2;

/// A pipeline's checkpoints.
#[derive(Clone)]
pub struct Checkpoints {
    pub(super) disk: Arc<dyn Disk>,
    pub(super) folder: PathBuf,
}

/// A checkpoint that was written and read back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// Every record up to here is in it.
    pub lsn: Lsn,
    /// Its timelines name no record below: what lies before may go.
    pub rests_from: Lsn,
    /// Its bytes.
    pub bytes: u64,
    /// Its timelines.
    pub timelines: u64,
}

impl Checkpoints {
    /// Those in the folder of a pipeline.
    pub(crate) fn new(disk: Arc<dyn Disk>, folder: PathBuf) -> Checkpoints {
        Checkpoints { disk, folder }
    }

    /// The disk they are on, as is the log.
    pub(crate) fn disk(&self) -> &dyn Disk {
        &*self.disk
    }

    /// Those there are, newest first.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub(super) fn newest_first(&self) -> Result<Vec<(Lsn, PathBuf)>, DiskError> {
        let mut all = checkpoint::list(&*self.disk, &self.folder)?;
        all.reverse();
        Ok(all)
    }

    /// Bytes of the newest; 0 if there is none that can be read.
    pub fn newest_bytes(&self) -> u64 {
        let newest = self
            .newest_first()
            .ok()
            .and_then(|all| all.into_iter().next());
        let opened = newest.and_then(|(_, path)| Reader::open(&*self.disk, &path).ok());
        opened.map_or(0, |reader| reader.bytes())
    }

    /// Takes all but the newest away, and what was left by writers that did not come to an end.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn tidy(&self) -> Result<(), DiskError> {
        checkpoint::sweep(&*self.disk, &self.folder)?;
        for (_, path) in self.newest_first()?.into_iter().skip(KEPT) {
            self.disk.remove(&path)?;
        }
        self.disk.sync_folder(&self.folder)
    }
}

impl Store {
    /// Writes a checkpoint of what is stored, for the records before `before` to go; none as long as they would
    /// be replayed by a restart. Nobody else may write one meanwhile.
    ///
    /// # Errors
    /// When a stored timeline is damaged, or the disk refuses: there is no new checkpoint then.
    pub fn checkpoint(
        &self,
        pipeline: &Pipeline,
        before: Lsn,
    ) -> Result<Option<Written>, StoreError> {
        // First of all: what it says is stored is in every timeline found after it.
        let Some((stored, core)) = self.core()? else {
            return Ok(None);
        };
        if core.through.next() < before {
            return Ok(None);
        }
        let Checkpoints { disk, folder } = self.checkpoints();
        let head = Head {
            log: self.name().as_bytes().to_vec(),
            lsn: core.through,
            closed: core.closed,
            manifest: preamble(&self.manifest(pipeline)),
        };
        let mut round = Round {
            writer: Writer::create(disk.clone(), folder, &head)?,
            rests_from: core.through.next(),
        };
        round.add(Key::new(OWN, CORE), &stored)?;
        let mut marks: Vec<usize> = (0..self.instances()).collect();
        marks.sort_by_key(|instance| self.mark(*instance));
        for instance in marks {
            let mark = self.mark(instance);
            if let Some(stored) = self.cold().timeline(OWN, &mark)? {
                round.add(Key::new(OWN, &mark), &stored)?;
            }
        }
        let mut families: Vec<Family> = (0..self.instances()).map(|at| self.family(at)).collect();
        families.sort_unstable();
        for family in families {
            round.family(&**self.cold(), family)?;
        }
        let reader = round.writer.finish()?;
        Ok(Some(Written {
            lsn: core.through,
            rests_from: round.rests_from,
            bytes: reader.bytes(),
            timelines: reader.count(),
        }))
    }
}

/// A checkpoint being written.
struct Round {
    writer: Writer,
    rests_from: Lsn,
}

impl Round {
    fn add(&mut self, key: Key, stored: &Stored) -> Result<(), CheckpointError> {
        self.writer.add(key, stored.lsn, &stored.body)
    }

    /// Adds the timelines of a family.
    fn family(&mut self, cold: &dyn Cold, family: Family) -> Result<(), StoreError> {
        let mut outcome = Ok(());
        cold.timelines(Some(family), None, &mut |key, stored| {
            outcome = self.timeline(key, stored);
            match outcome {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            }
        })?;
        outcome
    }

    fn timeline(&mut self, key: Key, stored: Result<Stored, Damage>) -> Result<(), StoreError> {
        let stored = stored.map_err(ColdError::from)?;
        let lsn = stored.lsn;
        let rests = rests_on(&key, &stored);
        let rests = rests.map_err(|error| StoreError::Decode { lsn, error })?;
        self.rests_from = rests.map_or(self.rests_from, |lowest| lowest.min(self.rests_from));
        Ok(self.add(key, &stored)?)
    }
}
