//! How the rest of the node talks to a worker: one method per request. Cheap to clone. A full queue is an
//! answer (the event is shed), never a wait.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::{Duration, Instant};

use foreshore_core::{Audit, DecisionId, Disposition, ReadFailure, TimelineView};
use foreshore_event::{Event, Time};
use foreshore_store::{Store, StoreError};
use tokio::sync::oneshot;

use crate::load::Loaded;
use crate::worker::amendments::Amendments;
use crate::worker::committer::Commits;
use crate::worker::deploy::{Deploy, Reload};
use crate::worker::gate::{Gate, Shed};
use crate::worker::request::{AnswerTo, DecisionView, ReplyTo, Request, Scored, Snapshot, Turn};

/// A worker, as seen from outside.
#[derive(Clone)]
pub struct Handle {
    shared: Arc<Shared>,
}

/// What worker and handles share.
pub struct Shared {
    /// The pipeline's name.
    pub name: String,
    /// The pipeline that runs; another one after a deploy.
    loaded: RwLock<Arc<Loaded>>,
    /// Log and state, once they are open.
    pub(super) store: OnceLock<Arc<Store>>,
    pub(super) deploy: Deploy,
    pub amendments: Amendments,
    pub(super) sender: SyncSender<Request>,
    pub(super) gate: Gate,
    pub(super) alive: AtomicBool,
    pub(super) commits: Commits,
    invalid: AtomicU64,
}

/// Why a worker gave no reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unavailable {
    /// Its queue is full.
    #[error("the pipeline has more to do than it can; try again in a moment")]
    Overloaded,
    /// What waits, waits for so long that an answer would come too late.
    #[error(
        "the pipeline is so far behind that an answer would come too late; try again in a moment"
    )]
    Late,
    /// It has used the processor time that is its share.
    #[error("the pipeline has used up its processor time (limits.cpu); try again in a moment")]
    OverBudget,
    /// The disk of its store has less space than is to stay free: refused before anything has changed.
    #[error(
        "the store's disk is nearly full: {} MiB are free, {} MiB are to stay free; events are taken again \
         once there is space",
        free >> 20,
        reserve >> 20
    )]
    NoSpace {
        /// Bytes free.
        free: u64,
        /// Bytes that are to stay free.
        reserve: u64,
    },
    /// It has stopped.
    #[error("the node is stopping; try again in a moment, or another node")]
    Stopped,
}

impl Shared {
    /// Whether the worker's thread runs.
    pub(super) fn is_alive(&self) -> bool {
        self.alive.load(Ordering::Relaxed)
    }

    /// Notes that the worker has ended.
    pub(super) fn ended(&self) {
        self.alive.store(false, Ordering::Relaxed);
    }

    /// The pipeline that runs.
    pub(super) fn loaded(&self) -> Arc<Loaded> {
        // Only ever holds a whole pipeline: a panicking writer leaves nothing half done.
        let loaded = self.loaded.read().unwrap_or_else(PoisonError::into_inner);
        loaded.clone()
    }

    /// Hands a request to the worker; waits while its queue is full.
    ///
    /// # Errors
    /// [`Unavailable::Stopped`].
    pub(super) fn enqueue(&self, request: Request) -> Result<(), Unavailable> {
        self.gate.enter();
        self.sender.send(request).map_err(|_| Unavailable::Stopped)
    }

    /// From here on this pipeline runs.
    pub(super) fn switch(&self, loaded: Arc<Loaded>) {
        *self.loaded.write().unwrap_or_else(PoisonError::into_inner) = loaded;
    }
}

impl Handle {
    /// A handle of a worker that listens to `sender`'s other end.
    pub(super) fn new(loaded: Loaded, sender: SyncSender<Request>, reload: Reload) -> Handle {
        let amendments = Amendments::new(loaded.amendments_kept);
        let gate = Gate::new(loaded.queue_max);
        Handle {
            shared: Arc::new(Shared {
                name: loaded.pipeline.name.clone(),
                loaded: RwLock::new(Arc::new(loaded)),
                store: OnceLock::new(),
                deploy: Deploy::new(reload),
                amendments,
                sender,
                gate,
                alive: AtomicBool::new(true),
                commits: Commits::default(),
                invalid: AtomicU64::new(0),
            }),
        }
    }

    /// The pipeline it runs.
    pub fn loaded(&self) -> Arc<Loaded> {
        self.shared.loaded()
    }

    /// The pipeline's name.
    pub fn name(&self) -> &str {
        &self.shared.name
    }

    /// What it has published.
    pub fn amendments(&self) -> &Amendments {
        &self.shared.amendments
    }

    pub(super) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Refuses events, before anything of them is read, that would be refused when they are handed over: for want
    /// of room, time or, of those that are to be `kept`, space.
    ///
    /// # Errors
    /// Why; the events are counted by whoever asks.
    pub fn check(&self, kept: bool) -> Result<(), Unavailable> {
        if kept {
            self.shared.commits.check_room()?;
        }
        self.shared.gate.check()
    }

    /// Scores an event that was read for the pipeline `under` and came at `arrival`; with `store` false as a what-if.
    /// Its deadline counts from now. What a deploy has overtaken is to be read again, for the pipeline that runs then.
    pub async fn score(
        &self,
        under: &Arc<Loaded>,
        event: Event,
        store: bool,
        arrival: Time,
    ) -> Result<Turn<Scored>, Unavailable> {
        let deadline = Instant::now() + under.deadline;
        // A what-if is no event: it is not counted anywhere.
        let events = u64::from(store);
        self.ask_to_fold(events, |reply| Request::Score {
            under: under.clone(),
            event,
            store,
            arrival,
            deadline,
            reply,
        })
        .await
    }

    /// Takes in events that were read for the pipeline `under` and came at `arrival`; gives their dispositions in the
    /// same order.
    pub async fn ingest(
        &self,
        under: &Arc<Loaded>,
        events: Vec<Event>,
        arrival: Time,
    ) -> Result<Turn<Vec<Disposition>>, Unavailable> {
        let count = events.len() as u64;
        self.ask_to_fold(count, |reply| Request::Ingest {
            under: under.clone(),
            events,
            arrival,
            reply,
        })
        .await
    }

    /// Raises every watermark to a time: an act of this operator.
    pub async fn close(&self, time: Time, by: &str) -> Result<(), Unavailable> {
        self.shared.commits.check_room()?;
        let by = Some(by.into());
        self.ask(|reply| Request::Close { time, by, reply }).await
    }

    /// Writes down what an operator did.
    pub async fn audit(&self, audit: Audit) -> Result<(), Unavailable> {
        self.ask(|reply| Request::Audit { audit, reply }).await
    }

    /// Reads the features of a timeline of an instance of the pipeline `under`.
    pub async fn timeline(
        &self,
        under: &Arc<Loaded>,
        instance: usize,
        key: String,
        at: Option<Time>,
    ) -> Result<Turn<Result<TimelineView, ReadFailure>>, Unavailable> {
        self.ask_to_fold(0, |reply| Request::Timeline {
            under: under.clone(),
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

    /// The decision about an event of this source and id that was logged so long ago that the index of seen events
    /// has forgotten it.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn decision_in_log(
        &self,
        source: String,
        id: String,
    ) -> Result<Option<DecisionId>, StoreError> {
        let Some(store) = self.shared.store.get().cloned() else {
            return Ok(None);
        };
        // Files are read: not on a thread that answers others meanwhile.
        let find = move || store.find_event(&source, &id);
        let found = tokio::task::spawn_blocking(find).await;
        Ok(found.unwrap_or(Err(StoreError::Panicked))?.map(DecisionId))
    }

    /// Reads the decision about the event of this source and id, if the index of seen events knows it.
    pub async fn decision_of_event(
        &self,
        source: String,
        id: String,
    ) -> Result<Option<DecisionView>, Unavailable> {
        self.ask(|reply| Request::DecisionOfEvent { source, id, reply })
            .await
    }

    /// Reads the numbers.
    pub async fn snapshot(&self) -> Result<Snapshot, Unavailable> {
        self.ask(|reply| Request::Snapshot { reply }).await
    }

    /// Whether the worker's thread runs.
    pub fn is_alive(&self) -> bool {
        self.shared.is_alive()
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
    pub fn count_shed(&self, count: u64, why: impl Into<Shed>) {
        self.shared.gate.count_shed(count, why);
    }

    /// Events that were no events, since the start.
    pub fn invalid(&self) -> u64 {
        self.shared.invalid.load(Ordering::Relaxed)
    }

    /// Events turned away since the start, by reason.
    pub fn shed(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.shared.gate.shed()
    }

    /// How long an overloaded client should stay away.
    pub fn retry_after(&self) -> Duration {
        let spent_for = self.shared.gate.spent_for().unwrap_or_default();
        Duration::from_secs(spent_for.as_secs() + 1)
    }

    /// Asks for what plugins may be called for, about so many events that are to be kept; the pipeline may turn it
    /// away after all.
    async fn ask_to_fold<T>(
        &self,
        events: u64,
        request: impl FnOnce(AnswerTo<T>) -> Request,
    ) -> Result<Turn<T>, Unavailable> {
        // What the thread itself turns away it has counted.
        let counted = |why: &Unavailable| self.count_shed(events, *why);
        self.check(events > 0).inspect_err(counted)?;
        self.ask(request).await.inspect_err(counted)?
    }

    async fn ask<T>(&self, request: impl FnOnce(ReplyTo<T>) -> Request) -> Result<T, Unavailable> {
        let (sender, receiver) = oneshot::channel();
        self.shared.gate.enter();
        let sent = self.shared.sender.try_send(request(sender));
        sent.map_err(|error| {
            self.shared.gate.leave();
            match error {
                TrySendError::Full(_) => Unavailable::Overloaded,
                TrySendError::Disconnected(_) => Unavailable::Stopped,
            }
        })?;
        receiver.await.map_err(|_| Unavailable::Stopped)
    }
}
