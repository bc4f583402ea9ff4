//! A pipeline's feature plugins: loaded, bound to the pipeline's events, as instances under their names. Takes
//! configuration; must not know models.

use foreshore_core::Instance;
use foreshore_event::{Schema, TypeIndex};
use foreshore_plugin::{Engine, FeatureBinding, FeaturePlugin, Limits};

use crate::config::{ConfigError, InstanceConfig, PipelineConfig};
use crate::load::{FeaturePart, Place, check_name};

/// Most feature plugins of a pipeline: the log keeps a bit for each.
const INSTANCES_MAX: usize = 64;

/// The feature plugins of a pipeline, in the order of their names.
pub(super) fn features(
    at: &Place<'_>,
    engine: &Engine,
    key: &str,
    config: &PipelineConfig,
    schema: &Schema,
    limits: &Limits,
) -> Result<(Vec<FeaturePart>, Vec<Instance>), ConfigError> {
    let count = config.features.len();
    if count > INSTANCES_MAX {
        let reason = format!("{count} feature plugins; at most {INSTANCES_MAX} are possible");
        return Err(at.wrong(format!("{key}.features"), reason));
    }
    let mut parts = Vec::new();
    let mut instances = Vec::new();
    for (name, written) in &config.features {
        let key = format!("{key}.features.{name}");
        check_name(name).map_err(|reason| at.wrong(&key, reason))?;
        let part = feature(at, engine, &key, written, schema, limits)?;
        instances.push(instance(name, written, &part, schema));
        parts.push(part);
    }
    Ok((parts, instances))
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

fn instance(name: &str, written: &InstanceConfig, part: &FeaturePart, schema: &Schema) -> Instance {
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
