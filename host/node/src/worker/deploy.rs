//! Another pipeline in place of the one that runs: what changed is built from the log beside it, then the
//! worker goes on as the new one. Until then the old one serves, and if anything fails it simply goes on.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use foreshore_core::{Act, Audit, Pipeline};

use crate::clock;
use crate::config::ConfigError;
use crate::load::Loaded;
use crate::worker::building::Building;
use crate::worker::handle::{Handle, Unavailable};

/// What a deploy came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deployed {
    /// Configuration and components are those that run.
    Unchanged,
    /// It has begun; the old pipeline serves until it is done.
    Begun {
        /// The pipeline revision that runs.
        from: String,
        /// The one that is to run.
        to: String,
        /// Feature plugins whose timelines are rebuilt first, by name.
        rebuilding: Vec<String>,
    },
}

/// Why a deploy has not begun.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeployRefused {
    /// The configuration does not hold.
    #[error("the configuration does not hold: {0}")]
    Configuration(String),
    /// Another one is under way.
    #[error("a deploy of this pipeline is under way")]
    UnderWay,
    /// The timelines of a changed plugin cannot be rebuilt from what the log still has.
    #[error("{0}")]
    CannotRebuild(String),
    /// The pipeline gave no reply.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// How far the last deploy has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum DeployStage {
    /// None is under way.
    #[default]
    Idle,
    /// Timelines are rebuilt.
    Rebuilding {
        /// Log records gone through.
        done: u64,
        /// Log records to go through.
        of: u64,
    },
    /// It failed, for this reason; the old pipeline goes on.
    Failed(String),
}

/// Reads the pipeline's configuration and components anew.
pub type Reload = Box<dyn Fn() -> Result<Loaded, ConfigError> + Send + Sync>;

/// What a pipeline keeps to be deployed anew.
pub struct Deploy {
    reload: Reload,
    stage: Mutex<DeployStage>,
    alone: Mutex<()>,
}

impl Deploy {
    /// None under way.
    pub(super) fn new(reload: Reload) -> Deploy {
        Deploy {
            reload,
            stage: Mutex::default(),
            alone: Mutex::default(),
        }
    }

    /// Held by whoever reads the log from its beginning, or gives that up: never both at a time.
    pub(super) fn alone(&self) -> MutexGuard<'_, ()> {
        self.alone.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn stage(&self) -> MutexGuard<'_, DeployStage> {
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Handle {
    /// How far the last deploy has come.
    pub fn deploy_stage(&self) -> DeployStage {
        self.shared().deploy.stage().clone()
    }

    /// Begins to deploy what the configuration file now says: an act of this operator. One that comes to nothing
    /// is written down here; the others are with their deploy.
    ///
    /// # Errors
    /// When it does not hold, or cannot be deployed now; the pipeline goes on as it was.
    pub async fn deploy(&self, by: &str) -> Result<Deployed, DeployRefused> {
        let (handle, whose) = (self.clone(), by.into());
        let begun = tokio::task::spawn_blocking(move || begin(&handle, whose)).await;
        let begun = begun.unwrap_or(Err(DeployRefused::Unavailable(Unavailable::Stopped)));
        let outcome = match &begun {
            Ok(Deployed::Begun { .. }) => return begun,
            Ok(Deployed::Unchanged) => "unchanged".to_owned(),
            Err(DeployRefused::Unavailable(reason)) => return Err((*reason).into()),
            Err(refused) => format!("refused: {refused}"),
        };
        let revision = self.loaded().pipeline.revision().to_owned();
        let audit = Audit::new(by, Act::Deploy, &revision, &outcome);
        if let Err(error) = self.audit(audit).await {
            let pipeline = self.name();
            tracing::warn!(
                pipeline,
                by,
                outcome,
                "a deploy was not written down: {error}"
            );
        }
        begun
    }
}

fn begin(handle: &Handle, by: Box<str>) -> Result<Deployed, DeployRefused> {
    let shared = handle.shared().clone();
    shared.commits.check_room()?;
    {
        let mut stage = shared.deploy.stage();
        if matches!(*stage, DeployStage::Rebuilding { .. }) {
            return Err(DeployRefused::UnderWay);
        }
        *stage = DeployStage::Rebuilding { done: 0, of: 0 };
    }
    // Loading takes its time: whoever asks how far it is must not wait for it.
    let begun = prepare(handle, by).and_then(|(deployed, building)| {
        let Some(building) = building else {
            *shared.deploy.stage() = DeployStage::Idle;
            return Ok(deployed);
        };
        let thread = std::thread::Builder::new().name(format!("deploy-{}", shared.name));
        let spawned = thread.spawn(move || building.run());
        let failed = |error| DeployRefused::CannotRebuild(format!("start a thread: {error}"));
        spawned.map(|_| deployed).map_err(failed)
    });
    begun.inspect_err(|_| *shared.deploy.stage() = DeployStage::Idle)
}

/// Loads what the configuration now says; with what is to be built, if that is another pipeline.
fn prepare(handle: &Handle, by: Box<str>) -> Result<(Deployed, Option<Building>), DeployRefused> {
    let shared = handle.shared().clone();
    let loaded = (shared.deploy.reload)();
    let loaded = loaded.map_err(|error| DeployRefused::Configuration(error.to_string()))?;
    let old = handle.loaded();
    if loaded.pipeline.revision() == old.pipeline.revision() {
        return Ok((Deployed::Unchanged, None));
    }
    let Some(store) = shared.store.get().cloned() else {
        let reason =
            "without store.folder there is no log to rebuild timelines from; restart the node";
        return Err(DeployRefused::CannotRebuild(reason.to_owned()));
    };
    let changed = changed(&old.pipeline, &loaded.pipeline);
    let reach = store.check_reach(&loaded.pipeline, &changed, &loaded.horizons(), clock::now());
    reach.map_err(|error| DeployRefused::CannotRebuild(error.to_string()))?;
    let name = |at: &usize| loaded.pipeline.instances[*at].name.clone();
    let begun = Deployed::Begun {
        from: old.pipeline.revision().to_owned(),
        to: loaded.pipeline.revision().to_owned(),
        rebuilding: changed.iter().map(name).collect(),
    };
    let building = Building {
        shared,
        old,
        loaded: Arc::new(loaded),
        store,
        changed,
        by,
    };
    Ok((begun, Some(building)))
}

/// Instances whose timelines are not those of any instance of the old pipeline.
fn changed(old: &Pipeline, new: &Pipeline) -> Vec<usize> {
    let known = |fold: &str| old.manifest.instances.iter().any(|had| had.fold == fold);
    let instances = new.manifest.instances.iter().enumerate();
    let changed = instances.filter(|(_, instance)| !known(&instance.fold));
    changed.map(|(at, _)| at).collect()
}
