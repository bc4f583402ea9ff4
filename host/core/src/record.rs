//! What the log gets: everything a replay needs, and nothing it can derive. The core emits records in
//! order of their log positions; a store makes them durable.

use std::sync::Arc;

use foreshore_event::{Event, Time};
use foreshore_timeline::Lsn;

use crate::amendment::Amendment;
use crate::decision::{DecisionId, Degraded};
use crate::disposition::Disposition;

/// One log record.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    /// An event arrived, and what became of it: admitted, late, future or conflict.
    Event {
        /// Its position.
        lsn: Lsn,
        /// When it arrived, by the node's clock.
        arrival: Time,
        /// Its disposition.
        disposition: Disposition,
        /// The event.
        event: Arc<Event>,
    },
    /// Every watermark was raised to a time.
    Close {
        /// Its position.
        lsn: Lsn,
        /// The time.
        time: Time,
    },
    /// A decision was shaped by what cannot be derived: a missed deadline, an open breaker.
    Verdict {
        /// Its position.
        lsn: Lsn,
        /// The decision.
        decision: DecisionId,
        /// The number of its revision.
        revision: u32,
        /// The parts that were missing.
        degraded: Vec<Degraded>,
    },
    /// A change of a decision was published.
    Amendment(Amendment),
}

impl Record {
    /// Its position in the log.
    pub fn lsn(&self) -> Lsn {
        match self {
            Record::Event { lsn, .. } | Record::Close { lsn, .. } | Record::Verdict { lsn, .. } => {
                *lsn
            }
            Record::Amendment(amendment) => amendment.lsn,
        }
    }
}
