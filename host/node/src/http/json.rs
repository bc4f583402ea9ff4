//! What pipelines say, as JSON: revisions, answers, causes, by name instead of by index. Borrows from what
//! it shows; knows no request.

use std::fmt;

use foreshore_core::{Answer, Cause, Degraded, Part, Pipeline, Revision};
use foreshore_event::{Event, Time};
use foreshore_timeline::Lsn;
use serde::ser::{Serialize, SerializeMap, Serializer};

/// Numbers by name, as an object; those that are missing are null.
#[derive(Debug)]
pub(super) struct Numbers<'a> {
    names: &'a [String],
    values: &'a [f64],
}

impl<'a> Numbers<'a> {
    /// These values under these names, one for one.
    pub(super) fn new(names: &'a [String], values: &'a [f64]) -> Numbers<'a> {
        Numbers { names, values }
    }
}

impl Serialize for Numbers<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // JSON has no NaN: the serialiser writes null, which is what a missing number is.
        serializer.collect_map(self.names.iter().zip(self.values))
    }
}

/// Every model's score, by its name.
#[derive(Debug)]
struct Scores<'a> {
    pipeline: &'a Pipeline,
    scores: &'a [Option<f64>],
}

impl Serialize for Scores<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.scores.len()))?;
        for (model, score) in self.pipeline.models.iter().zip(self.scores) {
            map.serialize_entry(&model.name, score)?;
        }
        map.end()
    }
}

/// A text on the wire.
pub(super) fn text<S: Serializer>(value: &impl fmt::Display, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(value)
}

/// What an answer rests on.
#[derive(Debug, serde::Serialize)]
pub(super) struct Basis<'a> {
    lsn: u64,
    pipeline: &'a str,
}

impl<'a> Basis<'a> {
    /// This position in the log, and this revision of the pipeline.
    pub(super) fn new(pipeline: &'a Pipeline, lsn: Lsn) -> Basis<'a> {
        let pipeline = &pipeline.revision;
        Basis {
            lsn: lsn.0,
            pipeline,
        }
    }
}

#[derive(Debug, serde::Serialize)]
struct Contribution<'a> {
    name: &'a str,
    contribution: f64,
}

/// A missing part, named as its section in the configuration.
#[derive(Debug, serde::Serialize)]
struct Missing {
    part: String,
    reason: &'static str,
}

impl Missing {
    fn new(pipeline: &Pipeline, degraded: &Degraded) -> Missing {
        let part = match degraded.part {
            Part::Event => "event".to_owned(),
            Part::Instance(at) => format!("features.{}", pipeline.instances[at].name),
            Part::Model(at) => format!("models.{}", pipeline.models[at].name),
        };
        let reason = degraded.reason.name();
        Missing { part, reason }
    }
}

/// What a revision says.
#[derive(Debug, serde::Serialize)]
pub(super) struct Said<'a> {
    revision: u32,
    score: Option<f64>,
    outcome: &'static str,
    reasons: Vec<Contribution<'a>>,
    basis: Basis<'a>,
    degraded: Vec<Missing>,
    models: Scores<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    features: Option<Numbers<'a>>,
}

impl<'a> Said<'a> {
    /// A revision of this pipeline, with or without the numbers its models saw.
    pub(super) fn new(pipeline: &'a Pipeline, revision: &'a Revision, features: bool) -> Said<'a> {
        let names = pipeline.models.first().map(|model| &model.reasons);
        let reasons = revision.reasons.iter().filter_map(|&(at, contribution)| {
            let name = names?.get(at)?;
            Some(Contribution { name, contribution })
        });
        let degraded = revision.degraded.iter();
        Said {
            revision: revision.number,
            score: revision.score(),
            outcome: revision.outcome.name(),
            reasons: reasons.collect(),
            basis: Basis::new(pipeline, revision.basis),
            degraded: degraded.map(|part| Missing::new(pipeline, part)).collect(),
            models: Scores {
                pipeline,
                scores: &revision.scores,
            },
            features: features.then(|| Numbers::new(pipeline.layout.names(), &revision.vector)),
        }
    }
}

/// Whether anything can still change what is said.
pub(super) fn finality(is_final: bool) -> &'static str {
    if is_final { "final" } else { "provisional" }
}

/// The names of these instances.
pub(super) fn instances<'a>(pipeline: &'a Pipeline, indices: &[usize]) -> Vec<&'a str> {
    let name = |&at: &usize| pipeline.instances[at].name.as_str();
    indices.iter().map(name).collect()
}

/// An answer to a score request.
#[derive(Debug, serde::Serialize)]
pub(super) struct Answered<'a> {
    decision: Option<String>,
    disposition: &'static str,
    event: &'a str,
    source: &'a str,
    #[serde(flatten)]
    said: Said<'a>,
    finality: &'static str,
    late_for: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<Said<'a>>,
}

impl<'a> Answered<'a> {
    /// An answer of this pipeline, with or without the numbers its models saw.
    pub(super) fn new(pipeline: &'a Pipeline, answer: &'a Answer, features: bool) -> Answered<'a> {
        let first = answer.first.as_ref();
        Answered {
            decision: answer.decision.map(|id| id.to_string()),
            disposition: answer.disposition.name(),
            event: answer.event.id(),
            source: answer.event.source(),
            said: Said::new(pipeline, &answer.revision, features),
            finality: finality(answer.is_final),
            late_for: instances(pipeline, &answer.late_for),
            first: first.map(|first| Said::new(pipeline, first, features)),
        }
    }
}

/// An event, in short.
#[derive(Debug, serde::Serialize)]
pub(super) struct Named<'a> {
    event: &'a str,
    source: &'a str,
    r#type: &'a str,
    #[serde(serialize_with = "text")]
    time: Time,
}

impl<'a> Named<'a> {
    /// This event of this pipeline.
    pub(super) fn new(pipeline: &'a Pipeline, event: &'a Event) -> Named<'a> {
        Named {
            event: event.id(),
            source: event.source(),
            r#type: pipeline.schema.type_name(event.kind()),
            time: event.time(),
        }
    }
}

/// Why a decision was revised.
#[derive(Debug, serde::Serialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub(super) enum Because<'a> {
    /// An event came late.
    LateEvent {
        lsn: u64,
        #[serde(flatten)]
        event: Named<'a>,
    },
    /// A plugin that had given no answer gave one.
    CaughtUp,
}

impl<'a> Because<'a> {
    /// This cause, in this pipeline.
    pub(super) fn new(pipeline: &'a Pipeline, cause: &'a Cause) -> Because<'a> {
        match cause {
            Cause::Event(lsn, event) => Because::LateEvent {
                lsn: lsn.0,
                event: Named::new(pipeline, event),
            },
            Cause::CaughtUp => Because::CaughtUp,
        }
    }
}

#[cfg(test)]
#[path = "json_tests.rs"]
pub(super) mod tests;
