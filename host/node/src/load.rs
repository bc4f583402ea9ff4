//! From configuration to pipelines ready to run: loads every plugin, binds it to the pipeline's events,
//! resolves every name. Takes the file as written; gives `Loaded`, or the key at fault. Starts nothing.

mod cpu;
mod features;
mod manifest;
mod models;
mod retention;
mod schema;
mod settings;
mod storage;

/// The loaded pipeline, as people read it.
pub mod summary;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use foreshore_core::{AmendPolicy, Layout, Pipeline, Policy};
use foreshore_event::{Schema, Span};
use foreshore_plugin::{
    Compiler, Engine, EngineSettings, FeatureBinding, FeaturePlugin, ModelPlugin, SandboxSettings,
};

use foreshore_store::retention::Retention;
pub use storage::storage;

use crate::compiler;
use crate::config::{self, Config, ConfigError, PipelineConfig};
use crate::worker::sandboxes::Sandboxes;

/// A pipeline ready to run.
pub struct Loaded {
    /// What the core runs by.
    pub pipeline: Arc<Pipeline>,
    /// Feature plugins, in the order of the pipeline's instances.
    pub features: Vec<FeaturePart>,
    /// Models, in the order of the pipeline's models.
    pub models: Vec<ModelPart>,
    /// How every plugin is run.
    pub sandbox: SandboxSettings,
    /// Time a score request has.
    pub deadline: Duration,
    /// Whether the node has no other pipeline.
    pub is_alone: bool,
    /// Time of a processor that its thread may use in every second; none: no limit.
    pub cpu: Option<Duration>,
    /// Requests that may wait for the pipeline's thread.
    pub queue_max: usize,
    /// Published amendments kept.
    pub amendments_kept: usize,
    /// How much of its log is kept.
    pub retention: Retention,
    /// How long an event that is sent again is known.
    pub identity_retention: Span,
    /// Folder of its log and state; none: it outlives nothing.
    pub folder: Option<PathBuf>,
}

/// A feature plugin bound to its pipeline.
pub struct FeaturePart {
    /// The plugin.
    pub plugin: FeaturePlugin,
    /// Where in an event it finds what it reads.
    pub binding: FeatureBinding,
    /// Name of its key field.
    pub key: String,
    /// The file it came from.
    pub file: PathBuf,
}

/// A model of a pipeline.
pub struct ModelPart {
    /// The plugin.
    pub plugin: ModelPlugin,
    /// The file it came from.
    pub file: PathBuf,
}

impl Loaded {
    /// Fresh sandboxes for a thread to own.
    pub fn sandboxes(&self) -> Sandboxes {
        let features = self.features.iter();
        let models = self.models.iter();
        Sandboxes {
            features: features
                .map(|part| {
                    part.plugin
                        .sandbox(part.binding.clone(), self.sandbox.clone())
                })
                .collect(),
            models: models
                .map(|part| part.plugin.sandbox(self.sandbox.clone()))
                .collect(),
        }
    }

    /// How far back each feature plugin needs events when its timelines are built anew; none: from the first.
    pub fn horizons(&self) -> Vec<Option<Span>> {
        let features = self.features.iter();
        features
            .map(|part| part.plugin.description().horizon)
            .collect()
    }
}

/// Loads every pipeline of a configuration file.
///
/// # Errors
/// The first key whose value does not hold: a file that is not there, a plugin that does not fit, a name
/// nothing answers to.
pub fn load(file: &Path, config: &Config) -> Result<Vec<Loaded>, ConfigError> {
    load_by(compiler::own(), file, config)
}

/// As [`load`], with another compiler than this program: for programs that are not the node.
///
/// # Errors
/// As [`load`].
pub fn load_by(
    compiler: Compiler,
    file: &Path,
    config: &Config,
) -> Result<Vec<Loaded>, ConfigError> {
    load_some(compiler, file, config, |_| true)
}

/// Loads those of a file's pipelines that are `wanted` by name.
fn load_some(
    compiler: Compiler,
    file: &Path,
    config: &Config,
    wanted: impl Fn(&str) -> bool,
) -> Result<Vec<Loaded>, ConfigError> {
    let at = Place::of(file, config);
    // Every plugin of every pipeline holds one warm instance, and a fresh one while it is checked.
    let pipelines = config.pipelines.iter().filter(|(name, _)| wanted(name));
    let plugins = pipelines
        .clone()
        .map(|(_, p)| p.features.len() + p.models.len());
    let plugins: usize = plugins.sum();
    let settings = EngineSettings {
        cache: config
            .store
            .compiled
            .as_ref()
            .map(|compiled| at.folder.join(compiled)),
        instances: u32::try_from(plugins.max(1) * 2 + 2).unwrap_or(u32::MAX),
        compiler,
    };
    let engine = Engine::new(settings).map_err(|error| at.wrong("store.compiled", error))?;
    pipelines
        .map(|(name, pipeline)| load_pipeline(&at, &engine, name, pipeline))
        .collect()
}

/// Checks all that can be wrong with a configuration whatever its plugins are; reads no file.
///
/// # Errors
/// The first key whose value does not hold.
pub fn check(file: &Path, config: &Config) -> Result<(), ConfigError> {
    let at = Place::of(file, config);
    let mut pipelines = config.pipelines.iter();
    pipelines.try_for_each(|(name, pipeline)| Outline::of(&at, name, pipeline).map(drop))
}

/// Loads one pipeline of a configuration file anew.
///
/// # Errors
/// As [`load`], and when the file does not have it any more.
pub fn reload(file: &Path, pipeline: &str) -> Result<Loaded, ConfigError> {
    let config = config::read(file)?;
    load_some(compiler::own(), file, &config, |name| name == pipeline)?
        .pop()
        .ok_or_else(|| ConfigError::Wrong {
            file: file.to_owned(),
            key: format!("pipelines.{pipeline}"),
            reason: "it is not there any more; stop the node to take a pipeline away".to_owned(),
        })
}

/// Where configuration comes from, for its messages and its relative paths.
struct Place<'a> {
    file: &'a Path,
    folder: PathBuf,
    store: Option<PathBuf>,
    /// How many pipelines the node has.
    pipelines: usize,
}

impl<'a> Place<'a> {
    fn of(file: &'a Path, config: &Config) -> Place<'a> {
        let folder = file.parent().unwrap_or(Path::new("")).to_owned();
        Place {
            store: config.store.folder.as_ref().map(|store| folder.join(store)),
            file,
            folder,
            pipelines: config.pipelines.len(),
        }
    }

    fn wrong(&self, key: impl Into<String>, reason: impl ToString) -> ConfigError {
        let (file, key) = (self.file.to_owned(), key.into());
        ConfigError::Wrong {
            file,
            key,
            reason: reason.to_string(),
        }
    }

    /// A component's bytes.
    fn component(&self, key: &str, file: &Path) -> Result<(PathBuf, Vec<u8>), ConfigError> {
        let path = self.folder.join(file);
        let bytes = fs::read(&path).map_err(|error| {
            self.wrong(
                format!("{key}.file"),
                format!(
                    "read {}: {error}; `foreshore build` writes components",
                    path.display()
                ),
            )
        })?;
        Ok((path, bytes))
    }
}

/// A pipeline as far as it is known without its plugins: what is wrong here is told before any is compiled.
struct Outline {
    key: String,
    schema: Schema,
    policy: Policy,
    amend: AmendPolicy,
    retention: Retention,
    cpu: Option<Duration>,
}

impl Outline {
    fn of(at: &Place<'_>, name: &str, config: &PipelineConfig) -> Result<Outline, ConfigError> {
        let key = format!("pipelines.{name}");
        check_name(name).map_err(|reason| at.wrong(&key, reason))?;
        Ok(Outline {
            schema: schema::schema(at, &key, config)?,
            policy: settings::policy(at, &key, config)?,
            amend: settings::amend(at, &key, config)?,
            retention: retention::retention(at, &key, config)?,
            cpu: cpu::budget(at, &key, config)?,
            key,
        })
    }
}

fn load_pipeline(
    at: &Place<'_>,
    engine: &Engine,
    name: &str,
    config: &PipelineConfig,
) -> Result<Loaded, ConfigError> {
    let Outline {
        key,
        schema,
        policy,
        amend,
        retention,
        cpu,
    } = Outline::of(at, name, config)?;
    let sandbox = settings::sandbox(at, &key, config)?;
    let limits = &sandbox.limits;
    let (features, instances) = features::features(at, engine, &key, config, &schema, limits)?;
    let named = instances
        .iter()
        .map(|instance| (instance.name.as_str(), instance.features.as_slice()));
    let layout = Layout::new(&schema, named);
    let (models, described) = models::models(at, engine, &key, config, &layout, limits)?;
    let scored = schema
        .types()
        .iter()
        .map(|name| config.scored.contains(name))
        .collect();
    let mut pipeline = Pipeline {
        name: name.to_owned(),
        manifest: Arc::default(),
        scored,
        instances,
        models: described,
        layout,
        policy,
        amend,
        future_max: config.future_max.0,
        close_after: config.close_after.map(|length| length.0),
        lag_max: config.limits.lag_max,
        hot_bytes_max: config.limits.hot.0,
        breaker: settings::breaker(config),
        schema: Arc::new(schema),
    };
    let manifest = manifest::manifest(config, &pipeline, &features, &models);
    pipeline.manifest = Arc::new(manifest);
    Ok(Loaded {
        pipeline: Arc::new(pipeline),
        features,
        models,
        sandbox,
        deadline: config.limits.deadline.duration(),
        is_alone: at.pipelines < 2,
        cpu,
        queue_max: config.limits.queue_max.max(1),
        amendments_kept: config.amendments_kept,
        retention,
        identity_retention: config.identity_retention.0,
        folder: at.store.as_ref().map(|store| store.join(name)),
    })
}

/// Names of instances stand before the dot in `customer.spent_1h`; those of pipelines are folders of the store.
fn check_name(name: &str) -> Result<(), String> {
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
    match name {
        "event" => {
            Err("`event` names the event's own fields; call the plugin something else".into())
        }
        name if name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(good) => {
            Ok(())
        }
        name => Err(format!(
            "`{name}`: use lower case letters, digits, - and _, starting with a letter"
        )),
    }
}
