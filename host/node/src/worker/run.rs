//! The worker's thread: take what is queued, step through it, hand it to the committer; then a slice of what
//! is owed, and what can be put away. Knows the clock and the queue; what a step does is the core's business.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::time::{Duration, Instant};

use foreshore_core::{Core, Input, Outputs, Part, Reply};
use foreshore_event::Time;
use foreshore_store::StoreError;

use crate::clock;
use crate::load::Loaded;
use crate::worker::budget::Budget;
use crate::worker::committer::{Batch, Departure};
use crate::worker::deferral::Deferral;
use crate::worker::handle::Shared;
use crate::worker::request::{Request, Snapshot};
use crate::worker::sandboxes::Sandboxes;
use crate::worker::storage::Storage;
use crate::worker::watch::Watch;

/// Requests taken before their records go to the committer and their replies can leave.
const BATCH_MAX: usize = 256;

/// Records beyond which a batch takes no further request: one commit must not be long for those who wait for
/// another on the same disk.
const RECORDS_MAX: usize = 4_096;

/// Time after which a batch takes no further request: whoever was answered first must not wait for all that
/// follow.
const BATCH_TIME: Duration = Duration::from_millis(1);

/// Rows folded for what is owed between two batches: about a tenth of a millisecond of work.
const SLICE_ROWS: u64 = 256;

/// How often failed plugins are tried again, and idle memory is given up, when nothing else happens.
const TICK: Duration = Duration::from_millis(100);

/// How often idle memory is given up at most: a part of what a tick gives up, so that nobody waits for all of it.
const EVICT: Duration = Duration::from_millis(5);

/// A pipeline's thread.
pub(super) struct Worker {
    pub(super) core: Core,
    pub(super) sandboxes: Sandboxes,
    pub(super) storage: Option<Storage>,
    pub(super) shared: Arc<Shared>,
    /// The pipeline it runs.
    pub(super) loaded: Arc<Loaded>,
    pub(super) outputs: Outputs,
    /// What leaves once the round is durable.
    pub(super) departures: Vec<Departure>,
    /// Whether something of it is to be stored.
    pub(super) stores: bool,
    /// Whether folds or revisions are owed.
    pub(super) owes: bool,
    pub(super) watch: Watch,
    pub(super) budget: Budget,
    /// What its thread had used when that was last charged.
    pub(super) cpu: Duration,
    deferral: Deferral,
    receiver: Receiver<Request>,
    ticked: Instant,
    evicted: Instant,
    steps: u64,
    step_time: Duration,
    log_records: u64,
}

/// Whether the worker goes on.
#[derive(PartialEq)]
pub(super) enum Next {
    Continue,
    Stop,
}

impl Worker {
    /// A worker about to start.
    pub(super) fn new(
        core: Core,
        sandboxes: Sandboxes,
        storage: Option<Storage>,
        shared: Arc<Shared>,
        receiver: Receiver<Request>,
    ) -> Worker {
        let loaded = shared.loaded();
        Worker {
            watch: Watch::new(&core),
            core,
            sandboxes,
            storage,
            budget: Budget::new(loaded.cpu, shared.gate.now()),
            // What the start took is nobody's budget.
            cpu: clock::thread_cpu(),
            deferral: Deferral::default(),
            loaded,
            shared,
            outputs: Outputs::default(),
            departures: Vec::new(),
            stores: false,
            owes: true,
            receiver,
            ticked: Instant::now(),
            evicted: Instant::now(),
            steps: 0,
            step_time: Duration::ZERO,
            log_records: 0,
        }
    }

    /// Works until told to stop.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) fn run(mut self) -> Result<(), StoreError> {
        while self.batch()? == Next::Continue && self.can_write() {
            self.settle();
            self.tick();
            self.put_away(clock::now());
            self.give_up_idle();
            self.make_room();
            self.charge();
        }
        self.settle_all();
        self.watch.look(&self.core, clock::now());
        self.rest()
    }

    /// Whether what is said can still be written down, and what changed be put away.
    fn can_write(&self) -> bool {
        self.storage.as_ref().is_none_or(Storage::is_alive)
    }

    /// Takes what is queued, up to a batch; waits for it only when nothing is owed.
    fn batch(&mut self) -> Result<Next, StoreError> {
        let mut next = Next::Continue;
        let patience = match self.owes {
            true => self.wait_to_settle(false).min(TICK),
            false => TICK,
        };
        match self.receiver.recv_timeout(patience) {
            Ok(request) => next = self.take(request)?,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Ok(Next::Stop),
        }
        let started = Instant::now();
        for _ in 1..BATCH_MAX {
            if next == Next::Stop
                || self.outputs.records.len() >= RECORDS_MAX
                || started.elapsed() >= BATCH_TIME
            {
                break;
            }
            match self.receiver.try_recv() {
                Ok(request) => next = self.take(request)?,
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => break,
            }
        }
        match self.depart() {
            true => Ok(next),
            false => Ok(Next::Stop),
        }
    }

    fn take(&mut self, request: Request) -> Result<Next, StoreError> {
        self.shared.gate.leave();
        let next = self.apply(request)?;
        self.charge();
        Ok(next)
    }

    fn tick(&mut self) {
        if self.ticked.elapsed() >= TICK {
            self.ticked = Instant::now();
            let now = clock::now();
            self.step(now, Input::Tick);
            self.watch.look(&self.core, now);
            self.owes = true;
        }
    }

    /// A slice of what is owed, unless it has to yield.
    fn settle(&mut self) {
        let others_wait = self.shared.gate.waiting() > 0;
        if self.owes && self.wait_to_settle(others_wait).is_zero() {
            let started = self.shared.gate.now();
            self.sandboxes.set_deadline(None);
            let reply = self.step(clock::now(), Input::Settle(SLICE_ROWS));
            self.owes = matches!(reply, Reply::Settled(true));
            self.depart();
            self.deferral.done(started, self.shared.gate.now());
        }
    }

    /// How long until a slice of what is owed may be made, as things stand.
    fn wait_to_settle(&self, others_wait: bool) -> Duration {
        let now = self.shared.gate.now();
        let from = self.deferral.from(others_wait, &self.budget, now);
        from.saturating_sub(now)
    }

    /// Makes all folds and revisions that are owed and can be made: leaves nothing half said.
    pub(super) fn settle_all(&mut self) {
        self.sandboxes.set_deadline(None);
        let settle = |worker: &mut Worker| worker.step(clock::now(), Input::Settle(u64::MAX));
        while matches!(settle(self), Reply::Settled(true)) {}
        self.depart();
    }

    /// Now and then, lets leave memory what a store can bring back: as much as the time since then is of a tick.
    fn give_up_idle(&mut self) {
        let since = self.evicted.elapsed();
        if since >= EVICT {
            self.evicted = Instant::now();
            self.evict((TICK.as_micros() / since.as_micros()) as usize);
        }
    }

    /// Lets leave memory what a store can bring back, looking at a part of it.
    fn evict(&mut self, parts: usize) {
        if self.storage.is_some() {
            self.core.durable_through(self.shared.commits.durable());
            self.core.evict(parts);
        }
    }

    /// While far more is in memory than should be, nothing else is done but putting it away: what comes meanwhile
    /// waits in the queue, and is shed when that is full.
    fn make_room(&mut self) {
        while self.storage.is_some() && self.core.is_overcrowded() {
            self.settle_all();
            self.put_away(clock::now());
            self.evict(1);
            let storage = self.storage.as_ref();
            // A plugin that misses its deadlines keeps its timelines from being put away.
            if !storage.is_some_and(Storage::is_alive) || !self.core.is_quiet() {
                return;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Puts away what has changed long enough ago, behind the commit it rests on.
    fn put_away(&mut self, now: Time) {
        let Some(storage) = &self.storage else { return };
        // Under a load that never lets up there is no quiet moment, unless it is made.
        if storage.is_overdue(&self.core, now) && !self.core.is_quiet() {
            self.settle_all();
        }
        let storage = self.storage.as_mut();
        if let Some(leaving) = storage.and_then(|s| s.leave(&mut self.core, now)) {
            self.departures.push(leaving);
            self.stores = true;
            self.depart();
        }
    }

    /// Puts everything away, then ends the threads that write.
    fn rest(mut self) -> Result<(), StoreError> {
        let Some(mut storage) = self.storage.take() else {
            return Ok(());
        };
        while storage.is_alive() && self.core.is_quiet() && self.core.has_changes() {
            if let Some(leaving) = storage.leave_all(&mut self.core)
                && !storage.commit(Batch {
                    records: Vec::new(),
                    now: clock::now(),
                    departures: vec![leaving],
                    stores: true,
                })
            {
                break;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        storage.finish()
    }

    pub(super) fn step(&mut self, now: Time, input: Input) -> Reply {
        let start = Instant::now();
        let reply = self
            .core
            .step(now, input, &mut self.sandboxes, &mut self.outputs);
        self.step_time += start.elapsed();
        self.steps += 1;
        reply
    }

    /// Hands the round to the committer: once it is durable, its replies and amendments leave. Without a
    /// store they leave at once. Tells whether there is anybody to hand it to.
    pub(super) fn depart(&mut self) -> bool {
        let records = std::mem::take(&mut self.outputs.records);
        self.log_records += records.len() as u64;
        let amendments = std::mem::take(&mut self.outputs.amendments);
        if !amendments.is_empty() {
            let shared = self.shared.clone();
            self.departures
                .push(Box::new(move || shared.amendments.publish(amendments)));
        }
        let departures = std::mem::take(&mut self.departures);
        match &self.storage {
            None => {
                departures.into_iter().for_each(|depart| depart());
                true
            }
            Some(_) if records.is_empty() && departures.is_empty() => true,
            Some(storage) => storage.commit(Batch {
                records,
                now: clock::now(),
                departures,
                stores: std::mem::take(&mut self.stores),
            }),
        }
    }

    pub(super) fn snapshot(&self) -> Snapshot {
        let now = clock::now();
        let open = |part| self.core.is_open(part, now);
        let instances = self.sandboxes.feature_counters().enumerate();
        let models = self.sandboxes.model_counters().enumerate();
        Snapshot {
            gauges: self.core.gauges(),
            instances: instances
                .map(|(at, done)| (done, open(Part::Instance(at))))
                .collect(),
            models: models
                .map(|(at, done)| (done, open(Part::Model(at))))
                .collect(),
            queued: self.shared.gate.waiting(),
            cpu: clock::thread_cpu(),
            cpu_per_second: self.loaded.cpu,
            log_records: self.log_records,
            step_ns: u64::try_from(self.step_time.as_nanos()).unwrap_or(u64::MAX),
            steps: self.steps,
            store: self.storage.as_ref().map(|storage| {
                let gauges = self.core.gauges();
                storage.gauges(
                    &self.shared.commits,
                    &self.core,
                    gauges.timelines_unstored,
                    now,
                )
            }),
        }
    }
}
