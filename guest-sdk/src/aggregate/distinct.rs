//! How many different values there were, over any number of spans at once. Keeps, per value, what tells it
//! apart and when it was last seen.

use std::collections::VecDeque;

use super::pass::Pass;
use super::queue::queue_of;
use super::value::Value;
use crate::state::{Reader, State, Writer};
use crate::time::{Span, Time};

/// The different values of a sliding window.
///
/// Keeps, per value, when it was last seen, for at most `values` of them. Counts up to that bound are exact;
/// a span with more different values counts exactly `values`. [`Distinct::coarsened`] tells that it happened.
///
/// State: 1 byte when empty, else 2; per value 8 bytes of identity and 8 of time.
#[derive(Clone, Debug)]
pub struct Distinct {
    longest: Span,
    values_max: usize,
    coarsened: u64,
    /// The one seen longest ago first.
    sightings: VecDeque<Sighting>,
}

#[derive(Clone, Copy, Debug)]
struct Sighting {
    time: Time,
    identity: u64,
}

impl Distinct {
    /// Of no values yet; answers spans up to `longest` and tells up to `values` (at least 1) apart.
    pub const fn of(longest: Span, values: usize) -> Distinct {
        Distinct {
            longest,
            values_max: if values == 0 { 1 } else { values },
            coarsened: 0,
            sightings: VecDeque::new(),
        }
    }

    /// Takes a value in: text, number, boolean or an `Option` of these.
    pub fn add(&mut self, time: Time, value: impl Value) {
        let Some(identity) = value.identity() else {
            return;
        };
        let last = self.sightings.back();
        let time = last.map_or(time, |last| time.max(last.time));
        self.evict(time.minus(self.longest));
        self.forget(identity);
        self.sightings.push_back(Sighting { time, identity });
    }

    fn evict(&mut self, until: Time) {
        while self
            .sightings
            .front()
            .is_some_and(|sighting| sighting.time <= until)
        {
            self.sightings.pop_front();
        }
    }

    /// Makes room for a sighting of this value: its earlier one goes or, when full, the oldest of all.
    fn forget(&mut self, identity: u64) {
        let known = self
            .sightings
            .iter()
            .rposition(|sighting| sighting.identity == identity);
        if let Some(known) = known {
            self.sightings.remove(known);
        } else if self.sightings.len() >= self.values_max {
            self.sightings.pop_front();
            self.coarsened += 1;
        }
    }

    /// How many different values each span holds, as of `at`.
    pub fn over<const N: usize>(&self, spans: [Span; N], at: Time) -> [f64; N] {
        let mut running = 0.0;
        let mut pass = Pass::of(spans, self.longest, at, running);
        for sighting in self.sightings.iter().rev() {
            if !pass.reaches(sighting.time, &running) {
                break;
            }
            running += 1.0;
        }
        pass.finish(running)
    }

    /// How many values have ever been let go while a span could still reach them.
    pub fn coarsened(&self) -> u64 {
        self.coarsened
    }
}

impl State for Distinct {
    fn encode(&self, writer: &mut Writer) {
        writer.unsigned(self.sightings.len() as u64);
        if self.sightings.is_empty() {
            return;
        }
        writer.unsigned(self.coarsened);
        let (older, newer) = self.sightings.as_slices();
        for run in [older, newer] {
            writer.items(run.iter().map(|sighting| {
                let time = sighting.time.0 as u64;
                (u128::from(sighting.identity) << 64 | u128::from(time)).to_le_bytes()
            }));
        }
    }

    fn decode(&mut self, reader: &mut Reader<'_>) {
        let count = reader.count();
        self.sightings.clear();
        if count == 0 {
            return;
        }
        self.coarsened = reader.unsigned();
        self.sightings = queue_of(reader.items(count), |item| {
            let item = u128::from_le_bytes(*item);
            Sighting {
                time: Time(item as u64 as i64),
                identity: (item >> 64) as u64,
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aggregate::trial::{Random, round_trip};
    use std::collections::BTreeSet;

    #[track_caller]
    fn counts_as_a_set_would(seed: u64, values: usize) {
        let mut random = Random::of(seed);
        let mut distinct = Distinct::of(Span(600), values);
        let (mut events, mut time) = (Vec::new(), Time(0));
        for _ in 0..400 {
            time = time.plus(Span(random.within(20) as i64));
            let value = random.within(50) as i64;
            distinct.add(time, value);
            events.push((time, value));
            distinct = round_trip(&distinct, Distinct::of(Span(600), values));
            let spans = [Span(600), Span(50)];
            for (found, span) in distinct.over(spans, time).into_iter().zip(spans) {
                let within = events.iter().filter(|event| event.0 > time.minus(span));
                let set: BTreeSet<i64> = within.map(|event| event.1).collect();
                assert_eq!(found, set.len().min(values) as f64, "seed {seed}");
            }
        }
        assert_eq!(distinct.coarsened() > 0, values < 40, "seed {seed}");
    }

    #[test]
    fn counts_are_those_of_a_set_up_to_the_bound() {
        for seed in 0..20 {
            counts_as_a_set_would(seed, 50);
            counts_as_a_set_would(seed, 10);
        }
    }

    #[test]
    fn a_missing_value_is_not_counted() {
        let mut distinct = Distinct::of(Span(600), 4);
        distinct.add(Time(0), None::<&str>);
        distinct.add(Time(0), Some("here"));
        assert_eq!(distinct.over([Span(1)], Time(0)), [1.0]);
    }
}
