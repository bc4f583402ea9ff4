//! Windows of a fixed resolution: one sum per pane of time, whatever the number of events. The other choice
//! beside the sliding window, for busy timelines.

use std::collections::VecDeque;

use super::pass::Pass;
use super::stats::{Moments, Stats};
use crate::state::{Reader, State, Writer};
use crate::time::{Span, Time};

/// A ring of panes, aligned to multiples of the pane's length since 1970.
///
/// A span is rounded up to whole panes and ends with the pane that `at` lies in: with panes of an hour, a
/// day at 10:30 is what happened since 11:00 the day before. It is short by less than one pane. An `at`
/// counts every event taken in, be it later in the same pane.
///
/// State: 1 byte, and per pane with events 11 (one event) to 36 bytes.
#[derive(Clone, Debug)]
pub struct Panes {
    length: Span,
    panes_max: i64,
    /// Panes with events, oldest first.
    panes: VecDeque<Pane>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Pane {
    index: i64,
    moments: Moments,
}

impl Panes {
    /// Empty panes of `length` (at least a microsecond), of which the newest `panes` (at least 1) are kept.
    pub const fn of(length: Span, panes: u32) -> Panes {
        Panes {
            length: if length.0 < 1 { Span(1) } else { length },
            panes_max: if panes == 0 { 1 } else { panes as i64 },
            panes: VecDeque::new(),
        }
    }

    /// Takes a value in, and lets go of panes out of reach.
    pub fn add(&mut self, time: Time, value: f64) {
        if value.is_nan() {
            return;
        }
        let newest = self.panes.back().map_or(i64::MIN, |pane| pane.index);
        let index = time.0.div_euclid(self.length.0).max(newest);
        while self
            .panes
            .front()
            .is_some_and(|pane| pane.index <= index - self.panes_max)
        {
            self.panes.pop_front();
        }
        match self.panes.back_mut() {
            Some(pane) if pane.index == index => pane.moments.add(value),
            _ => self.panes.push_back(Pane {
                index,
                moments: Moments::of(value),
            }),
        }
    }

    /// What the values within each span add up to, as of `at`. A span beyond all panes is cut to them.
    pub fn over<const N: usize>(&self, spans: [Span; N], at: Time) -> [Stats; N] {
        // The walk counts in panes instead of microseconds.
        let panes = spans.map(|span| {
            Span(span.0.div_euclid(self.length.0) + i64::from(span.0 % self.length.0 != 0))
        });
        let at = Time(at.0.div_euclid(self.length.0));
        let mut running = Moments::default();
        let mut pass = Pass::of(panes, Span(self.panes_max), at, running);
        for pane in self.panes.iter().rev() {
            if !pass.reaches(Time(pane.index), &running) {
                break;
            }
            running.merge(&pane.moments);
        }
        pass.finish(running).map(|moments| moments.stats())
    }
}

impl State for Panes {
    fn encode(&self, writer: &mut Writer) {
        writer.unsigned(self.panes.len() as u64);
        let mut before = 0;
        for pane in &self.panes {
            writer.signed(pane.index - before);
            pane.moments.encode(writer);
            before = pane.index;
        }
    }

    fn decode(&mut self, reader: &mut Reader<'_>) {
        let count = reader.count();
        self.panes.clear();
        // Room for the pane that the call may add.
        self.panes.reserve(count + 1);
        let mut pane = Pane::default();
        for _ in 0..count {
            pane.index = pane.index.saturating_add(reader.signed());
            pane.moments.decode(reader);
            self.panes.push_back(pane);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aggregate::trial::{Random, close, round_trip};

    #[test]
    fn a_span_is_its_whole_panes() {
        for seed in 0..20 {
            let mut random = Random::of(seed);
            let mut panes = Panes::of(Span(10), 8);
            let (mut events, mut time) = (Vec::new(), Time(-500));
            for _ in 0..300 {
                time = time.plus(Span(random.within(9) as i64));
                let value = random.within(100) as f64;
                panes.add(time, value);
                events.push((time, value));
                panes = round_trip(&panes, Panes::of(Span(10), 8));
                for (span, count) in [(1, 1), (10, 1), (25, 3), (80, 8), (900, 8)] {
                    let first = (time.0.div_euclid(10) - count + 1) * 10;
                    let within = events.iter().filter(|event| event.0.0 >= first);
                    let [stats] = panes.over([Span(span)], time);
                    assert_eq!(stats.count, within.clone().count() as f64, "seed {seed}");
                    assert!(
                        close(stats.sum, within.map(|event| event.1).sum()),
                        "seed {seed}"
                    );
                }
            }
        }
    }
}
