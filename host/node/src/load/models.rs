//! A pipeline's models: loaded, their inputs resolved to places in the vector, the deciding one first.

use foreshore_core::{Layout, Model};
use foreshore_plugin::{Engine, Limits, ModelPlugin};

use crate::config::{ConfigError, ModelConfig, PipelineConfig};
use crate::load::{ModelPart, Place, check_name};

/// The models of a pipeline, the deciding one first.
pub(super) fn models(
    at: &Place<'_>,
    engine: &Engine,
    key: &str,
    config: &PipelineConfig,
    layout: &Layout,
    limits: &Limits,
) -> Result<(Vec<ModelPart>, Vec<Model>), ConfigError> {
    let mut ordered: Vec<(&String, &ModelConfig)> = config.models.iter().collect();
    let deciding = ordered
        .iter()
        .filter(|(_, written)| written.decides)
        .count();
    if ordered.is_empty() || deciding > 1 || (deciding == 0 && ordered.len() > 1) {
        let reason = format!(
            "{} models, {deciding} with decides = true; exactly one decides, the others are recorded",
            ordered.len()
        );
        return Err(at.wrong(format!("{key}.models"), reason));
    }
    ordered.sort_by_key(|(_, written)| !written.decides);
    let mut parts = Vec::new();
    let mut models = Vec::new();
    for (name, written) in ordered {
        let key = format!("{key}.models.{name}");
        check_name(name).map_err(|reason| at.wrong(&key, reason))?;
        let (file, bytes) = at.component(&key, &written.file)?;
        let plugin = ModelPlugin::load(engine, &bytes, limits).map_err(|error| {
            at.wrong(
                format!("{key}.file"),
                format!("{}: {error}", file.display()),
            )
        })?;
        let description = plugin.description();
        let inputs = description.inputs.iter().map(|input| layout.resolve(input));
        let model = Model {
            name: name.clone(),
            inputs: inputs
                .collect::<Result<_, _>>()
                .map_err(|error| at.wrong(&key, error))?,
            reasons: description.reasons.clone(),
        };
        models.push(model);
        parts.push(ModelPart { plugin, file });
    }
    Ok((parts, models))
}
