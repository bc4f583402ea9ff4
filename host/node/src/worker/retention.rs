//! Retention: what is too old or too much of the log is given up, on a thread of its own beside the worker, which
//! is only ever asked for a little at a time. A failure is told and tried again later: nothing is dropped then.

use std::sync::Arc;
use std::time::{Duration, Instant};

use foreshore_store::retention::{Surplus, Walk, Written, forgettable};
use foreshore_store::{Store, StoreError};
use foreshore_timeline::Lsn;
use tokio::sync::oneshot;

use crate::clock;
use crate::worker::handle::{Shared, Unavailable};
use crate::worker::request::{ReplyTo, Request, Retain};

/// How often it is looked at what could go.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How long what could go waits at most, if it is less than the checkpoint that has to be written for it.
const WAIT_MAX: Duration = Duration::from_secs(3_600);

/// How long after a failure it is tried again.
const RETRY_AFTER: Duration = Duration::from_secs(600);

/// Timelines the worker is asked to renew at once.
const RENEWED_AT_ONCE: usize = 16;

/// How long it may take until what was renewed is stored.
const PATIENCE: Duration = Duration::from_secs(600);

/// How often it is looked whether something that others do is done.
const POLL: Duration = Duration::from_millis(50);

/// Why nothing was given up.
enum Interrupted {
    /// The node is stopping.
    Stopped,
    /// Something failed.
    Failed(String),
}

impl From<Unavailable> for Interrupted {
    fn from(_: Unavailable) -> Interrupted {
        Interrupted::Stopped
    }
}

impl<E: Into<StoreError>> From<E> for Interrupted {
    fn from(error: E) -> Interrupted {
        Interrupted::Failed(error.into().to_string())
    }
}

/// Starts the thread. It ends by itself after the worker has.
///
/// # Errors
/// When the system starts no more threads.
pub(super) fn start(shared: Arc<Shared>, store: Arc<Store>) -> std::io::Result<()> {
    let name = format!("retain-{}", shared.name);
    let mut retaining = Retaining {
        checkpoint_bytes: store.checkpoints().newest_bytes(),
        shared,
        store,
        forgotten: Lsn(0),
        wait_until: Instant::now() + WAIT_MAX,
        not_before: Instant::now(),
        has_yielded: false,
    };
    std::thread::Builder::new()
        .name(name)
        .spawn(move || retaining.run())?;
    Ok(())
}

struct Retaining {
    shared: Arc<Shared>,
    store: Arc<Store>,
    /// Identities before this record are forgotten.
    forgotten: Lsn,
    /// What writing a checkpoint costs.
    checkpoint_bytes: u64,
    /// When little is enough.
    wait_until: Instant,
    /// After a failure.
    not_before: Instant,
    /// Whether it was said that the log is larger than it should be.
    has_yielded: bool,
}

impl Retaining {
    fn run(&mut self) {
        loop {
            std::thread::sleep(LOOK_EVERY);
            match self.look() {
                Ok(()) => {}
                Err(Interrupted::Stopped) => return,
                Err(Interrupted::Failed(why)) => {
                    self.not_before = Instant::now() + RETRY_AFTER;
                    let pipeline = &self.shared.name;
                    tracing::warn!(
                        pipeline,
                        "nothing of the log is dropped, to be tried again: {why}"
                    );
                }
            }
        }
    }

    /// Gives up what can go, if it is worth it.
    fn look(&mut self) -> Result<(), Interrupted> {
        if !self.shared.is_alive() {
            return Err(Interrupted::Stopped);
        }
        let (loaded, now) = (self.shared.loaded(), clock::now());
        let segments = self.store.records().log().segments();
        self.forget(forgettable(&segments, loaded.identity_retention, now))?;
        let unyielding = loaded.retention.unyielding(&segments, now);
        if unyielding > 0 && !std::mem::replace(&mut self.has_yielded, true) {
            let pipeline = &self.shared.name;
            tracing::warn!(
                pipeline,
                bytes = unyielding,
                "the log is larger than log_bytes by what decision_retention, identity_retention and lateness \
                 need: lower them, or raise log_bytes"
            );
        }
        match loaded.retention.surplus(&segments, now) {
            Some(surplus) if self.is_worth(&surplus) => self.give_up(surplus),
            _ => Ok(()),
        }
    }

    /// Whether as much goes as the checkpoint in its place takes, or has waited for long, or is urgent.
    fn is_worth(&self, surplus: &Surplus) -> bool {
        let now = Instant::now();
        let is_urgent = self.shared.commits.check_room().is_err();
        let is_enough = surplus.bytes >= self.checkpoint_bytes || now >= self.wait_until;
        now >= self.not_before && (is_enough || is_urgent)
    }

    /// Close, fold past it, checkpoint, drop.
    fn give_up(&mut self, surplus: Surplus) -> Result<(), Interrupted> {
        let shared = self.shared.clone();
        let _alone = shared.deploy.alone();
        let pipeline = shared.loaded().pipeline.clone();
        let store = self.store.under(&pipeline)?;
        let (started, time) = (Instant::now(), surplus.close);
        self.ask(|reply| Request::Close {
            time,
            by: None,
            reply,
        })?;
        let (renewed, last) = self.renew(&store, surplus.before)?;
        self.until(|| {
            Ok(self.ask(|reply| Request::Retain(Retain::UnstoredFrom { reply }))? > last)
        })?;
        let Some(written) = store.checkpoint(&pipeline, surplus.before)? else {
            return Err(Interrupted::Failed("not all is stored yet".to_owned()));
        };
        let took = started.elapsed();
        tracing::info!(
            pipeline = shared.name,
            record = written.lsn.0,
            bytes = written.bytes,
            timelines = written.timelines,
            renewed,
            ?took,
            "a checkpoint is written"
        );
        self.checkpoint_bytes = written.bytes;
        self.wait_until = Instant::now() + WAIT_MAX;
        self.drop_log(&store, surplus, written)
    }

    /// Drops what the checkpoint stands for.
    fn drop_log(
        &mut self,
        store: &Store,
        surplus: Surplus,
        written: Written,
    ) -> Result<(), Interrupted> {
        let log = store.records().log();
        let before = surplus.before.min(written.rests_from);
        let mut going = log.segments();
        going.retain(|segment| segment.sealed && segment.last < before);
        let (Some(first), Some(last)) = (going.first(), going.last()) else {
            return Err(Interrupted::Failed(format!(
                "a timeline still rests on record {}; a plugin may be failing",
                written.rests_from.0
            )));
        };
        self.forget(before)?;
        self.shared.commits.release(before);
        let gone = last.last;
        self.until(|| Ok(log.range().0 > gone))?;
        // Whoever asked for a decision meanwhile had it brought in once more.
        self.ask_to_forget(before)?;
        store.cold().forget_trails_below(before)?;
        store.checkpoints().tidy()?;
        let newest = going.iter().map(|segment| segment.newest).max();
        tracing::info!(
            pipeline = self.shared.name,
            segments = going.len(),
            bytes = going.iter().map(|segment| segment.bytes).sum::<u64>(),
            first = first.first.0,
            last = last.last.0,
            up_to = newest.map(|time| time.to_string()),
            "the oldest part of the log is dropped"
        );
        Ok(())
    }

    /// Has the worker fold past a record what still rests on events before it, a few timelines at a time and half
    /// of the time at most. Gives how many those were, and the last record of all they are as of.
    fn renew(&self, store: &Store, before: Lsn) -> Result<(u64, Lsn), Interrupted> {
        let (mut walk, mut renewed) = (Walk::new(store, before), 0);
        loop {
            let timelines = walk.next(RENEWED_AT_ONCE)?;
            let count = timelines.len() as u64;
            let started = Instant::now();
            let last = self.ask(|reply| Request::Retain(Retain::Renew { timelines, reply }))?;
            if count == 0 {
                return Ok((renewed, last));
            }
            renewed += count;
            std::thread::sleep(started.elapsed());
        }
    }

    fn forget(&mut self, below: Lsn) -> Result<(), Interrupted> {
        if below > self.forgotten {
            self.ask_to_forget(below)?;
            self.forgotten = below;
        }
        Ok(())
    }

    fn ask_to_forget(&self, below: Lsn) -> Result<(), Interrupted> {
        self.ask(|reply| Request::Retain(Retain::Forget { below, reply }))
    }

    /// What the worker says to a request.
    fn ask<T>(&self, request: impl FnOnce(ReplyTo<T>) -> Request) -> Result<T, Interrupted> {
        let (reply, replied) = oneshot::channel();
        self.shared.enqueue(request(reply))?;
        replied.blocking_recv().map_err(|_| Interrupted::Stopped)
    }

    /// Waits until others have done something.
    fn until(&self, done: impl Fn() -> Result<bool, Interrupted>) -> Result<(), Interrupted> {
        let started = Instant::now();
        while !done()? {
            if !self.shared.is_alive() {
                return Err(Interrupted::Stopped);
            }
            if started.elapsed() > PATIENCE {
                let why = "what has changed is not stored; a plugin may be failing";
                return Err(Interrupted::Failed(why.to_owned()));
            }
            std::thread::sleep(POLL);
        }
        Ok(())
    }
}
