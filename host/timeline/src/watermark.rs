//! The border of a timeline: events below it are committed, events at or above it are the foreshore. Only
//! ever rises. Knows nothing of what lies on either side.

use std::sync::Arc;

use foreshore_event::{Event, OrderKey, Time};

use crate::entry::{Entry, Lsn};

/// An order key, as the two ways it can come about.
#[derive(Clone, Debug, PartialEq)]
pub enum Watermark {
    /// The first key an event of this time could have.
    First(Time),
    /// Just above this event, logged there, which was committed early.
    Above(Lsn, Arc<Event>),
}

impl Watermark {
    /// Below every event.
    pub const LOWEST: Watermark = Watermark::First(Time::MIN);

    /// Whether this key lies below: final, and too late to be placed.
    pub fn is_above(&self, key: OrderKey<'_>) -> bool {
        match self {
            Watermark::First(time) => key.time < *time,
            Watermark::Above(_, event) => key <= event.order_key(),
        }
    }

    /// Whether this entry lies below.
    pub fn is_above_entry(&self, entry: &Entry) -> bool {
        match self {
            Watermark::First(time) => entry.time() < *time,
            Watermark::Above(_, event) => entry.cmp_key(event.order_key()).is_le(),
        }
    }

    /// The time of the border. Every event below it has this time or an earlier one.
    pub fn time(&self) -> Time {
        match self {
            Watermark::First(time) => *time,
            Watermark::Above(_, event) => event.time(),
        }
    }

    /// Moves up to `other`, if that is higher.
    pub fn raise(&mut self, other: Watermark) {
        let higher = match (&*self, &other) {
            (_, Watermark::Above(_, event)) => !self.is_above(event.order_key()),
            (_, Watermark::First(time)) => *time > self.time(),
        };
        if higher {
            *self = other;
        }
    }
}
