//! The committer: what the core emitted becomes durable, then what rests on it leaves. One thread, one write
//! and one sync per batch; while one is under way the next gathers, so batches form by themselves under load.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{
    Receiver, RecvTimeoutError, SyncSender, TryRecvError, TrySendError, sync_channel,
};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use foreshore_core::Record;
use foreshore_event::Time;
use foreshore_store::log::{Counters, LogError, Room};
use foreshore_store::{Journal, Sealed, StoreError};
use foreshore_timeline::Lsn;

use crate::metrics::Histogram;
use crate::worker::handle::{Shared, Unavailable};
use crate::worker::keeper::Load;

/// Something that leaves the node once what it rests on is durable: a reply, an amendment.
pub type Departure = Box<dyn FnOnce() + Send>;

/// What one round of the worker hands over.
pub struct Batch {
    /// Records, in order of their positions.
    pub records: Vec<Record>,
    /// The time of records that have none of their own.
    pub now: Time,
    /// What leaves once they are durable.
    pub departures: Vec<Departure>,
    /// Whether something of it is to be stored: then the log has to be on the disk first, come what may.
    pub stores: bool,
}

/// Rounds of the worker that may wait for a commit: beyond it the worker waits, and requests are shed.
const BATCHES_MAX: usize = 64;

/// Bytes of one commit beyond which no further round is added to it: another pipeline's commit on the same disk
/// waits for no more of this one's than these and a round.
const COMMIT_BYTES: usize = 1 << 20;

/// How often the disk's free space is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Time spent on dropping segments at once.
const DROP_TIME: Duration = Duration::from_millis(5);

/// What the committer has done, and what space there is for more.
#[derive(Debug, Default)]
pub struct Commits {
    durable: AtomicU64,
    /// Time of each commit, from the first record handed over to its end.
    pub time: Histogram,
    /// What the log did.
    pub counters: Mutex<Counters>,
    /// Records before this one are not needed any more; 0: nothing new to drop.
    released: AtomicU64,
    room: Mutex<Option<Room>>,
    is_full: AtomicBool,
}

impl Commits {
    /// Goes on from what was durable before.
    pub fn resume(&self, durable: Lsn) {
        self.durable.store(durable.0, Ordering::Release);
    }

    /// Position everything up to which is durable.
    pub fn durable(&self) -> Lsn {
        Lsn(self.durable.load(Ordering::Acquire))
    }

    /// Lets segments go whose records are all before this one.
    pub fn release(&self, before: Lsn) {
        self.released.store(before.0, Ordering::Release);
    }

    /// The space there is, if a store has looked.
    pub fn room(&self) -> Option<Room> {
        *self.room.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Refuses what would grow the log while there is less space than is to stay free.
    ///
    /// # Errors
    /// [`Unavailable::NoSpace`], until there is space again.
    pub fn check_room(&self) -> Result<(), Unavailable> {
        let full = self.is_full.load(Ordering::Relaxed);
        let room = full.then(|| self.room()).flatten();
        let refuse = |Room { free, reserve, .. }| Err(Unavailable::NoSpace { free, reserve });
        room.map_or(Ok(()), refuse)
    }

    fn set_room(&self, pipeline: &str, room: Room) {
        *self.room.lock().unwrap_or_else(PoisonError::into_inner) = Some(room);
        let was_full = self.is_full.swap(!room.ok, Ordering::Relaxed);
        let (free, reserve) = (room.free, room.reserve);
        match (was_full, room.ok) {
            (false, false) => tracing::error!(
                pipeline,
                free,
                reserve,
                "the store's disk is nearly full: events are refused until there is space"
            ),
            (true, true) => {
                tracing::info!(pipeline, free, "there is space again: events are taken")
            }
            _ => {}
        }
    }
}

/// The committer as the worker sees it.
pub struct Committer {
    sender: SyncSender<Batch>,
    thread: JoinHandle<Result<(), StoreError>>,
}

impl Committer {
    /// Starts the committer's thread.
    ///
    /// # Errors
    /// When the system starts no more threads.
    pub fn start(
        journal: Journal,
        keeper: SyncSender<Load>,
        commit_wait: Duration,
        shared: Arc<Shared>,
    ) -> std::io::Result<Committer> {
        let (sender, receiver) = sync_channel(BATCHES_MAX);
        let name = format!("commit-{}", shared.name);
        let committing = Committing {
            journal,
            keeper,
            sealed: VecDeque::new(),
            commit_wait,
            shared,
            looked: None,
        };
        let thread = std::thread::Builder::new()
            .name(name)
            .spawn(move || committing.run(&receiver))?;
        Ok(Committer { sender, thread })
    }

    /// Hands a round over; waits while too many are under way. Tells whether the committer still runs.
    pub fn send(&self, batch: Batch) -> bool {
        self.sender.send(batch).is_ok()
    }

    /// Whether the thread runs.
    pub fn is_alive(&self) -> bool {
        !self.thread.is_finished()
    }

    /// Lets the committer finish what was handed over, then end.
    ///
    /// # Errors
    /// What made it end before.
    pub fn finish(self) -> Result<(), StoreError> {
        drop(self.sender);
        self.thread.join().unwrap_or(Err(StoreError::Panicked))
    }
}

struct Committing {
    journal: Journal,
    keeper: SyncSender<Load>,
    /// What the keeper has not taken yet.
    sealed: VecDeque<Sealed>,
    commit_wait: Duration,
    shared: Arc<Shared>,
    /// When the disk's free space was last looked at.
    looked: Option<Instant>,
}

impl Committing {
    fn run(mut self, receiver: &Receiver<Batch>) -> Result<(), StoreError> {
        loop {
            self.look()?;
            match receiver.recv_timeout(LOOK_EVERY) {
                Ok(first) => self.commit(first, receiver)?,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    self.sealed.extend(self.journal.take_sealed());
                    self.sealed.drain(..).try_for_each(Sealed::keep)?;
                    return self.journal.sync();
                }
            }
        }
    }

    /// Looks how much space there is, now and then.
    fn look(&mut self) -> Result<(), StoreError> {
        if self.looked.is_none_or(|at| at.elapsed() >= LOOK_EVERY) {
            self.looked = Some(Instant::now());
            let commits = &self.shared.commits;
            commits.set_room(&self.shared.name, self.journal.room()?);
            let mut counters = commits
                .counters
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            *counters = self.journal.counters();
            drop(counters);
            self.drop_released()?;
            self.hand_over();
        }
        Ok(())
    }

    /// Hands the keeper what segments held that were sealed: it takes milliseconds, in which replies would wait here.
    fn hand_over(&mut self) {
        self.sealed.extend(self.journal.take_sealed());
        while let Some(sealed) = self.sealed.pop_front() {
            // It has something else to do: this can wait.
            if let Err(TrySendError::Full(Load::Sealed(sealed))) =
                self.keeper.try_send(Load::Sealed(sealed))
            {
                self.sealed.push_front(sealed);
                return;
            }
        }
    }

    /// Drops segments that were released, for as long as nobody is held up by it.
    fn drop_released(&mut self) -> Result<(), StoreError> {
        let (started, released) = (Instant::now(), &self.shared.commits.released);
        let before = Lsn(released.load(Ordering::Acquire));
        while before > Lsn(0) && started.elapsed() < DROP_TIME {
            if self.journal.drop_oldest(before)?.is_none() {
                released.store(0, Ordering::Release);
                break;
            }
        }
        Ok(())
    }

    /// Makes this round and all that came meanwhile durable at once; then it leaves.
    fn commit(&mut self, first: Batch, receiver: &Receiver<Batch>) -> Result<(), StoreError> {
        let started = Instant::now();
        let mut departures = Vec::new();
        let mut stores = first.stores;
        let mut records = self.take(first, &mut departures)?;
        if records > 0 && !self.commit_wait.is_zero() {
            std::thread::sleep(self.commit_wait);
        }
        while self.journal.gathered_bytes() < COMMIT_BYTES {
            match receiver.try_recv() {
                Ok(next) => {
                    stores |= next.stores;
                    records += self.take(next, &mut departures)?;
                }
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => break,
            }
        }
        if records > 0 {
            let durable = self.write()?;
            let commits = &self.shared.commits;
            commits.durable.store(durable.0, Ordering::Release);
            commits.time.record(started.elapsed());
        }
        if stores {
            self.journal.sync()?;
        }
        departures.into_iter().for_each(|depart| depart());
        Ok(())
    }

    /// Makes what was added durable. On a full disk it waits for space: nothing that rests on it has left.
    fn write(&mut self) -> Result<Lsn, StoreError> {
        loop {
            match self.journal.commit() {
                Err(StoreError::Log(LogError::Full { .. })) => {
                    self.looked = None;
                    self.look()?;
                    std::thread::sleep(LOOK_EVERY);
                }
                outcome => return outcome,
            }
        }
    }

    /// Adds a round to the commit; gives how many records it has.
    fn take(&mut self, batch: Batch, departures: &mut Vec<Departure>) -> Result<usize, StoreError> {
        self.journal.append(&batch.records, batch.now)?;
        departures.extend(batch.departures);
        Ok(batch.records.len())
    }
}
