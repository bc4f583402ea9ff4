//! What the node says over HTTP, as far as the demo reads it; docs/HTTP.md has the whole of it.
//! Data only.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Disposition {
    Admitted,
    Duplicate,
    Conflict,
    Late,
    Future,
    Invalid,
    Shed,
}

impl Disposition {
    /// All of them, in the order tables show them.
    pub const ALL: [Disposition; 7] = [
        Disposition::Admitted,
        Disposition::Duplicate,
        Disposition::Conflict,
        Disposition::Late,
        Disposition::Future,
        Disposition::Invalid,
        Disposition::Shed,
    ];

    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Disposition::Admitted => "admitted",
            Disposition::Duplicate => "duplicate",
            Disposition::Conflict => "conflict",
            Disposition::Late => "late",
            Disposition::Future => "future",
            Disposition::Invalid => "invalid",
            Disposition::Shed => "shed",
        }
    }
}

impl From<card_traffic::Disposition> for Disposition {
    fn from(foreseen: card_traffic::Disposition) -> Disposition {
        match foreseen {
            card_traffic::Disposition::Admitted => Disposition::Admitted,
            card_traffic::Disposition::Duplicate => Disposition::Duplicate,
            card_traffic::Disposition::Conflict => Disposition::Conflict,
            card_traffic::Disposition::Late => Disposition::Late,
            card_traffic::Disposition::Future => Disposition::Future,
            card_traffic::Disposition::Invalid => Disposition::Invalid,
        }
    }
}

/// What is to be done with a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    Approve,
    Review,
    Decline,
}

impl Outcome {
    /// All of them, the mildest first.
    pub const ALL: [Outcome; 3] = [Outcome::Approve, Outcome::Review, Outcome::Decline];
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Outcome::Approve => "approve",
            Outcome::Review => "review",
            Outcome::Decline => "decline",
        })
    }
}

/// The answer to a score request.
#[derive(Clone, Debug, Deserialize)]
pub struct Answer {
    pub disposition: Disposition,
    /// Id of the event, unique within its source.
    pub event: String,
    pub source: String,
    /// None where nothing was stored.
    pub decision: Option<String>,
    #[serde(flatten)]
    pub said: Revision,
}

/// What a decision says at one time.
#[derive(Clone, Debug, Deserialize)]
pub struct Revision {
    pub revision: u32,
    #[serde(flatten)]
    pub verdict: Verdict,
    pub reasons: Vec<Reason>,
    /// The numbers the models saw, where they are told; none is a missing one.
    #[serde(default)]
    pub features: BTreeMap<String, Option<f64>>,
}

/// Score and outcome.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub struct Verdict {
    /// None where the outcome is the fallback.
    pub score: Option<f64>,
    pub outcome: Outcome,
}

/// A reason for a score, and what it adds: here log-odds.
#[derive(Clone, Debug, Deserialize)]
pub struct Reason {
    pub name: String,
    pub contribution: f64,
}

/// The answer to a batch of events.
#[derive(Clone, Debug, Deserialize)]
pub struct Receipt {
    pub dispositions: BTreeMap<Disposition, usize>,
}

/// A decision with all it ever said.
#[derive(Clone, Debug, Deserialize)]
pub struct Decision {
    pub decision: String,
    pub finality: Finality,
    /// Number of the revision that was last told to anyone.
    pub published: Option<u32>,
    /// In order; the last one holds.
    pub revisions: Vec<Revision>,
}

/// Whether anything can still change a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Finality {
    Provisional,
    Final,
}

/// A published change of a decision.
#[derive(Clone, Debug, Deserialize)]
pub struct Amendment {
    pub decision: String,
    pub event: String,
    pub source: String,
    pub revision: u32,
    pub old: Verdict,
    pub new: Verdict,
    pub cause: Cause,
}

/// Why a decision changed.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum Cause {
    /// An event came late.
    LateEvent { event: String, source: String },
    /// A plugin that had given no answer gave one.
    CaughtUp,
}

/// What a refused request is told.
#[derive(Clone, Debug, Deserialize)]
pub struct Refusal {
    /// What became of the event, where there was one.
    pub disposition: Option<Disposition>,
    pub error: Fault,
}

/// What was wrong, where, and what to do.
#[derive(Clone, Debug, Deserialize)]
pub struct Fault {
    pub what: String,
    #[serde(rename = "where")]
    pub place: String,
    pub fix: String,
}
