//! From configuration to pipelines ready to run: loads every plugin, binds it to the pipeline's events,
//! resolves every name. Takes the file as written; gives `Loaded`, or the key at fault. Starts nothing.

mod models;
mod schema;
mod settings;

/// The loaded pipeline, as people read it.
pub mod summary;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use foreshore_core::{Instance, Layout, Pipeline};
use foreshore_event::{Schema, TypeIndex};
use foreshore_plugin::{
    Digest, Engine, EngineSettings, FeatureBinding, FeaturePlugin, Limits, ModelPlugin,
    SandboxSettings,
};

use crate::config::{Config, ConfigError, InstanceConfig, PipelineConfig};
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
    /// Requests that may wait for the pipeline's thread.
    pub queue_max: usize,
    /// Published amendments kept.
    pub amendments_kept: usize,
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
}

/// Loads every pipeline of a configuration file.
///
/// # Errors
/// The first key whose value does not hold: a file that is not there, a plugin that does not fit, a name
/// nothing answers to.
pub fn load(file: &Path, config: &Config) -> Result<Vec<Loaded>, ConfigError> {
    let folder = file.parent().unwrap_or(Path::new("")).to_owned();
    let at = Place { file, folder };
    // Every plugin of every pipeline holds one warm instance, and a fresh one while it is checked.
    let plugins: usize = config
        .pipelines
        .values()
        .map(|p| p.features.len() + p.models.len())
        .sum();
    let settings = EngineSettings {
        cache: config
            .store
            .compiled
            .as_ref()
            .map(|compiled| at.folder.join(compiled)),
        instances: u32::try_from(plugins.max(1) * 2 + 2).unwrap_or(u32::MAX),
    };
    let engine = Engine::new(settings).map_err(|error| at.wrong("store.compiled", error))?;
    let pipelines = config.pipelines.iter();
    pipelines
        .map(|(name, pipeline)| load_pipeline(&at, &engine, name, pipeline))
        .collect()
}

/// Where configuration comes from, for its messages and its relative paths.
struct Place<'a> {
    file: &'a Path,
    folder: PathBuf,
}

impl Place<'_> {
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

fn load_pipeline(
    at: &Place<'_>,
    engine: &Engine,
    name: &str,
    config: &PipelineConfig,
) -> Result<Loaded, ConfigError> {
    let key = format!("pipelines.{name}");
    let schema = schema::schema(at, &key, config)?;
    let sandbox = settings::sandbox(config);
    let limits = &sandbox.limits;
    let mut features = Vec::new();
    let mut instances = Vec::new();
    for (instance, written) in &config.features {
        let key = format!("{key}.features.{instance}");
        check_name(instance).map_err(|reason| at.wrong(&key, reason))?;
        let part = feature(at, engine, &key, written, &schema, limits)?;
        instances.push(instance_of(instance, written, &part, &schema));
        features.push(part);
    }
    let named = instances
        .iter()
        .map(|i: &Instance| (i.name.as_str(), i.features.as_slice()));
    let layout = Layout::new(&schema, named);
    let (models, described) = models::models(at, engine, &key, config, &layout, limits)?;
    let digests = features.iter().map(|part| part.plugin.digest());
    let revision = revision(
        config,
        digests.chain(models.iter().map(|part| part.plugin.digest())),
    );
    let scored = schema
        .types()
        .iter()
        .map(|name| config.scored.contains(name))
        .collect();
    let pipeline = Pipeline {
        name: name.to_owned(),
        revision,
        scored,
        instances,
        models: described,
        layout,
        policy: settings::policy(at, &key, config)?,
        amend: settings::amend(config),
        future_max: config.future_max.0,
        close_after: config.close_after.map(|length| length.0),
        lag_max: config.limits.lag_max,
        hot_bytes_max: config.limits.hot.0,
        breaker: settings::breaker(config),
        schema: Arc::new(schema),
    };
    Ok(Loaded {
        pipeline: Arc::new(pipeline),
        features,
        models,
        sandbox,
        deadline: config.limits.deadline.duration(),
        queue_max: config.limits.queue_max.max(1),
        amendments_kept: config.amendments_kept,
    })
}

fn feature(
    at: &Place<'_>,
    engine: &Engine,
    key: &str,
    written: &InstanceConfig,
    schema: &Schema,
    limits: &Limits,
) -> Result<FeaturePart, ConfigError> {
    let (file, bytes) = at.component(key, &written.file)?;
    let plugin = FeaturePlugin::load(engine, &bytes, limits).map_err(|error| {
        at.wrong(
            format!("{key}.file"),
            format!("{}: {error}", file.display()),
        )
    })?;
    let mut description = plugin.description().clone();
    if let Some(own) = &written.key {
        description.key.clone_from(own);
    }
    let binding =
        FeatureBinding::new(&description, schema).map_err(|error| at.wrong(key, error))?;
    Ok(FeaturePart {
        plugin,
        binding,
        key: description.key,
        file,
    })
}

fn instance_of(
    name: &str,
    written: &InstanceConfig,
    part: &FeaturePart,
    schema: &Schema,
) -> Instance {
    let kinds = (0..schema.types().len()).map(|at| TypeIndex(at as u16));
    let features = &part.plugin.description().features;
    Instance {
        name: name.to_owned(),
        key: part.binding.key_slot,
        applies: kinds.map(|kind| part.binding.applies(kind)).collect(),
        features: features
            .iter()
            .map(|feature| feature.name.clone())
            .collect(),
        timeline: foreshore_timeline::Settings {
            lateness: written.lateness.0,
            foreshore_max: written.foreshore_max,
            checkpoint_bytes_max: written.checkpoint_bytes_max.0,
        },
    }
}

/// Names of instances stand before the dot in `customer.spent_1h`.
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

/// The digest of everything a decision can depend on.
fn revision<'a>(config: &PipelineConfig, digests: impl Iterator<Item = &'a Digest>) -> String {
    let mut text = format!("{config:?}");
    digests.for_each(|digest| text.push_str(&digest.to_string()));
    let mut revision = Digest::of(text.as_bytes()).to_string();
    revision.truncate(REVISION_CHARS);
    revision
}

/// Hex digits of a pipeline revision: 64 bits tell the revisions of one pipeline apart.
const REVISION_CHARS: usize = 16;
