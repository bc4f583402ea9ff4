//! The worker's thread: take what is queued, step through it, log, reply; then a slice of what is owed.
//! Knows the clock and the queue; what a step does is the core's business.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use foreshore_core::{Core, Input, Outputs, Part, Reply};
use foreshore_event::Time;

use crate::clock;
use crate::load::Loaded;
use crate::worker::handle::{Handle, Shared};
use crate::worker::log::Log;
use crate::worker::request::{Request, Scored, Snapshot, decision_view};
use crate::worker::sandboxes::Sandboxes;
use crate::worker::watch::Watch;

/// Requests taken before their records are logged and their replies leave: the size a group commit may
/// reach under load.
const BATCH_MAX: usize = 256;

/// Rows folded for what is owed between two batches: about a tenth of a millisecond of work.
const SLICE_ROWS: u64 = 256;

/// How often failed plugins are tried again when nothing else happens.
const TICK: Duration = Duration::from_millis(100);

/// Starts a pipeline's thread.
///
/// # Errors
/// When the system starts no more threads.
pub fn start(loaded: Loaded, log: Box<dyn Log>) -> io::Result<(Handle, JoinHandle<()>)> {
    let (sender, receiver) = sync_channel(loaded.queue_max);
    let sandboxes = loaded.sandboxes();
    let core = Core::new(loaded.pipeline.clone());
    let handle = Handle::new(loaded, sender);
    let worker = Worker {
        watch: Watch::new(&core),
        core,
        sandboxes,
        log,
        shared: handle.shared().clone(),
        receiver,
        outputs: Outputs::default(),
        departures: Vec::new(),
        owes: false,
        ticked: Instant::now(),
        steps: 0,
        step_time: Duration::ZERO,
        log_records: 0,
    };
    let name = format!("pipeline-{}", worker.shared.loaded.pipeline.name);
    let thread = std::thread::Builder::new()
        .name(name)
        .spawn(|| worker.run())?;
    Ok((handle, thread))
}

struct Worker {
    core: Core,
    watch: Watch,
    sandboxes: Sandboxes,
    log: Box<dyn Log>,
    shared: Arc<Shared>,
    receiver: Receiver<Request>,
    outputs: Outputs,
    /// Replies that leave once the batch is logged.
    departures: Vec<Box<dyn FnOnce() + Send>>,
    /// Whether folds or revisions are owed.
    owes: bool,
    ticked: Instant,
    steps: u64,
    step_time: Duration,
    log_records: u64,
}

/// Whether the worker goes on.
#[derive(PartialEq)]
enum Next {
    Continue,
    Stop,
}

/// However the thread ends, whoever waits for its pipeline can know.
impl Drop for Worker {
    fn drop(&mut self) {
        self.shared.alive.store(false, Ordering::Relaxed);
    }
}

impl Worker {
    fn run(mut self) {
        while self.batch() == Next::Continue {
            self.tick();
            self.settle();
        }
        // What is owed is owed to readers of the log as well: leave nothing half said.
        self.sandboxes.set_deadline(None);
        let settle = |worker: &mut Worker| worker.step(clock::now(), Input::Settle(u64::MAX));
        while matches!(settle(&mut self), Reply::Settled(true)) {}
        self.watch.look(&self.core, clock::now());
        self.depart();
    }

    /// Takes what is queued, up to a batch; waits for it only when nothing is owed.
    fn batch(&mut self) -> Next {
        let mut next = Next::Continue;
        let patience = if self.owes { Duration::ZERO } else { TICK };
        match self.receiver.recv_timeout(patience) {
            Ok(request) => next = self.apply(request),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Next::Stop,
        }
        for _ in 1..BATCH_MAX {
            match self.receiver.try_recv() {
                Ok(request) if next == Next::Continue => next = self.apply(request),
                Ok(_) | Err(TryRecvError::Empty | TryRecvError::Disconnected) => break,
            }
        }
        self.depart();
        next
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

    /// A slice of what is owed.
    fn settle(&mut self) {
        if self.owes {
            self.sandboxes.set_deadline(None);
            let reply = self.step(clock::now(), Input::Settle(SLICE_ROWS));
            self.owes = matches!(reply, Reply::Settled(true));
            self.depart();
        }
    }

    fn step(&mut self, now: Time, input: Input) -> Reply {
        let start = Instant::now();
        let reply = self
            .core
            .step(now, input, &mut self.sandboxes, &mut self.outputs);
        self.step_time += start.elapsed();
        self.steps += 1;
        reply
    }

    fn apply(&mut self, request: Request) -> Next {
        self.shared.queued.fetch_sub(1, Ordering::Relaxed);
        match request {
            Request::Score {
                event,
                store,
                arrival,
                deadline,
                reply,
            } => {
                self.sandboxes.set_deadline(Some(deadline));
                let input = if store {
                    Input::Score(event)
                } else {
                    Input::WhatIf(event)
                };
                let scored = match self.step(arrival, input) {
                    Reply::Answer(answer) => Scored::Answer(answer),
                    Reply::Conflict(event) => Scored::Conflict(event),
                    // The HTTP side sends only scored types here; without a decision there is no reply.
                    Reply::Ingested(_) | Reply::Settled(_) | Reply::Done => return Next::Continue,
                };
                self.owes = true;
                self.reply(reply, scored);
            }
            Request::Ingest {
                events,
                arrival,
                reply,
            } => {
                self.sandboxes.set_deadline(None);
                let mut dispositions = Vec::with_capacity(events.len());
                for event in events {
                    if let Reply::Ingested(disposition) = self.step(arrival, Input::Ingest(event)) {
                        dispositions.push(disposition);
                    }
                }
                self.owes = true;
                self.reply(reply, dispositions);
            }
            Request::Close { time, reply } => {
                self.step(clock::now(), Input::Close(time));
                self.reply(reply, ());
            }
            Request::Timeline {
                instance,
                key,
                at,
                reply,
            } => {
                self.start_read();
                let (now, plugins) = (clock::now(), &mut self.sandboxes);
                let view = self.core.read_timeline(instance, &key, at, now, plugins);
                self.reply(reply, view);
            }
            Request::Decision { id, reply } => {
                self.start_read();
                let (now, plugins) = (clock::now(), &mut self.sandboxes);
                let view = decision_view(&mut self.core, id, now, plugins, &mut self.outputs);
                self.reply(reply, view);
            }
            Request::Snapshot { reply } => {
                let snapshot = self.snapshot();
                self.reply(reply, snapshot);
            }
            Request::Stop => return Next::Stop,
        }
        Next::Continue
    }

    fn start_read(&mut self) {
        self.sandboxes
            .set_deadline(Some(Instant::now() + self.shared.loaded.deadline));
    }

    /// Keeps a reply until the batch is logged. Whoever has stopped waiting for it is not missed.
    fn reply<T: Send + 'static>(&mut self, to: tokio::sync::oneshot::Sender<T>, value: T) {
        self.departures.push(Box::new(move || drop(to.send(value))));
    }

    /// Logs the batch; then its replies and amendments leave.
    fn depart(&mut self) {
        if !self.outputs.records.is_empty() {
            self.log.append(&self.outputs.records);
            self.log_records += self.outputs.records.len() as u64;
            self.outputs.records.clear();
        }
        self.shared
            .amendments
            .publish(std::mem::take(&mut self.outputs.amendments));
        self.departures.drain(..).for_each(|depart| depart());
    }

    fn snapshot(&self) -> Snapshot {
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
            queued: self.shared.queued.load(Ordering::Relaxed),
            log_records: self.log_records,
            step_ns: u64::try_from(self.step_time.as_nanos()).unwrap_or(u64::MAX),
            steps: self.steps,
        }
    }
}
