//! Revisions as JSON, each by the names of the pipeline that said it, in the words the HTTP interface
//! uses. Must not know where they are logged.

use std::borrow::Cow;

use foreshore_core::amendment::Verdict;
use foreshore_core::{Cause, Degraded, Manifest, Part, Revision};
use serde::Serialize;

use super::event::Mentioned;
use super::number::{Exact, Named, Number, name};

/// What a revision says.
#[derive(Serialize)]
pub(super) struct Said<'a> {
    revision: u32,
    outcome: &'static str,
    score: Option<Exact>,
    models: Named<'a, Option<Exact>>,
    reasons: Vec<Contribution<'a>>,
    basis: Basis<'a>,
    degraded: Vec<Missing>,
    cause: Option<Because<'a>>,
    features: Named<'a, Number>,
}

#[derive(Serialize)]
struct Contribution<'a> {
    name: Cow<'a, str>,
    contribution: Exact,
}

#[derive(Serialize)]
struct Basis<'a> {
    lsn: u64,
    pipeline: &'a str,
}

#[derive(Serialize)]
struct Missing {
    part: String,
    reason: &'static str,
}

impl<'a> Said<'a> {
    pub(super) fn new(revision: &'a Revision) -> Said<'a> {
        let under = &*revision.under;
        let models = || under.models.iter().map(|model| &model.name);
        let words = || {
            under
                .models
                .first()
                .into_iter()
                .flat_map(|model| &model.reasons)
        };
        let reasons = revision
            .reasons
            .iter()
            .map(|&(index, contribution)| Contribution {
                name: name(words(), index),
                contribution: Exact(contribution),
            });
        Said {
            revision: revision.number,
            outcome: revision.outcome.name(),
            score: revision.score().map(Exact),
            models: Named {
                names: (0..revision.scores.len())
                    .map(|at| name(models(), at))
                    .collect(),
                values: revision
                    .scores
                    .iter()
                    .map(|score| score.map(Exact))
                    .collect(),
            },
            reasons: reasons.collect(),
            basis: Basis {
                lsn: revision.basis.0,
                pipeline: &under.revision,
            },
            degraded: revision
                .degraded
                .iter()
                .map(|part| missing(part, under))
                .collect(),
            cause: revision
                .cause
                .as_ref()
                .map(|cause| Because::new(cause, under)),
            features: Named {
                names: (0..revision.vector.len())
                    .map(|at| name(&under.vector, at))
                    .collect(),
                values: revision.vector.iter().copied().map(Number).collect(),
            },
        }
    }
}

/// A missing part, named as its section in the configuration.
fn missing(degraded: &Degraded, under: &Manifest) -> Missing {
    let instances = under.instances.iter().map(|instance| &instance.name);
    let models = under.models.iter().map(|model| &model.name);
    Missing {
        part: match degraded.part {
            Part::Event => "event".to_owned(),
            Part::Instance(at) => format!("features.{}", name(instances, at)),
            Part::Model(at) => format!("models.{}", name(models, at)),
        },
        reason: degraded.reason.name(),
    }
}

/// Score and outcome in short.
#[derive(Serialize)]
pub(super) struct InShort {
    outcome: &'static str,
    score: Option<Exact>,
}

impl InShort {
    pub(super) fn new(verdict: &Verdict) -> InShort {
        InShort {
            outcome: verdict.outcome.name(),
            score: verdict.score.map(Exact),
        }
    }
}

/// Why a decision was revised.
#[derive(Serialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub(super) enum Because<'a> {
    /// An event came late.
    LateEvent(Mentioned<'a>),
    /// A plugin that had given no answer gave one.
    CaughtUp,
}

impl<'a> Because<'a> {
    pub(super) fn new(cause: &'a Cause, manifest: &'a Manifest) -> Because<'a> {
        match cause {
            Cause::Late(event) => Because::LateEvent(Mentioned::new(event, manifest)),
            Cause::CaughtUp => Because::CaughtUp,
        }
    }
}
