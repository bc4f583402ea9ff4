//! Sliding windows over any number of spans at once, exact up to a bound of entries. Takes values in time
//! order; reads are one pass from the newest entry to the oldest.

use std::collections::VecDeque;

use super::coarse::Coarse;
use super::pass::Pass;
use super::queue::queue_of;
use super::stats::{Moments, Stats};
use crate::state::writer::canonical;
use crate::state::{Reader, State, Writer};
use crate::time::{Span, Time};

/// The values of a sliding window.
///
/// Exact while the longest span holds at most `entries` values. Beyond that its oldest values move into at
/// most 32 summaries; when these are full, the two neighbours that cover the shortest time become one. A
/// summary counts as a whole, at the time of its newest value: the far end of a crowded span then steps by
/// about a thirtieth of it, while everything newer stays exact. [`Window::coarsened`] counts such values.
///
/// State: 1 byte when empty, else 3; per entry 8 bytes of time, and 8 of value, which stands once where all have the
/// same; 44 to 54 per summary.
#[derive(Clone, Debug)]
pub struct Window {
    longest: Span,
    entries_max: usize,
    coarsened: u64,
    coarse: Coarse,
    /// Oldest first.
    entries: VecDeque<Entry>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    time: Time,
    value: f64,
}

impl Entry {
    /// Its time in 8 bytes, its value in 8.
    fn bytes(&self) -> [u8; 16] {
        let (time, value) = (self.time.0 as u64, canonical(self.value).to_bits());
        (u128::from(value) << 64 | u128::from(time)).to_le_bytes()
    }

    /// The entry of these bytes.
    fn of(bytes: &[u8; 16]) -> Entry {
        let bytes = u128::from_le_bytes(*bytes);
        Entry {
            time: Time(bytes as u64 as i64),
            value: f64::from_bits((bytes >> 64) as u64),
        }
    }
}

impl Window {
    /// An empty window that can answer spans up to `longest` and keeps `entries` values (at least 1)
    /// exactly.
    pub const fn of(longest: Span, entries: usize) -> Window {
        Window {
            longest,
            entries_max: if entries == 0 { 1 } else { entries },
            coarsened: 0,
            coarse: Coarse::new(),
            entries: VecDeque::new(),
        }
    }

    /// Takes a value in, and lets go of what the longest span no longer reaches.
    pub fn add(&mut self, time: Time, value: f64) {
        if value.is_nan() {
            return;
        }
        let time = self.entries.back().map_or(time, |last| time.max(last.time));
        self.evict(time.minus(self.longest));
        if self.entries.len() >= self.entries_max
            && let Some(oldest) = self.entries.pop_front()
        {
            self.coarse.take(oldest.time, oldest.value);
            self.coarsened += 1;
        }
        self.entries.push_back(Entry { time, value });
    }

    fn evict(&mut self, until: Time) {
        self.coarse.evict(until);
        while self
            .entries
            .front()
            .is_some_and(|entry| entry.time <= until)
        {
            self.entries.pop_front();
        }
    }

    /// What the values within each span add up to, as of `at`. A span beyond the longest is cut to it.
    pub fn over<const N: usize>(&self, spans: [Span; N], at: Time) -> [Stats; N] {
        self.moments(spans, at).map(|moments| moments.stats())
    }

    fn moments<const N: usize>(&self, spans: [Span; N], at: Time) -> [Moments; N] {
        let mut running = Moments::default();
        let mut pass = Pass::of(spans, self.longest, at, running);
        for entry in self.entries.iter().rev() {
            if !pass.reaches(entry.time, &running) {
                return pass.finish(running);
            }
            running.add(entry.value);
        }
        for part in self.coarse.newest_first() {
            if !pass.reaches(part.newest, &running) {
                break;
            }
            running.merge(&part.moments);
        }
        pass.finish(running)
    }

    /// How many values have ever left the exact part while a span could still reach them.
    pub fn coarsened(&self) -> u64 {
        self.coarsened
    }
}

/// Every entry as it is in memory, so that a call spends its time on what is new; where all values are the same, as
/// where events are counted, the value stands once.
impl State for Window {
    fn encode(&self, writer: &mut Writer) {
        writer.unsigned(self.entries.len() as u64);
        let Some(first) = self.entries.front() else {
            return;
        };
        writer.unsigned(self.coarsened);
        if self.coarsened > 0 {
            self.coarse.encode(writer);
        }
        let value = first.value.to_bits();
        let same = self
            .entries
            .iter()
            .all(|entry| entry.value.to_bits() == value);
        same.encode(writer);
        if same {
            writer.number(first.value);
        }
        // Two runs of memory, one after the other, are copied faster than a queue.
        let (older, newer) = self.entries.as_slices();
        for run in [older, newer] {
            match same {
                true => writer.items(run.iter().map(|entry| entry.time.0.to_le_bytes())),
                false => writer.items(run.iter().map(|entry| entry.bytes())),
            }
        }
    }

    fn decode(&mut self, reader: &mut Reader<'_>) {
        let count = reader.count();
        self.entries.clear();
        if count == 0 {
            return;
        }
        self.coarsened = reader.unsigned();
        if self.coarsened > 0 {
            self.coarse.decode(reader);
        }
        let mut same = false;
        same.decode(reader);
        self.entries = match same {
            true => {
                let value = reader.number();
                queue_of(reader.items(count), |time| Entry {
                    time: Time(i64::from_le_bytes(*time)),
                    value,
                })
            }
            false => queue_of(reader.items(count), Entry::of),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aggregate::trial::{Random, close, round_trip};

    /// What a list of all events ever says.
    fn naive(events: &[(Time, f64)], span: Span, at: Time) -> Vec<f64> {
        let within = events.iter().filter(|(time, _)| *time > at.minus(span));
        within.map(|(_, value)| *value).collect()
    }

    #[test]
    fn spans_hold_exactly_what_happened_within_them() {
        for seed in 0..50 {
            let mut random = Random::of(seed);
            let mut window = Window::of(Span(1_000), 4_000);
            let (mut events, mut time) = (Vec::new(), Time(0));
            for _ in 0..200 {
                time = time.plus(Span(random.within(40) as i64));
                let value = random.within(5) as f64 / 10.0;
                window.add(time, value);
                events.push((time, value));
                let at = time.plus(Span(random.within(100) as i64));
                let spans = [Span(100), Span(1_000), Span(7)];
                for (stats, span) in window.over(spans, at).into_iter().zip(spans) {
                    check(stats, &naive(&events, span, at), seed);
                }
                window = round_trip(&window, Window::of(Span(1_000), 4_000));
            }
            assert_eq!(window.coarsened(), 0);
        }
    }

    #[track_caller]
    fn check(stats: Stats, values: &[f64], seed: u64) {
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let spread = values.iter().map(|value| (value - mean).powi(2));
        let expected = [
            count,
            values.iter().sum(),
            mean,
            values.iter().copied().fold(f64::NAN, f64::min),
            values.iter().copied().fold(f64::NAN, f64::max),
            (spread.sum::<f64>() / count).sqrt(),
        ];
        let Stats {
            count,
            sum,
            mean,
            min,
            max,
            deviation,
        } = stats;
        let found = [count, sum, mean, min, max, deviation];
        for (found, expected) in found.into_iter().zip(expected) {
            assert!(
                close(found, expected),
                "seed {seed}: {found} is not {expected}"
            );
        }
    }

    #[test]
    fn beyond_the_bound_recent_spans_stay_exact_and_the_total_is_kept() {
        let mut window = Window::of(Span(1_000), 16);
        for time in 0..500 {
            window.add(Time(time), time as f64);
            window = round_trip(&window, Window::of(Span(1_000), 16));
        }
        let [recent, all] = window.over([Span(10), Span(1_000)], Time(499));
        assert_eq!((recent.count, recent.min, recent.max), (10.0, 490.0, 499.0));
        assert_eq!((all.count, all.sum, all.min), (500.0, 124_750.0, 0.0));
        assert!(close(
            all.deviation,
            ((500.0_f64.powi(2) - 1.0) / 12.0).sqrt()
        ));
        assert_eq!(window.coarsened(), 484);
    }

    #[test]
    fn a_crowded_span_ends_at_a_summary() {
        let mut window = Window::of(Span(1_000), 16);
        for time in 0..3_000 {
            window.add(Time(time), 1.0);
        }
        for span in [100, 500, 1_000] {
            let [stats] = window.over([Span(span)], Time(2_999));
            let off = (stats.count - span as f64).abs();
            assert!(off <= 80.0, "{span}: {}", stats.count);
        }
    }

    #[test]
    fn a_missing_value_is_not_taken_in_and_time_does_not_run_back() {
        let mut window = Window::of(Span(10), 4);
        window.add(Time(5), f64::NAN);
        assert_eq!(window.over([Span(10)], Time(5))[0].count, 0.0);
        window.add(Time(5), 1.0);
        window.add(Time(3), 2.0);
        assert_eq!(window.over([Span(1)], Time(5))[0].sum, 3.0);
    }

    #[test]
    fn equal_values_share_their_bytes() {
        let bytes = |value: fn(i64) -> f64| {
            let mut window = Window::of(Span(1_000), 100);
            (0..100).for_each(|time| window.add(Time(time), value(time)));
            let mut writer = Writer::default();
            window.encode(&mut writer);
            writer.into_bytes().len()
        };
        assert_eq!(bytes(|_| 1.0), 1 + 1 + 1 + 8 + 100 * 8);
        assert_eq!(bytes(|time| time as f64), 1 + 1 + 1 + 100 * 16);
    }
}
