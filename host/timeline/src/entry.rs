//! What a timeline holds of an event: a share in it, its log position, and what it is there for. Tells how it stands
//! to a key; must not know where it stands.

use std::cmp::Ordering;
use std::sync::Arc;

use foreshore_event::{Event, OrderKey, Time};

/// A position in the log: the serial number of a record, from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lsn(pub u64);

impl Lsn {
    /// The position after this one.
    pub fn next(self) -> Lsn {
        Lsn(self.0 + 1)
    }

    /// The position before this one; 0, which no record has, before the first.
    pub fn before(self) -> Lsn {
        Lsn(self.0.saturating_sub(1))
    }
}

/// What an event does in one timeline. One that does neither does not stand there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Role {
    /// It changes the state.
    pub apply: bool,
    /// A decision rests on the features as of it.
    pub emit: bool,
}

/// An event in its place.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The event, shared by all its timelines.
    pub event: Arc<Event>,
    /// Where it was logged.
    pub lsn: Lsn,
    /// What it does here.
    pub role: Role,
    /// The event's time, here too: most often it alone tells the order, and the event need not be looked at, which
    /// lies anywhere in memory.
    time: Time,
}

impl Entry {
    /// The entry of an event.
    pub fn new(event: Arc<Event>, lsn: Lsn, role: Role) -> Entry {
        Entry {
            time: event.time(),
            event,
            lsn,
            role,
        }
    }

    /// When it happened, by its device's clock.
    pub fn time(&self) -> Time {
        self.time
    }

    /// How it stands to a key in the order of events.
    pub fn cmp_key(&self, key: OrderKey<'_>) -> Ordering {
        let by_time = self.time.cmp(&key.time);
        by_time.then_with(|| self.event.order_key().cmp(&key))
    }
}
