//! What a worker has of its store: what a step needs is brought in, what changed is put away, what rests on
//! the log leaves when it is durable. Without a store everything stays in memory and leaves at once.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use foreshore_core::{Core, Leaving, Need};
use foreshore_event::{Span, Time};
use foreshore_store::{Journal, Store, StoreError, StoreSettings};

use crate::config::values::Length;
use crate::metrics::StoreGauges;
use crate::worker::committer::{Batch, Commits, Committer, Departure};
use crate::worker::handle::Shared;
use crate::worker::keeper::{Keeper, Load};

/// Where and how a pipeline is stored.
#[derive(Clone, Debug)]
pub struct StoragePlan {
    /// Its folder.
    pub folder: PathBuf,
    /// How its log is written.
    pub settings: StoreSettings,
    /// How long a commit waits for more to come along.
    pub commit_wait: Duration,
    /// How long a changed timeline stays in memory alone.
    pub dirty_age: Span,
    /// Most log records, about, that a restart has to go through again.
    pub dirty_records: u64,
    /// Stored timelines kept in memory as they are on the disk.
    pub cache_bytes: u64,
}

/// How often within the dirty age it is looked for what has been waiting: little at a time, so that those who write
/// it down never keep the processor from those who answer for long.
const LOOKS: i64 = 64;

/// Timelines put away at once: a quarter of a millisecond of the keeper's thread and less of the worker's. The system
/// lets a thread that has slept run on for some milliseconds, whoever waits, if it has that much to do.
const LEAVING_MAX: usize = 32;

/// The same where memory is short, or more waits than should: loads take their turns, and small ones do not keep up.
const PRESSING_MAX: usize = 256;

/// A worker's store.
pub struct Storage {
    store: Arc<Store>,
    committer: Committer,
    keeper: Keeper,
    dirty_age: Span,
    dirty_records: u64,
    /// When to look again for what has been waiting.
    next: Time,
    loads: Loads,
}

/// What was brought in.
#[derive(Debug, Default)]
struct Loads {
    count: AtomicU64,
    nanoseconds: AtomicU64,
}

impl Storage {
    /// Starts the threads that write.
    ///
    /// # Errors
    /// When the system starts no more threads.
    pub fn start(
        plan: &StoragePlan,
        store: Arc<Store>,
        journal: Journal,
        shared: Arc<Shared>,
    ) -> Result<Storage, StoreError> {
        let keeper = Keeper::start(&shared.name)?;
        Ok(Storage {
            committer: Committer::start(journal, keeper.sender(), plan.commit_wait, shared)?,
            keeper,
            store,
            dirty_age: plan.dirty_age,
            dirty_records: plan.dirty_records,
            next: Time::MIN,
            loads: Loads::default(),
        })
    }

    /// Brings in what a step needs.
    ///
    /// # Errors
    /// When it is there and cannot be read or rebuilt.
    pub fn bring<I: IntoIterator<Item = Need>>(
        &self,
        core: &mut Core,
        needs: impl Fn(&Core) -> I,
    ) -> Result<(), StoreError> {
        let started = Instant::now();
        let count = self.store.bring(core, needs)?;
        if count == 0 {
            return Ok(());
        }
        self.loads.count.fetch_add(count as u64, Ordering::Relaxed);
        let taken = u64::try_from(started.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.loads.nanoseconds.fetch_add(taken, Ordering::Relaxed);
        Ok(())
    }

    /// Hands a round to the committer. Tells whether it still runs.
    pub fn commit(&self, batch: Batch) -> bool {
        self.committer.send(batch)
    }

    /// Whether the threads that write still run.
    pub fn is_alive(&self) -> bool {
        self.committer.is_alive() && self.keeper.is_alive()
    }

    /// Takes out of the core what has been waiting to be put away, and the way it goes once the log has it:
    /// a few times within the dirty age; at once what must make room, or makes a restart long.
    pub fn leave(&mut self, core: &mut Core, now: Time) -> Option<Departure> {
        if self.keeper.has_arrived() {
            core.arrived();
        }
        let (is_crowded, unstored) = (core.is_crowded(), core.unstored_records());
        let presses = is_crowded || unstored > self.dirty_records / 2;
        if !presses && now < self.next {
            return None;
        }
        let waiting = Span(if presses { 0 } else { self.dirty_age.0 / 2 });
        let falls_behind = is_crowded || unstored > self.dirty_records / 8 * 7;
        let most = if falls_behind {
            PRESSING_MAX
        } else {
            LEAVING_MAX
        };
        let leaving = core.leave(now.minus(waiting), most)?;
        if leaving.timelines.len() < most {
            self.next = now.plus(Span(self.dirty_age.0 / LOOKS));
        }
        Some(self.way_of(leaving))
    }

    /// As [`leave`](Storage::leave), of everything, whenever it changed.
    pub fn leave_all(&mut self, core: &mut Core) -> Option<Departure> {
        if self.keeper.has_arrived() {
            core.arrived();
        }
        let leaving = core.leave(Time(i64::MAX), usize::MAX)?;
        Some(self.way_of(leaving))
    }

    /// As [`leave_all`](Storage::leave_all), even while folds or revisions are owed.
    pub fn let_all_go(&mut self, core: &mut Core) -> Option<Departure> {
        if self.keeper.has_arrived() {
            core.arrived();
        }
        let leaving = core.let_go(Time(i64::MAX), usize::MAX)?;
        Some(self.way_of(leaving))
    }

    /// The way to the keeper, to be taken once the log has what it rests on.
    fn way_of(&self, leaving: Leaving) -> Departure {
        let (store, keeper) = (self.store.clone(), self.keeper.sender());
        Box::new(move || drop(keeper.send(Load::Leaving(store, leaving))))
    }

    /// From here on log and state are met as another pipeline meets them.
    pub fn switch(&mut self, store: Arc<Store>) {
        self.store = store;
    }

    /// Whether so much waits, or for so long, that the next requests should wait until it can be put away.
    pub fn is_overdue(&self, core: &Core, now: Time) -> bool {
        let until = now.minus(Span(2 * self.dirty_age.0));
        let is_old = core
            .oldest_change()
            .is_some_and(|(_, since)| since <= until);
        is_old || core.unstored_records() > self.dirty_records
    }

    /// The store in numbers.
    pub fn gauges(
        &self,
        commits: &Commits,
        core: &Core,
        timelines_unstored: usize,
        now: Time,
    ) -> StoreGauges {
        let counters = *commits
            .counters
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let room = commits.room();
        let oldest = core
            .oldest_change()
            .map_or(Span(0), |(_, since)| now.since(since));
        let loads = &self.loads;
        StoreGauges {
            durable_lsn: commits.durable().0,
            log_bytes: self.store.log_bytes(),
            log_segments: counters.segments,
            fsyncs: counters.fsyncs,
            commits: commits.time.read(),
            committed_records: counters.records,
            timelines_unstored,
            unstored_records: core.unstored_records(),
            oldest_unstored: Length(oldest).duration(),
            cold_loads: loads.count.load(Ordering::Relaxed),
            cold_load_time: Duration::from_nanos(loads.nanoseconds.load(Ordering::Relaxed)),
            cold_bytes: self.store.cold().bytes(),
            free_bytes: room.map_or(0, |room| room.free),
            reserve_bytes: room.map_or(0, |room| room.reserve),
            read_errors: self.store.rebuilt(),
        }
    }

    /// Ends the threads, after all that was handed to them is written.
    ///
    /// # Errors
    /// What made one of them end before.
    pub fn finish(self) -> Result<(), StoreError> {
        // The committer first: what leaves goes through it to the keeper.
        self.committer.finish()?;
        self.keeper.finish()
    }
}
