//! The share of events that fulfil a condition, over any number of spans at once: a window of ones and
//! zeros.

use super::window::Window;
use crate::state::{Reader, State, Writer};
use crate::time::{Span, Time};

/// How many of the latest events fulfil a condition. Bounds, coarsening and state are those of [`Window`].
#[derive(Clone, Debug)]
pub struct Share {
    window: Window,
}

/// The events of one span.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Portion {
    /// How many there are.
    pub count: f64,
    /// How many fulfil the condition.
    pub hits: f64,
    /// `hits / count`; missing (NaN) without events.
    pub share: f64,
}

impl Share {
    /// Of no events yet; answers spans up to `longest`, exactly while they hold at most `entries` events.
    pub const fn of(longest: Span, entries: usize) -> Share {
        Share {
            window: Window::of(longest, entries),
        }
    }

    /// Takes an event in, which does or does not fulfil the condition.
    pub fn add(&mut self, time: Time, hit: bool) {
        self.window.add(time, f64::from(u8::from(hit)));
    }

    /// The events within each span, as of `at`.
    pub fn over<const N: usize>(&self, spans: [Span; N], at: Time) -> [Portion; N] {
        self.window.over(spans, at).map(|stats| Portion {
            count: stats.count,
            hits: stats.sum,
            share: stats.mean,
        })
    }

    /// How many events have ever left the exact part while a span could still reach them.
    pub fn coarsened(&self) -> u64 {
        self.window.coarsened()
    }
}

impl State for Share {
    fn encode(&self, writer: &mut Writer) {
        self.window.encode(writer);
    }

    fn decode(&mut self, reader: &mut Reader<'_>) {
        self.window.decode(reader);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aggregate::trial::{Random, round_trip};

    #[test]
    fn shares_equal_a_count_of_all_events() {
        for seed in 0..20 {
            let mut random = Random::of(seed);
            let mut share = Share::of(Span(500), 1_000);
            let mut events = Vec::new();
            for time in 0..300 {
                let (time, hit) = (Time(time * 3), random.within(4) == 0);
                share.add(time, hit);
                events.push((time, hit));
                share = round_trip(&share, Share::of(Span(500), 1_000));
                let [short, long] = share.over([Span(30), Span(500)], time);
                for (portion, span) in [(short, Span(30)), (long, Span(500))] {
                    let within = events.iter().filter(|event| event.0 > time.minus(span));
                    let hits = within.clone().filter(|event| event.1).count() as f64;
                    let count = within.count() as f64;
                    assert_eq!((portion.count, portion.hits), (count, hits), "seed {seed}");
                    assert_eq!(portion.share, hits / count, "seed {seed}");
                }
            }
        }
    }

    #[test]
    fn without_events_there_is_no_share() {
        let [portion] = Share::of(Span(500), 8).over([Span(30)], Time(0));
        assert!(portion.count == 0.0 && portion.share.is_nan());
    }
}
