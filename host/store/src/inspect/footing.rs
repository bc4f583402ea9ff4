//! What a log whose oldest part was dropped stands on, for somebody who makes again what it says: the newest
//! checkpoint it goes on from. Takes a view and a pipeline, gives timelines at rest; changes nothing.

use std::ops::ControlFlow;
use std::path::Path;

use foreshore_core::{Manifest, Pipeline, RestingCore, RestingTimeline};
use foreshore_timeline::Lsn;

use super::view::View;
use crate::checkpoint::Reader;
use crate::codec::{decode_core, decode_manifest, decode_timeline};
use crate::cold::{Family, Stored};
use crate::error::StoreError;
use crate::retention::Checkpoints;
use crate::store::{CORE, OWN, family};

/// A checkpoint that the view of a log goes on from.
pub struct Footing {
    reader: Reader,
    core: RestingCore,
    through: Lsn,
    under: Manifest,
    /// The family of each instance's timelines.
    families: Vec<Family>,
}

impl Footing {
    /// What the log in a pipeline's folder stands on; none if it has its first record.
    ///
    /// # Errors
    /// When no checkpoint is one it goes on from, or none of its timelines are those of a plugin the pipeline has.
    pub fn of(
        view: &View,
        folder: &Path,
        pipeline: &Pipeline,
    ) -> Result<Option<Footing>, StoreError> {
        let (first, last) = view.log().range();
        if first <= Lsn(1) {
            return Ok(None);
        }
        let manifest_at = |lsn| -> Result<Manifest, StoreError> {
            let manifest = decode_manifest(&view.log().preamble_at(lsn)?);
            manifest.map_err(|error| StoreError::Decode { lsn, error })
        };
        let checkpoints = Checkpoints::new(view.shared_disk(), folder.to_owned());
        let missing = |tried| StoreError::Missing {
            from: Lsn(1),
            to: first.before(),
            tried,
        };
        let usable = checkpoints.usable(&manifest_at(last)?.log, first, last);
        let (reader, through) = usable.map_err(missing)?;
        let core = reader.find(OWN, CORE)?;
        let core = core.ok_or_else(|| missing("; the checkpoint lacks the core's state".into()))?;
        let lsn = core.lsn;
        let core = decode_core(&core.body).map_err(|error| StoreError::Decode { lsn, error })?;
        let instances = &pipeline.manifest.instances;
        Ok(Some(Footing {
            under: manifest_at(first)?,
            families: instances.iter().map(|one| family(&one.fold)).collect(),
            reader,
            core,
            through,
        }))
    }

    /// What the core kept: all its timelines hold everything up to its `through`.
    pub fn core(&self) -> RestingCore {
        self.core
    }

    /// The last record that any of its timelines holds. What was said up to here cannot be made again from it.
    pub fn through(&self) -> Lsn {
        self.through
    }

    /// What the log's first record was written under.
    pub fn under(&self) -> &Manifest {
        &self.under
    }

    /// The first feature plugin of a pipeline whose timelines it does not have.
    ///
    /// # Errors
    /// When what the checkpoint says of itself is no manifest.
    pub fn lacks<'a>(&self, pipeline: &'a Pipeline) -> Result<Option<&'a str>, StoreError> {
        let lsn = self.core.through;
        let held = decode_manifest(&self.reader.head().manifest);
        let held = held.map_err(|error| StoreError::Decode { lsn, error })?;
        let is_held = |fold: &str| held.instances.iter().any(|held| held.fold == *fold);
        let mut instances = pipeline.manifest.instances.iter();
        let lacked = instances.find(|instance| !is_held(&instance.fold));
        Ok(lacked.map(|instance| instance.name.as_str()))
    }

    /// The timeline of an instance and a key, if there was one.
    ///
    /// # Errors
    /// When the checkpoint cannot be read.
    pub fn timeline(
        &self,
        instance: usize,
        key: &str,
    ) -> Result<Option<RestingTimeline>, StoreError> {
        let Some(family) = self.families.get(instance) else {
            return Ok(None);
        };
        let found = self.reader.find(*family, key)?;
        found
            .map(|stored| resting(instance, key, &stored))
            .transpose()
    }

    /// Shows all timelines of the pipeline, until one is not taken.
    ///
    /// # Errors
    /// When the checkpoint cannot be read, or what `take` says.
    pub fn timelines<E: From<StoreError>>(
        &self,
        mut take: impl FnMut(RestingTimeline) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut outcome = Ok(());
        let shown = self.reader.timelines(|key, stored| {
            let instance = self
                .families
                .iter()
                .position(|family| *family == key.family);
            let Some(instance) = instance else {
                return ControlFlow::Continue(());
            };
            let resting = resting(instance, &key.key, &stored);
            outcome = resting.map_err(E::from).and_then(&mut take);
            match outcome {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            }
        });
        shown.map_err(StoreError::from)?;
        outcome
    }
}

fn resting(instance: usize, key: &str, stored: &Stored) -> Result<RestingTimeline, StoreError> {
    let lsn = stored.lsn;
    let resting = decode_timeline(instance, key, lsn, &stored.body);
    resting.map_err(|error| StoreError::Decode { lsn, error })
}
