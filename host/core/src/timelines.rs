//! All timelines of a pipeline: found by instance and key, queued while they owe folds, and kept within a
//! bound of bytes. Folds nothing itself.

use std::collections::VecDeque;
use std::sync::Arc;

use foreshore_event::{Event, Span, Time};
use foreshore_timeline::{Lsn, Timeline, Watermark};
use hashbrown::HashMap;

/// A timeline's number within its pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimelineId(u32);

/// A timeline and what the core keeps beside it.
#[derive(Debug)]
pub struct Shelf {
    /// The timeline.
    pub timeline: Timeline,
    /// Which instance's it is.
    pub instance: usize,
    /// The event that last made it go back: the cause of what changes in its refold.
    pub cause: Option<(Lsn, Arc<Event>)>,
    /// Folds in a row that missed their deadline, and when the next may be tried: an event that cannot be
    /// folded in time must not cost every request that time.
    missed: u32,
    rests_until: Time,
    /// Whether it stands in a queue of debts.
    queued: bool,
    /// Used since the hand last passed.
    used: bool,
    /// Bytes and foreshore events as last counted.
    bytes: usize,
    foreshore: usize,
}

/// Rest after the first fold that missed its deadline; it doubles with each further one in a row.
const REST_MIN: Span = Span(100_000);

/// Longest rest.
const REST_MAX: Span = Span(60_000_000);

impl Shelf {
    /// Whether its last folds missed their deadline so lately that it is not to be tried now.
    pub fn rests(&self, now: Time) -> bool {
        now < self.rests_until
    }

    /// Takes note of a fold that missed its deadline.
    pub fn missed(&mut self, now: Time) {
        let rest = REST_MIN.0.saturating_mul(1_i64 << self.missed.min(20));
        self.missed += 1;
        self.rests_until = now.plus(Span(rest.min(REST_MAX.0)));
    }

    /// Takes note of a fold that succeeded.
    pub fn recovered(&mut self) {
        (self.missed, self.rests_until) = (0, Time::MIN);
    }
}

/// The timelines of a pipeline.
#[derive(Debug)]
pub struct Timelines {
    shelves: Vec<Shelf>,
    by_key: Vec<HashMap<Box<str>, TimelineId>>,
    /// Timelines that owe folds, oldest debt first.
    debts: VecDeque<TimelineId>,
    /// Timelines whose plugin failed: they wait for a tick after their rest.
    waiting: Vec<TimelineId>,
    bytes: usize,
    foreshore: usize,
    bytes_max: usize,
    /// Where the search for idle timelines goes on.
    hand: usize,
}

impl Timelines {
    /// No timelines yet, of this many instances.
    pub fn new(instances: usize, bytes_max: usize) -> Timelines {
        Timelines {
            shelves: Vec::new(),
            by_key: vec![HashMap::new(); instances],
            debts: VecDeque::new(),
            waiting: Vec::new(),
            bytes: 0,
            foreshore: 0,
            bytes_max,
            hand: 0,
        }
    }

    /// The timeline of an instance and a key, if it has any history.
    pub fn find(&self, instance: usize, key: &str) -> Option<TimelineId> {
        self.by_key.get(instance)?.get(key).copied()
    }

    /// The timeline of an instance and a key; a new one starts closed up to `closed`.
    pub fn find_or_start(&mut self, instance: usize, key: &str, closed: Time) -> TimelineId {
        if let Some(id) = self.find(instance, key) {
            return id;
        }
        // Memory ends long before u32 does: a shelf takes some hundred bytes.
        let id = TimelineId(self.shelves.len() as u32);
        self.shelves.push(Shelf {
            timeline: Timeline::starting_at(Watermark::First(closed)),
            instance,
            cause: None,
            missed: 0,
            rests_until: Time::MIN,
            queued: false,
            used: true,
            bytes: 0,
            foreshore: 0,
        });
        self.by_key[instance].insert(key.into(), id);
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

    /// Makes every timeline give up its checkpoints.
    pub fn shed_all(&mut self) {
        for at in 0..self.shelves.len() {
            self.shelves[at].timeline.shed();
            self.count(at);
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.shelves.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.shelves.is_empty()
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
        shelf.used = true;
        if shelf.timeline.debt() > 0 && !shelf.queued {
            shelf.queued = true;
            self.debts.push_back(id);
        }
        self.shed();
    }

    /// The timeline with the oldest debt, if any: the caller settles it and calls [`Timelines::used`], or
    /// [`Timelines::wait`] when its plugin failed.
    pub fn next_debt(&mut self) -> Option<TimelineId> {
        let id = self.debts.pop_front()?;
        self.get_mut(id).queued = false;
        Some(id)
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

    /// Timelines that owe folds, waiting ones included.
    pub fn owing(&self) -> impl Iterator<Item = &Shelf> {
        self.debts
            .iter()
            .chain(&self.waiting)
            .map(|id| self.get(*id))
    }

    /// A clock hand over all timelines: what was used since it last passed gets another round, what was
    /// not gives up its checkpoints. At most one round per use, and nothing while there is room.
    fn shed(&mut self) {
        const STEPS_MAX: usize = 8;
        for _ in 0..STEPS_MAX {
            if self.bytes <= self.bytes_max || self.shelves.is_empty() {
                return;
            }
            self.hand = (self.hand + 1) % self.shelves.len();
            let shelf = &mut self.shelves[self.hand];
            if std::mem::take(&mut shelf.used) {
                continue;
            }
            shelf.timeline.shed();
            self.count(self.hand);
        }
    }

    /// Counts a timeline's bytes and foreshore anew.
    fn count(&mut self, at: usize) {
        let shelf = &mut self.shelves[at];
        let bytes = shelf.timeline.bytes() + size_of::<Shelf>();
        let foreshore = shelf.timeline.foreshore();
        self.bytes = self.bytes + bytes - shelf.bytes;
        self.foreshore = self.foreshore + foreshore - shelf.foreshore;
        (shelf.bytes, shelf.foreshore) = (bytes, foreshore);
    }
}
