//! What a worker can be asked, and what it gives back. One closed list; each request carries the way to its
//! reply.

use std::sync::Arc;
use std::time::{Duration, Instant};

use foreshore_core::{Answer, Audit, Core, Counts, DecisionId, Disposition, Gauges};
use foreshore_core::{Pipeline, ReadFailure, Revision, TimelineView};
use foreshore_event::{Event, Time};
use foreshore_plugin::Counters;
use foreshore_store::retention::Named;
use foreshore_store::{Families, Store};
use foreshore_timeline::Lsn;
use tokio::sync::oneshot;

use crate::load::Loaded;
use crate::metrics::StoreGauges;
use crate::worker::gate::Shed;
use crate::worker::handle::{Shared, Unavailable};

/// The way to one reply.
pub type ReplyTo<T> = oneshot::Sender<T>;

/// The way to a reply to what was read for a pipeline, or to the reason why there is none after all.
pub type AnswerTo<T> = ReplyTo<Result<Turn<T>, Unavailable>>;

/// What a request has come to that was read for a pipeline, when its turn came.
pub enum Turn<T> {
    /// It is done.
    Done(T),
    /// The pipeline runs no more.
    Overtaken(Overtaken),
}

/// What a deploy has overtaken, given back to be read again. Where nobody does, because its sender has gone, its
/// events count as shed.
pub struct Overtaken {
    shared: Arc<Shared>,
    events: u64,
}

impl Overtaken {
    /// So many events that are to be kept.
    pub(super) fn new(shared: &Arc<Shared>, events: u64) -> Overtaken {
        let shared = shared.clone();
        Overtaken { shared, events }
    }

    /// Takes them back: they are counted when they are handed over again.
    pub fn take_back(mut self) {
        self.events = 0;
    }
}

impl Drop for Overtaken {
    fn drop(&mut self) {
        self.shared.gate.count_shed(self.events, Shed::Deploy);
    }
}

/// A request to a worker.
pub enum Request {
    /// Score an event now.
    Score {
        /// The pipeline the event was read for.
        under: Arc<Loaded>,
        event: Event,
        /// Whether the event is kept; if not, nothing changes.
        store: bool,
        arrival: Time,
        deadline: Instant,
        reply: AnswerTo<Scored>,
    },
    /// Take in events nobody waits for.
    Ingest {
        /// The pipeline the events were read for.
        under: Arc<Loaded>,
        events: Vec<Event>,
        arrival: Time,
        reply: AnswerTo<Vec<Disposition>>,
    },
    /// Raise every watermark to a time.
    Close {
        time: Time,
        /// Whose act it is; none where it is the node's own.
        by: Option<Box<str>>,
        reply: ReplyTo<()>,
    },
    /// Write down what an operator did.
    Audit { audit: Audit, reply: ReplyTo<()> },
    /// Read a timeline's features.
    Timeline {
        /// The pipeline whose instance it is.
        under: Arc<Loaded>,
        instance: usize,
        key: String,
        at: Option<Time>,
        reply: AnswerTo<Result<TimelineView, ReadFailure>>,
    },
    /// Read a decision.
    Decision {
        id: DecisionId,
        reply: ReplyTo<Option<DecisionView>>,
    },
    /// Read the decision about an event.
    DecisionOfEvent {
        source: String,
        id: String,
        reply: ReplyTo<Option<DecisionView>>,
    },
    /// Read the numbers.
    Snapshot { reply: ReplyTo<Snapshot> },
    /// A step towards giving up the oldest log.
    Retain(Retain),
    /// Go on as another pipeline, whose timelines are built.
    Switch(Box<Switch>),
    /// Fold what is owed, then end.
    Stop,
}

impl Request {
    /// The pipeline it was read for; none if for no certain one. Only for such requests are plugins called.
    pub(super) fn under(&self) -> Option<&Arc<Loaded>> {
        match self {
            Request::Score { under, .. }
            | Request::Ingest { under, .. }
            | Request::Timeline { under, .. } => Some(under),
            _ => None,
        }
    }

    /// How many events it has that are to be kept.
    pub(super) fn events(&self) -> u64 {
        match self {
            Request::Score { store, .. } => u64::from(*store),
            Request::Ingest { events, .. } => events.len() as u64,
            _ => 0,
        }
    }
}

/// What the worker does for the oldest log to be given up.
pub enum Retain {
    /// Let timelines rest on no event below their watermarks, and have them stored so; gives the last record that
    /// they are as of.
    Renew {
        timelines: Vec<Named>,
        reply: ReplyTo<Lsn>,
    },
    /// Read the first record of which something may not be stored.
    UnstoredFrom { reply: ReplyTo<Lsn> },
    /// Forget which events were seen before a record.
    Forget { below: Lsn, reply: ReplyTo<()> },
}

/// What a worker needs to go on as another pipeline.
pub struct Switch {
    /// The pipeline.
    pub loaded: Arc<Loaded>,
    /// Log and state, as it meets them.
    pub store: Arc<Store>,
    /// Its timelines, built but for what came last.
    pub families: Families,
    /// Whose act it is.
    pub by: Box<str>,
    /// The way to tell that it runs.
    pub reply: ReplyTo<()>,
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
    /// The pipeline that it was read under: what its indices name.
    pub under: Arc<Pipeline>,
    pub id: DecisionId,
    pub event: Arc<Event>,
    pub revisions: Vec<Arc<Revision>>,
    /// The number of the revision the world was told of.
    pub published: Option<u32>,
    pub is_final: bool,
    /// Whether a deploy has made an end of it.
    pub is_settled: bool,
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
    /// Time of a processor that the pipeline's thread has used.
    pub cpu: Duration,
    /// How much of it the thread may use in a second; none: no limit.
    pub cpu_per_second: Option<Duration>,
    /// Log records emitted, and their bytes.
    pub log_records: u64,
    /// Nanoseconds spent in steps.
    pub step_ns: u64,
    /// Steps taken.
    pub steps: u64,
    /// Its store; none if it has none.
    pub store: Option<StoreGauges>,
}

impl Snapshot {
    /// Events the core met, by disposition.
    pub fn counts(&self) -> Counts {
        self.gauges.counts
    }
}

/// Reads a decision from a core that runs the pipeline `under`.
pub fn decision_view(
    core: &mut Core,
    under: &Arc<Pipeline>,
    id: DecisionId,
    now: Time,
    plugins: &mut dyn foreshore_core::Plugins,
    outputs: &mut foreshore_core::Outputs,
) -> Option<DecisionView> {
    let is_settled = !core.may_change(id.0);
    let (decision, is_final) = core.read_decision(id, now, plugins, outputs)?;
    Some(DecisionView {
        under: under.clone(),
        id,
        event: decision.event.clone(),
        revisions: decision.revisions.clone(),
        published: decision.published,
        is_final,
        is_settled,
        late_for: decision.late_for(),
    })
}
