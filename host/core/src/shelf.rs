//! A timeline and what the core keeps beside it: whose it is, why it last went back, whether its plugin lets
//! it rest, and what of it is not stored yet. Folds nothing, stores nothing.

use std::sync::Arc;

use foreshore_event::{Span, Time};
use foreshore_timeline::{Lsn, Timeline};

use crate::mention::Mention;

/// Rest after the first fold that missed its deadline; it doubles with each further one in a row.
const REST_MIN: Span = Span(100_000);

/// Longest rest.
const REST_MAX: Span = Span(60_000_000);

/// A timeline and what the core keeps beside it.
#[derive(Debug)]
pub struct Shelf {
    /// The timeline.
    pub timeline: Timeline,
    /// Which instance's it is.
    pub instance: usize,
    /// Its key.
    pub key: Arc<str>,
    /// The event that last made it go back: the cause of what changes in its refold.
    pub cause: Option<Arc<Mention>>,
    /// The last record that concerns it.
    pub lsn: Lsn,
    /// How much of it is stored.
    pub(crate) stored: Stored,
    /// Folds in a row that missed their deadline, and when the next may be tried: an event that cannot be
    /// folded in time must not cost every request that time.
    missed: u32,
    rests_until: Time,
    /// Whether it stands in a queue of debts.
    pub(crate) queued: bool,
    /// Used since it was last looked at whether it can leave.
    pub(crate) used: bool,
    /// Used since it was last looked at whether it can give up checkpoints.
    pub(crate) recent: bool,
    /// Whether anything stands on it.
    pub(crate) vacant: bool,
    /// Bytes and foreshore events as last counted.
    pub(crate) bytes: usize,
    pub(crate) foreshore: usize,
}

/// How much of a timeline is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stored {
    /// All that matters: it can leave memory.
    Clean,
    /// As of this record, once the store has said so.
    Leaving(Lsn),
    /// It has changed since: it stands in the queue of what is to be stored.
    Dirty,
}

impl Shelf {
    /// A shelf with this timeline on it.
    pub(crate) fn new(timeline: Timeline, instance: usize, key: Arc<str>) -> Shelf {
        Shelf {
            timeline,
            instance,
            key,
            cause: None,
            lsn: Lsn(0),
            stored: Stored::Clean,
            missed: 0,
            rests_until: Time::MIN,
            queued: false,
            used: true,
            recent: true,
            vacant: false,
            bytes: 0,
            foreshore: 0,
        }
    }

    /// A shelf nothing stands on.
    pub(crate) fn vacant() -> Shelf {
        Shelf {
            vacant: true,
            ..Shelf::new(Timeline::default(), 0, "".into())
        }
    }

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

    /// Bytes it takes in memory.
    pub(crate) fn weigh(&self) -> usize {
        match self.vacant {
            true => 0,
            false => self.timeline.bytes() + size_of::<Shelf>() + self.key.len(),
        }
    }

    /// Whether it can leave memory without loss, and without anybody missing it at once.
    pub(crate) fn can_leave(&self) -> bool {
        !self.vacant
            && self.stored == Stored::Clean
            && !self.queued
            && !self.used
            && self.timeline.debt() == 0
    }
}
