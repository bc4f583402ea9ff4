//! Whether events come in their total order, and bringing them there. Takes events with their lines; must
//! not know what becomes of them.

use foreshore_event::{Event, OrderKey, Time};

use crate::replay::decode::Line;

/// Watches events pass.
#[derive(Debug, Default)]
pub struct Order {
    last: Option<Passed>,
}

/// The order key of an event that is gone.
#[derive(Debug)]
struct Passed {
    time: Time,
    sequence: Option<u64>,
    source: String,
    id: String,
}

impl Passed {
    fn of(event: &Event) -> Passed {
        Passed {
            time: event.time(),
            sequence: event.sequence(),
            source: event.source().to_owned(),
            id: event.id().to_owned(),
        }
    }

    fn key(&self) -> OrderKey<'_> {
        OrderKey {
            time: self.time,
            sequence: self.sequence,
            source: &self.source,
            id: &self.id,
        }
    }
}

impl Order {
    /// Lets the next events pass; gives the line of the first that belongs before one that has passed.
    pub fn pass(&mut self, events: &[Line]) -> Option<u64> {
        let mut before = self.last.as_ref().map(Passed::key);
        for line in events {
            let key = Some(line.event.order_key());
            if key < before {
                return Some(line.number);
            }
            before = key;
        }
        if let Some(line) = events.last() {
            self.last = Some(Passed::of(&line.event));
        }
        None
    }
}

/// Brings events into their total order; those of one order key stay as they stood.
pub fn sort(events: &mut [Line]) {
    events.sort_by(|a, b| a.event.order_key().cmp(&b.event.order_key()));
}
