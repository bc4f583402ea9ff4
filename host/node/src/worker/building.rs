//! A pipeline built beside the one that runs, on a thread of its own: the timelines that changed, from the
//! log, until only a few records are left for the worker to go through. Fails without a trace.

use std::sync::Arc;

use foreshore_core::{Act, Audit};
use foreshore_store::{Families, Progress, Store, StoreError};
use foreshore_timeline::Lsn;
use tokio::sync::oneshot;

use crate::clock;
use crate::load::Loaded;
use crate::worker::deploy::DeployStage;
use crate::worker::handle::Shared;
use crate::worker::priority;
use crate::worker::request::{Request, Switch};

/// Records the worker may have to go through itself when it switches.
const LEFT_MAX: u64 = 2_000;

/// A pipeline being built beside the one that runs.
pub(super) struct Building {
    pub(super) shared: Arc<Shared>,
    pub(super) old: Arc<Loaded>,
    pub(super) loaded: Arc<Loaded>,
    pub(super) store: Arc<Store>,
    /// Instances whose timelines are built, by index.
    pub(super) changed: Vec<usize>,
    /// Whose act it is.
    pub(super) by: Box<str>,
}

impl Building {
    /// Builds, switches, and leaves word of how it went.
    pub(super) fn run(self) {
        priority::stand_back(priority::BACKGROUND);
        let shared = self.shared.clone();
        let _alone = shared.deploy.alone();
        let revision = self.loaded.pipeline.revision().to_owned();
        let pipeline = &shared.name;
        let by = self.by.clone();
        let stage = match self.build() {
            Ok(()) => {
                tracing::info!(pipeline, revision, "deployed");
                DeployStage::Idle
            }
            Err(why) => {
                tracing::error!(
                    pipeline,
                    revision,
                    "not deployed, the old one goes on: {why}"
                );
                let failed = format!("not deployed: {why}");
                let audit = Audit::new(&by, Act::Deploy, &revision, &failed);
                let (reply, _) = oneshot::channel();
                // A worker that has ended writes nothing down any more.
                let _ = shared.enqueue(Request::Audit { audit, reply });
                DeployStage::Failed(why)
            }
        };
        *shared.deploy.stage() = stage;
    }

    /// Builds what changed, then has the worker go on with it.
    fn build(self) -> Result<(), String> {
        let store = self.store.under(&self.loaded.pipeline);
        let store = Arc::new(store.map_err(|error| error.to_string())?);
        let families = self.families(&store).map_err(|error| error.to_string())?;
        let (reply, switched) = oneshot::channel();
        let request = Request::Switch(Box::new(Switch {
            loaded: self.loaded.clone(),
            store: store.clone(),
            families,
            by: self.by.clone(),
            reply,
        }));
        let stopped = "the node is stopping";
        self.shared.enqueue(request).map_err(|_| stopped)?;
        switched.blocking_recv().map_err(|_| stopped)?;
        // What only the old one had is in nobody's way; what is left of it now goes with the next deploy.
        store
            .forget_others(&self.old.pipeline)
            .map_err(|error| error.to_string())
    }

    fn families(&self, store: &Arc<Store>) -> Result<Families, StoreError> {
        let log = store.records().log();
        let first = log.range().0;
        let pipeline = self.loaded.pipeline.clone();
        let mut families = Families::new(store.clone(), pipeline, self.changed.clone(), first)?;
        if self.changed.is_empty() {
            return Ok(families);
        }
        let mut sandboxes = self.loaded.sandboxes();
        let tell = |progress: Progress| self.tell(progress);
        loop {
            let last = log.range().1;
            families.build(last, clock::now(), &mut sandboxes, &tell)?;
            let Lsn(end) = log.range().1;
            if end - last.0 <= LEFT_MAX {
                return Ok(families);
            }
        }
    }

    fn tell(&self, progress: Progress) {
        if let Progress::Rebuilding { done, of } = progress {
            let (done, of) = (done.0, of.0);
            *self.shared.deploy.stage() = DeployStage::Rebuilding { done, of };
        }
    }
}
