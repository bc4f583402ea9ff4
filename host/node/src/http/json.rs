//! What pipelines say, as JSON: revisions, answers, causes, by name instead of by index. What a revision
//! says has the names of the pipeline that said it. Borrows from what it shows; knows no request.

use std::fmt;

use foreshore_core::{Answer, Cause, Degraded, Manifest, Mention, Part, Pipeline, Revision};
use foreshore_event::{Event, Time, TypeIndex};
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
    under: &'a Manifest,
    scores: &'a [Option<f64>],
}

impl Serialize for Scores<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.scores.len()))?;
        for (model, score) in self.under.models.iter().zip(self.scores) {
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
    pub(super) fn new(under: &'a Manifest, lsn: Lsn) -> Basis<'a> {
        Basis {
            lsn: lsn.0,
            pipeline: &under.revision,
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
    fn new(under: &Manifest, degraded: &Degraded) -> Missing {
        // A name the manifest does not have is shown as what is known of it, its index.
        let named = |section: &str, at: usize, name: Option<&String>| match name {
            Some(name) => format!("{section}.{name}"),
            None => format!("{section}.{at}"),
        };
        let part = match degraded.part {
            Part::Event => "event".to_owned(),
            Part::Instance(at) => {
                let instance = under.instances.get(at);
                named("features", at, instance.map(|instance| &instance.name))
            }
            Part::Model(at) => {
                let model = under.models.get(at);
                named("models", at, model.map(|model| &model.name))
            }
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
    /// A revision, with or without the numbers its models saw.
    pub(super) fn new(revision: &'a Revision, features: bool) -> Said<'a> {
        let under = &*revision.under;
        let names = under.models.first().map(|model| &model.reasons);
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
            basis: Basis::new(under, revision.basis),
            degraded: degraded.map(|part| Missing::new(under, part)).collect(),
            models: Scores {
                under,
                scores: &revision.scores,
            },
            features: features.then(|| Numbers::new(&under.vector, &revision.vector)),
        }
    }
}

/// Whether anything can still change what is said.
#[derive(Debug, serde::Serialize)]
pub(super) struct Finality {
    finality: &'static str,
    /// What made an end of it, where it is not the watermark.
    #[serde(skip_serializing_if = "Option::is_none")]
    settled: Option<&'static str>,
}

impl Finality {
    /// That of a decision that nothing can change any more, or of which a deploy has made an end: what was decided
    /// before it, it does not touch.
    pub(super) fn new(is_final: bool, is_settled: bool) -> Finality {
        let (finality, settled) = match (is_settled, is_final) {
            (true, _) => ("settled", Some("deploy")),
            (false, true) => ("final", None),
            (false, false) => ("provisional", None),
        };
        Finality { finality, settled }
    }
}

/// The names of these instances.
pub(super) fn instances<'a>(pipeline: &'a Pipeline, indices: &[usize]) -> Vec<&'a str> {
    let named = indices.iter().filter_map(|&at| pipeline.instances.get(at));
    named.map(|instance| instance.name.as_str()).collect()
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
    #[serde(flatten)]
    finality: Finality,
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
            said: Said::new(&answer.revision, features),
            finality: Finality::new(answer.is_final, answer.is_settled),
            late_for: instances(pipeline, &answer.late_for),
            first: first.map(|first| Said::new(first, features)),
        }
    }
}

/// An answer of this pipeline as it goes over the wire: for those who measure what it takes to write.
pub fn answer_json(pipeline: &Pipeline, answer: &Answer) -> Vec<u8> {
    // As in `reply`: this cannot fail.
    serde_json::to_vec(&Answered::new(pipeline, answer, false)).unwrap_or_default()
}

/// An event, in short.
#[derive(Debug, serde::Serialize)]
pub(super) struct Named<'a> {
    event: &'a str,
    source: &'a str,
    /// None where the pipeline has no such type any more.
    r#type: Option<&'a str>,
    #[serde(serialize_with = "text")]
    time: Time,
}

impl<'a> Named<'a> {
    /// This event of this pipeline.
    pub(super) fn event(pipeline: &'a Pipeline, event: &'a Event) -> Named<'a> {
        Named {
            event: event.id(),
            source: event.source(),
            r#type: type_name(pipeline, event.kind()),
            time: event.time(),
        }
    }

    /// This event, as this pipeline's log mentions it.
    pub(super) fn mention(pipeline: &'a Pipeline, mention: &'a Mention) -> Named<'a> {
        Named {
            event: &mention.id,
            source: &mention.source,
            r#type: type_name(pipeline, mention.kind),
            time: mention.time,
        }
    }
}

fn type_name(pipeline: &Pipeline, TypeIndex(at): TypeIndex) -> Option<&str> {
    let name = pipeline.schema.types().get(usize::from(at));
    name.map(String::as_str)
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
            Cause::Late(mention) => Because::LateEvent {
                lsn: mention.lsn.0,
                event: Named::mention(pipeline, mention),
            },
            Cause::CaughtUp => Because::CaughtUp,
        }
    }
}

#[cfg(test)]
#[path = "json_tests.rs"]
pub(super) mod tests;
