//! `GET pipelines`: what runs here, from which bytes, over which fields, within which limits: the resolved
//! configuration, in the words of its file.

use foreshore_core::{AmendPolicy, Pipeline};
use foreshore_event::{Field, Required, Schema, Unknown};
use foreshore_plugin::Isolation;
use hyper::StatusCode;
use serde_json::{Value, json};

use crate::http::node::Node;
use crate::http::problem::Problem;
use crate::http::reply::{self, Response};
use crate::load::{FeaturePart, Loaded, ModelPart};

/// Describes every pipeline.
pub(super) fn pipelines(node: &Node) -> Result<Response, Problem> {
    node.check_started()?;
    let all = node
        .served()
        .map(|served| pipeline(&served.handle.loaded()));
    let all: Value = all.collect();
    Ok(reply::json(StatusCode::OK, &json!({ "pipelines": all })))
}

fn pipeline(loaded: &Loaded) -> Value {
    let pipeline = &*loaded.pipeline;
    let schema = &*pipeline.schema;
    let types = |scored: bool| -> Value {
        let types = schema.types().iter().zip(&pipeline.scored);
        types
            .filter(|(_, is)| **is == scored)
            .map(|(name, _)| name.as_str())
            .collect()
    };
    json!({
        "name": pipeline.name,
        "revision": pipeline.revision(),
        "scored": types(true),
        "ingested": types(false),
        "unknown_fields": match schema.unknown {
            Unknown::Keep => "keep",
            Unknown::Ignore => "ignore",
            Unknown::Reject => "reject",
        },
        "future_max": pipeline.future_max.to_string(),
        "close_after": pipeline.close_after.map(|span| span.to_string()),
        "amend": match pipeline.amend {
            AmendPolicy::Outcome => json!("outcome"),
            AmendPolicy::All => json!("all"),
            AmendPolicy::ScoreDelta(delta) => json!({ "score-delta": delta }),
        },
        "amendments_kept": loaded.amendments_kept,
        "fields": schema.fields().iter().map(|known| field(schema, known)).collect::<Value>(),
        "features": (0..loaded.features.len())
            .map(|at| feature(pipeline, at, &loaded.features[at]))
            .collect::<Value>(),
        "models": (0..loaded.models.len())
            .map(|at| model(pipeline, at, &loaded.models[at]))
            .collect::<Value>(),
        "decide": {
            "review": pipeline.policy.review,
            "decline": pipeline.policy.decline,
            "fallback": pipeline.policy.fallback.name(),
            "reasons_max": pipeline.policy.reasons_max,
        },
        "limits": limits(loaded),
    })
}

fn field(schema: &Schema, field: &Field) -> Value {
    json!({
        "name": field.name,
        "kind": field.kind.name(),
        "unit": field.unit,
        "required": match &field.required {
            Required::Never => json!(false),
            Required::Always => json!(true),
            Required::For(kinds) => kinds.iter().map(|kind| schema.type_name(*kind)).collect(),
        },
        "min": field.min,
        "max": field.max,
        "allowed": field.allowed,
        "text_bytes_max": field.text_bytes_max,
    })
}

fn feature(pipeline: &Pipeline, at: usize, part: &FeaturePart) -> Value {
    let instance = &pipeline.instances[at];
    let timeline = &instance.timeline;
    json!({
        "name": instance.name,
        "file": part.file,
        "sha256": part.plugin.digest().to_string(),
        "key": part.key,
        "features": instance.features,
        "lateness": timeline.lateness.to_string(),
        "foreshore_max": timeline.foreshore_max,
        "checkpoint_bytes_max": timeline.checkpoint_bytes_max,
    })
}

fn model(pipeline: &Pipeline, at: usize, part: &ModelPart) -> Value {
    let model = &pipeline.models[at];
    let inputs = part.plugin.description().inputs.iter().zip(&model.inputs);
    let resolved =
        inputs.map(|(input, &at)| (input.as_str(), pipeline.layout.names()[at].as_str()));
    json!({
        "name": model.name,
        "file": part.file,
        "sha256": part.plugin.digest().to_string(),
        "decides": at == 0,
        "inputs": resolved.collect::<Value>(),
        "reasons": model.reasons,
    })
}

fn limits(loaded: &Loaded) -> Value {
    let sandbox = &loaded.sandbox;
    let plugin = &sandbox.limits;
    let micros = |time: std::time::Duration| json!(time.as_micros());
    json!({
        "deadline_us": micros(loaded.deadline),
        "call_time_us": micros(plugin.call_time),
        "row_time_us": micros(plugin.row_time),
        "memory_bytes": plugin.memory_bytes,
        "state_bytes": plugin.state_bytes,
        "component_bytes": plugin.component_bytes,
        "compile_time_us": micros(plugin.compile_time),
        "compile_memory_bytes": plugin.compile_memory_bytes,
        "isolation": match sandbox.isolation {
            Isolation::Warm => "warm",
            Isolation::PerCall => "per-call",
        },
        "purity_every": sandbox.purity_every,
        "breaker_failures": loaded.pipeline.breaker.failures,
        "breaker_cooldown": loaded.pipeline.breaker.cooldown.to_string(),
        "cpu_us": loaded.cpu.map(micros),
        "queue_max": loaded.queue_max,
        "lag_max": loaded.pipeline.lag_max,
        "hot_bytes": loaded.pipeline.hot_bytes_max,
    })
}
