//! What is asked of a log, what came of it, and why nothing did. Plain data; must not know how records are
//! found.

use foreshore_core::DecisionId;
use foreshore_timeline::Lsn;

use crate::error::StoreError;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Dump {
    /// The first record.
    pub from: Lsn,
    /// The last.
    pub to: Lsn,
    /// Which of those between.
    pub choice: Choice,
}

/// Which records.
#[derive(Clone, Debug)]
pub enum Choice {
    /// All.
    All,
    /// What is about the event of this name, `SOURCE/ID`: itself, what contradicted it, and the decision.
    Event(String),
    /// What is about the events of one timeline.
    Timeline {
        /// The feature plugin, by its name in the pipeline.
        instance: String,
        /// The key.
        key: String,
    },
    /// What is about one decision.
    Decision(DecisionId),
    /// What operators did.
    Audit,
}

/// What was shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dumped {
    /// Lines written.
    pub lines: u64,
    /// Places of the log that could not be read.
    pub unread: u64,
}

/// Why nothing, or not all, could be shown.
#[derive(Debug, thiserror::Error)]
pub enum DumpError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Nobody takes the lines.
    #[error("write the records: {0}")]
    Write(#[from] std::io::Error),
    /// No feature plugin of this name was ever deployed.
    #[error("no feature plugin `{name}` was ever deployed; the log knows {}", known.join(", "))]
    Instance {
        /// The name asked for.
        name: String,
        /// Those there are.
        known: Vec<String>,
    },
    /// No event of this position.
    #[error("record {} is no event a decision could be about; the log holds records {} to {}", decision.0.0, first.0, last.0)]
    NoDecision {
        /// The decision asked for.
        decision: DecisionId,
        /// The first record there is.
        first: Lsn,
        /// The last.
        last: Lsn,
    },
}
