//! A later revision of a decision, as told to the world: what it was, what it is, and which event changed
//! it. Applying one twice changes nothing: it says what is, not what to add.

use std::sync::Arc;

use foreshore_timeline::Lsn;

use crate::decision::{DecisionId, Revision};
use crate::mention::Mention;
use crate::policy::Outcome;

/// Why a decision changed.
#[derive(Clone, Debug, PartialEq)]
pub enum Cause {
    /// An event that came late.
    Late(Arc<Mention>),
    /// A plugin that had given no answer gave one.
    CaughtUp,
}

/// Score and outcome of a revision.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Verdict {
    /// The deciding score; none if it fell back.
    pub score: Option<f64>,
    /// The outcome.
    pub outcome: Outcome,
}

impl Verdict {
    /// What a revision says in short.
    pub fn of(revision: &Revision) -> Verdict {
        Verdict {
            score: revision.score(),
            outcome: revision.outcome,
        }
    }
}

/// A published change of a decision.
#[derive(Clone, Debug, PartialEq)]
pub struct Amendment {
    /// Its log position, which orders all amendments of a pipeline.
    pub lsn: Lsn,
    /// The decision.
    pub decision: DecisionId,
    /// The event decided about.
    pub event: Arc<Mention>,
    /// The revision's number.
    pub revision: u32,
    /// What the world was last told.
    pub old: Verdict,
    /// What it is now.
    pub new: Verdict,
    /// Why.
    pub cause: Cause,
}

/// Which changes of a decision are published.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum AmendPolicy {
    /// Those that change the outcome.
    #[default]
    Outcome,
    /// Those that change the outcome, or the score by at least this much.
    ScoreDelta(f64),
    /// All that change score, outcome or a degraded part.
    All,
}

impl AmendPolicy {
    /// Whether the step from what was told to what is now is to be published.
    pub fn publishes(self, told: &Revision, now: &Revision) -> bool {
        let (old, new) = (Verdict::of(told), Verdict::of(now));
        let bits = |score: Option<f64>| score.map(f64::to_bits);
        old.outcome != new.outcome
            || match self {
                AmendPolicy::Outcome => false,
                AmendPolicy::ScoreDelta(delta) => match (old.score, new.score) {
                    (Some(old), Some(new)) => (old - new).abs() >= delta && old != new,
                    (old, new) => old.is_some() != new.is_some(),
                },
                AmendPolicy::All => {
                    bits(old.score) != bits(new.score) || told.degraded != now.degraded
                }
            }
    }
}
