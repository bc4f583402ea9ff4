//! How the rest of the node talks to a worker: one method per request. Cheap to clone. A full queue is an
//! answer (the event is shed), never a wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError};
use std::time::{Duration, Instant};

use foreshore_core::{DecisionId, Disposition, ReadFailure, TimelineView};
use foreshore_event::{Event, Time};
use tokio::sync::oneshot;

use crate::clock;
use crate::load::Loaded;
use crate::worker::amendments::Amendments;
use crate::worker::request::{DecisionView, ReplyTo, Request, Scored, Snapshot};

/// A worker, as seen from outside.
#[derive(Clone)]
pub struct Handle {
    shared: Arc<Shared>,
}

/// What worker and handles share.
pub struct Shared {
    pub loaded: Loaded,
    pub amendments: Amendments,
    pub(super) sender: SyncSender<Request>,
    pub(super) queued: AtomicUsize,
    pub(super) alive: AtomicBool,
    invalid: AtomicU64,
    shed: AtomicU64,
}

/// Why a worker gave no reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unavailable {
    /// Its queue is full.
    #[error("the pipeline has more to do than it can; try again in a moment")]
    Overloaded,
    /// It has stopped.
    #[error("the node is stopping; try again in a moment, or another node")]
    Stopped,
}

impl Handle {
    /// A handle of a worker that listens to `sender`'s other end.
    pub(super) fn new(loaded: Loaded, sender: SyncSender<Request>) -> Handle {
        let amendments = Amendments::new(loaded.amendments_kept);
        Handle {
            shared: Arc::new(Shared {
                loaded,
                amendments,
                sender,
                queued: AtomicUsize::new(0),
                alive: AtomicBool::new(true),
                invalid: AtomicU64::new(0),
                shed: AtomicU64::new(0),
            }),
        }
    }

    /// The pipeline it runs.
    pub fn loaded(&self) -> &Loaded {
        &self.shared.loaded
    }

    /// What it has published.
    pub fn amendments(&self) -> &Amendments {
        &self.shared.amendments
    }

    pub(super) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Scores an event; with `store` false as a what-if.
    pub async fn score(&self, event: Event, store: bool) -> Result<Scored, Unavailable> {
        let arrival = clock::now();
        let deadline = Instant::now() + self.loaded().deadline;
        self.ask(|reply| Request::Score {
            event,
            store,
            arrival,
            deadline,
            reply,
        })
        .await
        // A what-if is no event: it is not counted anywhere.
        .inspect_err(|_| self.count_shed(u64::from(store)))
    }

    /// Takes in events; gives their dispositions in the same order.
    pub async fn ingest(&self, events: Vec<Event>) -> Result<Vec<Disposition>, Unavailable> {
        let arrival = clock::now();
        let count = events.len() as u64;
        self.ask(|reply| Request::Ingest {
            events,
            arrival,
            reply,
        })
        .await
        .inspect_err(|_| self.count_shed(count))
    }

    /// Raises every watermark to a time.
    pub async fn close(&self, time: Time) -> Result<(), Unavailable> {
        self.ask(|reply| Request::Close { time, reply }).await
    }

    /// Reads a timeline's features.
    pub async fn timeline(
        &self,
        instance: usize,
        key: String,
        at: Option<Time>,
    ) -> Result<Result<TimelineView, ReadFailure>, Unavailable> {
        self.ask(|reply| Request::Timeline {
            instance,
            key,
            at,
            reply,
        })
        .await
    }

    /// Reads a decision.
    pub async fn decision(&self, id: DecisionId) -> Result<Option<DecisionView>, Unavailable> {
        self.ask(|reply| Request::Decision { id, reply }).await
    }

    /// Reads the numbers.
    pub async fn snapshot(&self) -> Result<Snapshot, Unavailable> {
        self.ask(|reply| Request::Snapshot { reply }).await
    }

    /// Whether the worker's thread runs.
    pub fn is_alive(&self) -> bool {
        self.shared.alive.load(Ordering::Relaxed)
    }

    /// Lets the worker finish what is queued, then end.
    pub fn stop(&self) {
        // A worker that is gone already has nothing to finish. A full queue empties, so this waits.
        drop(self.shared.sender.send(Request::Stop));
    }

    /// Counts events that were no events.
    pub fn count_invalid(&self, count: u64) {
        self.shared.invalid.fetch_add(count, Ordering::Relaxed);
    }

    /// Counts events turned away.
    pub fn count_shed(&self, count: u64) {
        self.shared.shed.fetch_add(count, Ordering::Relaxed);
    }

    /// Events that were no events, since the start.
    pub fn invalid(&self) -> u64 {
        self.shared.invalid.load(Ordering::Relaxed)
    }

    /// Events turned away, since the start.
    pub fn shed(&self) -> u64 {
        self.shared.shed.load(Ordering::Relaxed)
    }

    /// How long an overloaded client should stay away.
    pub fn retry_after(&self) -> Duration {
        Duration::from_secs(1)
    }

    async fn ask<T>(&self, request: impl FnOnce(ReplyTo<T>) -> Request) -> Result<T, Unavailable> {
        let (sender, receiver) = oneshot::channel();
        self.shared.queued.fetch_add(1, Ordering::Relaxed);
        let sent = self.shared.sender.try_send(request(sender));
        sent.map_err(|error| {
            self.shared.queued.fetch_sub(1, Ordering::Relaxed);
            match error {
                TrySendError::Full(_) => Unavailable::Overloaded,
                TrySendError::Disconnected(_) => Unavailable::Stopped,
            }
        })?;
        receiver.await.map_err(|_| Unavailable::Stopped)
    }
}
