//! A pipeline's event types and fields, from configuration to schema. Gives the key at fault where they do
//! not hold together; knows nothing of plugins.

use foreshore_event::schema::JsonBounds;
use foreshore_event::{Field, Kind, Required, Schema, TypeIndex, Unknown, nearest, schema};

use crate::config::pipeline::{FieldKind, RequiredConfig, UnknownFields};
use crate::config::{ConfigError, FieldConfig, PipelineConfig};
use crate::load::Place;

/// The schema of a pipeline's events.
pub(super) fn schema(
    at: &Place<'_>,
    key: &str,
    config: &PipelineConfig,
) -> Result<Schema, ConfigError> {
    if config.scored.is_empty() {
        return Err(at.wrong(
            format!("{key}.scored"),
            "empty; list the event types that get a decision",
        ));
    }
    let types: Vec<String> = config
        .scored
        .iter()
        .chain(&config.ingested)
        .cloned()
        .collect();
    let fields = config.fields.iter().map(|(name, written)| {
        let key = format!("{key}.fields.{name}");
        field(name, written, &types).map_err(|reason| at.wrong(key, reason))
    });
    let fields = fields.collect::<Result<_, _>>()?;
    let unknown = match config.unknown_fields {
        UnknownFields::Keep => Unknown::Keep,
        UnknownFields::Ignore => Unknown::Ignore,
        UnknownFields::Reject => Unknown::Reject,
    };
    let mut schema = Schema::new(types, fields, unknown).map_err(|error| at.wrong(key, error))?;
    let bounds = bounds(config);
    schema.bounds = bounds.map_err(|(name, reason)| at.wrong(format!("{key}.{name}"), reason))?;
    Ok(schema)
}

/// How much JSON an event may be.
fn bounds(config: &PipelineConfig) -> Result<JsonBounds, (&'static str, String)> {
    let (bytes_max, depth_max) = (config.event_bytes_max.0, config.event_depth_max);
    if bytes_max == 0 {
        return Err(("event_bytes_max", "0 would take no event at all".to_owned()));
    }
    if depth_max > DEPTH_MAX {
        let reason = format!("{depth_max} is above {DEPTH_MAX}, what common readers of JSON take");
        return Err(("event_depth_max", reason));
    }
    Ok(JsonBounds {
        bytes_max,
        depth_max,
    })
}

/// Deepest nesting there can be: two levels are the event's own, and common readers of JSON, ours among them, end
/// at 128.
const DEPTH_MAX: usize = 120;

fn field(name: &str, written: &FieldConfig, types: &[String]) -> Result<Field, String> {
    let kind = match written.kind {
        FieldKind::Number => Kind::Number,
        FieldKind::Integer => Kind::Integer,
        FieldKind::Boolean => Kind::Boolean,
        FieldKind::Text => Kind::Text,
    };
    check_bounds(kind, written)?;
    let required = match &written.required {
        None | Some(RequiredConfig::Flag(false)) => Required::Never,
        Some(RequiredConfig::Flag(true)) => Required::Always,
        Some(RequiredConfig::Types(names)) => {
            let indices = names.iter().map(|name| type_index(name, types));
            Required::For(indices.collect::<Result<_, _>>()?)
        }
    };
    Ok(Field {
        unit: written.unit.clone(),
        required,
        min: written.min,
        max: written.max,
        allowed: written.allowed.clone(),
        text_bytes_max: written.text_bytes_max.unwrap_or(schema::TEXT_BYTES_MAX),
        ..Field::new(name, kind)
    })
}

fn check_bounds(kind: Kind, written: &FieldConfig) -> Result<(), String> {
    if let Some(odd) = [written.min, written.max]
        .into_iter()
        .flatten()
        .find(|bound| !bound.is_finite())
    {
        return Err(format!(
            "{odd} bounds nothing; give a finite number, or leave it out"
        ));
    }
    let is_text = kind == Kind::Text;
    let numeric = written.min.is_some() || written.max.is_some() || written.unit.is_some();
    let textual = !written.allowed.is_empty() || written.text_bytes_max.is_some();
    match (written.min, written.max) {
        _ if is_text && numeric => Err("min, max and unit are for numbers; this is a text".into()),
        _ if !is_text && textual => Err(format!(
            "allowed and text_bytes_max are for texts; this is a {}",
            kind.name()
        )),
        (Some(min), Some(max)) if min > max => Err(format!("min = {min} is above max = {max}")),
        _ => Ok(()),
    }
}

fn type_index(name: &str, types: &[String]) -> Result<TypeIndex, String> {
    let at = types
        .iter()
        .position(|known| known == name)
        .ok_or_else(|| {
            let near = nearest(name, types.iter().map(String::as_str));
            let hint = near.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
            format!("required: `{name}` is neither scored nor ingested{hint}")
        })?;
    Ok(TypeIndex(at as u16))
}
