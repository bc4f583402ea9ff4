//! The loaded pipeline as people read it: what `serve --check` prints. Changes nothing and decides
//! nothing.

use std::fmt;

use foreshore_event::{Field, Required};

use crate::load::Loaded;

/// Prints a loaded pipeline.
pub struct Summary<'a>(pub &'a Loaded);

impl fmt::Display for Summary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Summary(loaded) = self;
        let pipeline = &loaded.pipeline;
        writeln!(
            f,
            "pipeline {} (revision {})",
            pipeline.name,
            pipeline.revision()
        )?;
        for (at, name) in pipeline.schema.types().iter().enumerate() {
            let what = if pipeline.scored[at] {
                "scored"
            } else {
                "ingested"
            };
            writeln!(f, "  event   {name}  {what}")?;
        }
        for field in pipeline.schema.fields() {
            writeln!(f, "  field   {}", describe(field))?;
        }
        for (instance, part) in pipeline.instances.iter().zip(&loaded.features) {
            writeln!(
                f,
                "  feature {}  {}  keyed by {}, lateness {}, {} features, sha256 {}",
                instance.name,
                part.file.display(),
                part.key,
                instance.timeline.lateness,
                instance.features.len(),
                part.plugin.digest(),
            )?;
        }
        for (at, (model, part)) in pipeline.models.iter().zip(&loaded.models).enumerate() {
            let what = if at == 0 { "decides" } else { "recorded" };
            let (file, digest) = (part.file.display(), part.plugin.digest());
            writeln!(
                f,
                "  model   {}  {file}  {what}, sha256 {digest}",
                model.name
            )?;
            for (name, &at) in part.plugin.description().inputs.iter().zip(&model.inputs) {
                writeln!(f, "    input {name} = {}", pipeline.layout.names()[at])?;
            }
        }
        let policy = &pipeline.policy;
        let from = |threshold: Option<f64>| {
            threshold.map_or("never".into(), |from| format!("from {from}"))
        };
        writeln!(
            f,
            "  decide  review {}, decline {}, fallback {}, deadline {:?}",
            from(policy.review),
            from(policy.decline),
            policy.fallback.name(),
            loaded.deadline,
        )
    }
}

fn describe(field: &Field) -> String {
    let mut text = format!("{}  {}", field.name, field.kind.name());
    if let Some(unit) = &field.unit {
        text += &format!(" {unit}");
    }
    match &field.required {
        Required::Never => {}
        Required::Always => text += ", required",
        Required::For(kinds) => text += &format!(", required for {} types", kinds.len()),
    }
    for (word, bound) in [("min", field.min), ("max", field.max)] {
        if let Some(bound) = bound {
            text += &format!(", {word} {bound}");
        }
    }
    if !field.allowed.is_empty() {
        text += &format!(", one of {}", field.allowed.join(" "));
    }
    text
}
