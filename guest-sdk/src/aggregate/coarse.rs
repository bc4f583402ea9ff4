//! The oldest part of a window, beyond the entries it keeps exactly: at most 32 summaries, each of which
//! counts as a whole at the time of its newest event.

use super::stats::Moments;
use crate::state::{Reader, State, Writer};
use crate::time::{Span, Time};

/// Most summaries kept: a window's far end then steps by about a thirtieth of its length.
const PARTS_MAX: usize = 32;

/// Summaries, the oldest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Coarse {
    parts: Vec<Part>,
}

/// Events next to each other in time, summed up.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Part {
    oldest: Time,
    /// The time as of which all of it counts.
    pub(crate) newest: Time,
    /// What its events add up to.
    pub(crate) moments: Moments,
}

impl Coarse {
    /// An empty list.
    pub(crate) const fn new() -> Coarse {
        Coarse { parts: Vec::new() }
    }

    /// Takes in an event newer than all it has. When the list is full, the two neighbours that together
    /// cover the shortest time become one, the older pair of two equals.
    pub(crate) fn take(&mut self, time: Time, value: f64) {
        self.parts.push(Part {
            oldest: time,
            newest: time,
            moments: Moments::of(value),
        });
        if self.parts.len() > PARTS_MAX {
            self.merge_closest();
        }
    }

    fn merge_closest(&mut self) {
        let covered = |index: usize| {
            let (older, newer) = (&self.parts[index], &self.parts[index + 1]);
            newer.newest.since(older.oldest)
        };
        // `min_by_key` keeps the first of equals, which is the older.
        let closest = (0..self.parts.len() - 1).min_by_key(|&index| covered(index));
        if let Some(index) = closest {
            let newer = self.parts.remove(index + 1);
            let older = &mut self.parts[index];
            older.newest = newer.newest;
            older.moments.merge(&newer.moments);
        }
    }

    /// Drops what no span reaches any more.
    pub(crate) fn evict(&mut self, until: Time) {
        let expired = self.parts.partition_point(|part| part.newest <= until);
        self.parts.drain(..expired);
    }

    /// The summaries, the newest first.
    pub(crate) fn newest_first(&self) -> impl Iterator<Item = &Part> {
        self.parts.iter().rev()
    }
}

impl State for Coarse {
    fn encode(&self, writer: &mut Writer) {
        writer.unsigned(self.parts.len() as u64);
        for part in &self.parts {
            part.oldest.encode(writer);
            part.newest.since(part.oldest).encode(writer);
            part.moments.encode(writer);
        }
    }

    fn decode(&mut self, reader: &mut Reader<'_>) {
        let parts = (0..reader.count()).map(|_| {
            let mut part = Part::default();
            let mut length = Span::default();
            part.oldest.decode(reader);
            length.decode(reader);
            part.newest = part.oldest.plus(length);
            part.moments.decode(reader);
            part
        });
        self.parts = parts.collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aggregate::trial::round_trip;

    fn counts(coarse: &Coarse) -> Vec<(i64, f64)> {
        let parts = coarse.newest_first();
        parts
            .map(|part| (part.newest.0, part.moments.stats().count))
            .collect()
    }

    #[test]
    fn the_closest_neighbours_merge_the_older_first() {
        let mut coarse = Coarse::new();
        for time in 0..32 {
            coarse.take(Time(time * 10), 1.0);
        }
        coarse.take(Time(312), 1.0);
        assert_eq!(counts(&coarse)[..2], [(312, 2.0), (300, 1.0)]);
        coarse.take(Time(330), 1.0);
        assert_eq!(counts(&coarse)[..2], [(330, 1.0), (312, 2.0)]);
        assert_eq!(counts(&coarse)[30..], [(20, 1.0), (10, 2.0)]);
        round_trip(&coarse, Coarse::new());
    }

    #[test]
    fn a_summary_leaves_with_its_newest_event() {
        let mut coarse = Coarse::new();
        for time in 0..40 {
            coarse.take(Time(time), 1.0);
        }
        coarse.evict(Time(0));
        assert_eq!(counts(&coarse).iter().map(|part| part.1).sum::<f64>(), 40.0);
        coarse.evict(Time(38));
        assert_eq!(counts(&coarse), [(39, 1.0)]);
    }
}
