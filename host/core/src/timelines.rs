//! The timelines of a pipeline that are in memory: found by instance and key, queued while they owe folds
//! or are not stored, and kept within a bound of bytes. Folds nothing itself.

use std::collections::VecDeque;
use std::sync::Arc;

use foreshore_event::Time;
use foreshore_timeline::{Lsn, Timeline, Watermark};
use hashbrown::HashMap;

use crate::shelf::{Shelf, Stored};

/// Timelines looked at in one go whether they can leave: at least so many, and of very many one in so many, so that it
/// is short when none can.
const LOOKED_AT_MIN: usize = 8192;
const LOOKED_AT_SHARE: usize = 8;

/// A timeline's number within its pipeline, for as long as it is in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimelineId(u32);

/// The first change of a timeline that is not stored.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Change {
    /// The record that made it.
    pub(crate) lsn: Lsn,
    /// When.
    pub(crate) time: Time,
    /// Up to where all timelines were closed before.
    pub(crate) closed: Time,
}

/// The timelines of a pipeline that are in memory.
#[derive(Debug)]
pub struct Timelines {
    shelves: Vec<Shelf>,
    /// Shelves nothing stands on.
    vacant: Vec<TimelineId>,
    by_key: Vec<HashMap<Arc<str>, TimelineId>>,
    /// Timelines that owe folds, oldest debt first.
    debts: VecDeque<TimelineId>,
    /// Timelines whose plugin failed: they wait for a tick after their rest.
    waiting: Vec<TimelineId>,
    /// Timelines that are not stored as they are, by their oldest change, oldest first.
    dirty: VecDeque<(TimelineId, Change)>,
    /// Timelines on their way to the store, as of these records.
    leaving: Vec<(TimelineId, Lsn)>,
    bytes: usize,
    foreshore: usize,
    /// Bytes above which idle timelines give up their checkpoints.
    shed_above: usize,
    /// Where the search for timelines that can leave goes on.
    evicting: usize,
    /// Where the search for timelines that can give up checkpoints does.
    shedding: usize,
}

impl Timelines {
    /// No timelines yet, of this many instances. While all together take more than `shed_above` bytes, idle ones give
    /// up their checkpoints.
    pub fn new(instances: usize, shed_above: usize) -> Timelines {
        Timelines {
            shelves: Vec::new(),
            vacant: Vec::new(),
            by_key: vec![HashMap::new(); instances],
            debts: VecDeque::new(),
            waiting: Vec::new(),
            dirty: VecDeque::new(),
            leaving: Vec::new(),
            bytes: 0,
            foreshore: 0,
            shed_above,
            evicting: 0,
            shedding: 0,
        }
    }

    /// The timeline of an instance and a key, if it is in memory.
    pub fn find(&self, instance: usize, key: &str) -> Option<TimelineId> {
        self.by_key.get(instance)?.get(key).copied()
    }

    /// The timeline of an instance and a key; a new one starts closed up to `closed`.
    pub fn find_or_start(&mut self, instance: usize, key: &str, closed: Time) -> TimelineId {
        if let Some(id) = self.find(instance, key) {
            return id;
        }
        let timeline = Timeline::starting_at(Watermark::First(closed));
        self.put(Shelf::new(timeline, instance, key.into()))
    }

    /// Puts a shelf among the others, in place of none.
    pub(crate) fn put(&mut self, shelf: Shelf) -> TimelineId {
        let (instance, key) = (shelf.instance, shelf.key.clone());
        let id = match self.vacant.pop() {
            Some(id) => {
                self.shelves[id.0 as usize] = shelf;
                id
            }
            None => {
                self.shelves.push(shelf);
                // Memory ends long before u32 does: a shelf takes some hundred bytes.
                TimelineId(self.shelves.len() as u32 - 1)
            }
        };
        self.by_key[instance].insert(key, id);
        self.count(id.0 as usize);
        id
    }

    /// The shelf of a timeline.
    pub fn get(&self, id: TimelineId) -> &Shelf {
        &self.shelves[id.0 as usize]
    }

    /// The shelf of a timeline, to be changed.
    pub fn get_mut(&mut self, id: TimelineId) -> &mut Shelf {
        &mut self.shelves[id.0 as usize]
    }

    /// Raises every watermark to a time.
    pub fn close(&mut self, time: Time) {
        for at in 0..self.shelves.len() {
            self.shelves[at].timeline.close(time);
            self.count(at);
        }
    }

    /// Makes every timeline give up its checkpoints but the lowest.
    pub fn shed_all(&mut self) {
        for at in 0..self.shelves.len() {
            self.shelves[at].timeline.shed();
            self.count(at);
        }
    }

    /// How many are in memory.
    pub fn len(&self) -> usize {
        self.shelves.len() - self.vacant.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Events at or above their watermarks, as of the last use of each.
    pub fn foreshore(&self) -> usize {
        self.foreshore
    }

    /// Bytes they take, as of the last use of each.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Notes that a timeline was used: counts its bytes, queues it while it owes folds, and lets idle
    /// ones give up their checkpoints while all together take too much.
    pub fn used(&mut self, id: TimelineId) {
        self.count(id.0 as usize);
        let shelf = &mut self.shelves[id.0 as usize];
        (shelf.used, shelf.recent) = (true, true);
        if shelf.timeline.debt() > 0 && !shelf.queued {
            shelf.queued = true;
            self.debts.push_back(id);
        }
        self.shed();
    }

    /// The timeline with the oldest debt, if any: the caller settles it and calls [`Timelines::used`], or
    /// [`Timelines::wait`] when its plugin failed.
    pub fn next_debt(&mut self) -> Option<TimelineId> {
        loop {
            let id = self.debts.pop_front()?;
            let shelf = self.get_mut(id);
            shelf.queued = false;
            // Whoever waited for an answer had it folded meanwhile.
            if shelf.timeline.debt() > 0 {
                return Some(id);
            }
        }
    }

    /// Puts a timeline off to a later tick: its plugin failed.
    pub fn wait(&mut self, id: TimelineId) {
        self.count(id.0 as usize);
        let shelf = self.get_mut(id);
        if !shelf.queued {
            shelf.queued = true;
            self.waiting.push(id);
        }
    }

    /// Queues again what was put off and has rested.
    pub fn tick(&mut self, now: Time) {
        let shelves = &self.shelves;
        let rested = |id: &mut TimelineId| !shelves[id.0 as usize].rests(now);
        self.debts.extend(self.waiting.extract_if(.., rested));
    }

    /// Whether any timeline owes folds that could be made now.
    pub fn owe(&self) -> bool {
        !self.debts.is_empty()
    }

    /// Whether no timeline owes any folds.
    pub(crate) fn are_quiet(&self) -> bool {
        self.debts.is_empty() && self.waiting.is_empty()
    }

    /// Timelines that owe folds, waiting ones included.
    pub fn owing(&self) -> impl Iterator<Item = &Shelf> {
        self.debts
            .iter()
            .chain(&self.waiting)
            .map(|id| self.get(*id))
    }

    /// Notes that a record concerns a timeline: it is not stored as it is any more.
    pub(crate) fn changed(&mut self, id: TimelineId, change: Change) {
        let shelf = self.get_mut(id);
        shelf.lsn = change.lsn;
        if shelf.stored != Stored::Dirty {
            shelf.stored = Stored::Dirty;
            self.dirty.push_back((id, change));
        }
    }

    /// The first change that is missing in the store; none if nothing is missing.
    pub(crate) fn oldest_change(&self) -> Option<Change> {
        self.dirty.front().map(|(_, change)| *change)
    }

    /// How many timelines are not stored as they are.
    pub(crate) fn dirty(&self) -> usize {
        self.dirty.len()
    }

    /// Takes the timeline that has been waiting to be stored for longest off its queue.
    pub(crate) fn next_dirty(&mut self) -> Option<TimelineId> {
        let (id, ..) = self.dirty.pop_front()?;
        let shelf = self.get_mut(id);
        let lsn = shelf.lsn;
        shelf.stored = Stored::Leaving(lsn);
        self.leaving.push((id, lsn));
        Some(id)
    }

    /// What was on its way has arrived: unless it changed meanwhile, it is clean.
    pub(crate) fn arrived(&mut self) {
        for (id, lsn) in std::mem::take(&mut self.leaving) {
            let shelf = self.get_mut(id);
            if shelf.stored == Stored::Leaving(lsn) {
                shelf.stored = Stored::Clean;
            }
        }
    }

    /// Lets timelines that were not used for a round of the hand leave memory while all together take more
    /// than `bytes_max`; gives how many left. Looks at all of them at most, at a share of very many, in so many parts.
    pub(crate) fn evict(&mut self, bytes_max: usize, parts: usize) -> usize {
        let mut left = 0;
        let all = 2 * self.shelves.len();
        let looked_at = LOOKED_AT_MIN.max(all / LOOKED_AT_SHARE) / parts.max(1);
        for _ in 0..all.min(looked_at) {
            if self.bytes <= bytes_max {
                break;
            }
            self.evicting = (self.evicting + 1) % self.shelves.len();
            let shelf = &mut self.shelves[self.evicting];
            if shelf.can_leave() {
                self.remove(TimelineId(self.evicting as u32));
                left += 1;
            } else {
                shelf.used = false;
            }
        }
        left
    }

    fn remove(&mut self, id: TimelineId) {
        let shelf = std::mem::replace(self.get_mut(id), Shelf::vacant());
        self.by_key[shelf.instance].remove(&shelf.key);
        self.bytes -= shelf.bytes;
        self.foreshore -= shelf.foreshore;
        self.vacant.push(id);
    }

    /// A clock hand over all timelines: what was used since it last passed gets another round, what was not gives up
    /// its checkpoints but the lowest. A few steps for every use, and none while there is room.
    fn shed(&mut self) {
        const STEPS_MAX: usize = 4;
        for _ in 0..STEPS_MAX {
            if self.bytes <= self.shed_above || self.shelves.is_empty() {
                return;
            }
            self.shedding = (self.shedding + 1) % self.shelves.len();
            let shelf = &mut self.shelves[self.shedding];
            // One checkpoint stays whatever happens.
            if std::mem::take(&mut shelf.recent) || shelf.timeline.checkpoints() < 2 {
                continue;
            }
            shelf.timeline.shed();
            self.count(self.shedding);
        }
    }

    /// Has a timeline let go of what it can, and counts its bytes and foreshore anew.
    fn count(&mut self, at: usize) {
        let shelf = &mut self.shelves[at];
        shelf.timeline.let_go();
        let (bytes, foreshore) = (shelf.weigh(), shelf.timeline.foreshore());
        self.bytes = self.bytes + bytes - shelf.bytes;
        self.foreshore = self.foreshore + foreshore - shelf.foreshore;
        (shelf.bytes, shelf.foreshore) = (bytes, foreshore);
    }
}
