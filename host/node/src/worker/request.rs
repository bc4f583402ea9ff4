//! What a worker can be asked, and what it gives back. One closed list; each request carries the way to its
//! reply.

use std::sync::Arc;
use std::time::Instant;

use foreshore_core::{Answer, Core, Counts, DecisionId, Disposition, Gauges};
use foreshore_core::{ReadFailure, Revision, TimelineView};
use foreshore_event::{Event, Time};
use foreshore_plugin::Counters;
use tokio::sync::oneshot;

/// The way to one reply.
pub type ReplyTo<T> = oneshot::Sender<T>;

/// A request to a worker.
pub enum Request {
    /// Score an event now.
    Score {
        event: Event,
        /// Whether the event is kept; if not, nothing changes.
        store: bool,
        arrival: Time,
        deadline: Instant,
        reply: ReplyTo<Scored>,
    },
    /// Take in events nobody waits for.
    Ingest {
        events: Vec<Event>,
        arrival: Time,
        reply: ReplyTo<Vec<Disposition>>,
    },
    /// Raise every watermark to a time.
    Close { time: Time, reply: ReplyTo<()> },
    /// Read a timeline's features.
    Timeline {
        instance: usize,
        key: String,
        at: Option<Time>,
        reply: ReplyTo<Result<TimelineView, ReadFailure>>,
    },
    /// Read a decision.
    Decision {
        id: DecisionId,
        reply: ReplyTo<Option<DecisionView>>,
    },
    /// Read the numbers.
    Snapshot { reply: ReplyTo<Snapshot> },
    /// Fold what is owed, then end.
    Stop,
}

/// What a score request came to.
#[derive(Debug)]
pub enum Scored {
    /// An answer.
    Answer(Box<Answer>),
    /// The identity is taken by an event that says something else.
    Conflict(Arc<Event>),
}

/// A decision as a reader sees it.
#[derive(Debug)]
pub struct DecisionView {
    pub id: DecisionId,
    pub event: Arc<Event>,
    pub revisions: Vec<Revision>,
    /// The number of the revision the world was told of.
    pub published: Option<u32>,
    pub is_final: bool,
    /// Instances the event came too late for, by index.
    pub late_for: Vec<usize>,
}

/// A worker in numbers.
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub gauges: Gauges,
    /// Per feature plugin: calls and failures, and whether its breaker is open.
    pub instances: Vec<(Counters, bool)>,
    /// Per model: calls and failures, and whether its breaker is open.
    pub models: Vec<(Counters, bool)>,
    /// Requests waiting.
    pub queued: usize,
    /// Log records emitted, and their bytes.
    pub log_records: u64,
    /// Nanoseconds spent in steps.
    pub step_ns: u64,
    /// Steps taken.
    pub steps: u64,
}

impl Snapshot {
    /// Events the core met, by disposition.
    pub fn counts(&self) -> Counts {
        self.gauges.counts
    }
}

/// Reads a decision from a core.
pub fn decision_view(
    core: &mut Core,
    id: DecisionId,
    now: Time,
    plugins: &mut dyn foreshore_core::Plugins,
    outputs: &mut foreshore_core::Outputs,
) -> Option<DecisionView> {
    let (decision, is_final) = core.read_decision(id, now, plugins, outputs)?;
    Some(DecisionView {
        id,
        event: decision.event.clone(),
        revisions: decision.revisions.clone(),
        published: decision.published,
        is_final,
        late_for: decision.late_for(),
    })
}
