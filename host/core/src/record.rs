//! What the log gets: what arrived, and every word that was said about it. The core emits records in order
//! of their log positions, without gaps; a store makes them durable.

use std::sync::Arc;

use foreshore_event::{Event, Time};
use foreshore_timeline::Lsn;

use crate::amendment::Amendment;
use crate::audit::Audit;
use crate::decision::{DecisionId, Revision};
use crate::disposition::Disposition;
use crate::manifest::Manifest;

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
        /// Instances whose timelines it came too late for: a bit each, by index.
        late: u64,
        /// The event.
        event: Arc<Event>,
    },
    /// A decision was made or revised. The whole revision: also what no replay could derive, a missed
    /// deadline or an open breaker.
    Revision {
        /// Its position.
        lsn: Lsn,
        /// The decision.
        decision: DecisionId,
        /// The record of the revision before; none for the first.
        previous: Option<Lsn>,
        /// Whether somebody was waiting and is told it as the answer.
        told: bool,
        /// What it says.
        revision: Arc<Revision>,
    },
    /// A repeated event was answered with a later revision than its sender knew.
    Told {
        /// Its position.
        lsn: Lsn,
        /// The decision.
        decision: DecisionId,
        /// The number of the revision.
        revision: u32,
    },
    /// A change of a decision was published.
    Amendment(Amendment),
    /// Every watermark was raised to a time.
    Close {
        /// Its position.
        lsn: Lsn,
        /// The time.
        time: Time,
    },
    /// From here on the pipeline is this. The first record of every log.
    Deploy {
        /// Its position.
        lsn: Lsn,
        /// The pipeline.
        manifest: Arc<Manifest>,
    },
    /// An operator did something.
    Audit {
        /// Its position.
        lsn: Lsn,
        /// When, by the node's clock.
        time: Time,
        /// Who, what, and what came of it.
        audit: Audit,
    },
}

impl Record {
    /// Its position in the log.
    pub fn lsn(&self) -> Lsn {
        match self {
            Record::Event { lsn, .. }
            | Record::Revision { lsn, .. }
            | Record::Told { lsn, .. }
            | Record::Close { lsn, .. }
            | Record::Deploy { lsn, .. }
            | Record::Audit { lsn, .. } => *lsn,
            Record::Amendment(amendment) => amendment.lsn,
        }
    }
}
