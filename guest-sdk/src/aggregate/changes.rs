//! How often a value changed: over any number of spans, in all, and how long ago. Keeps what tells the last
//! value apart, not the value.

use super::value::Value;
use super::window::Window;
use crate::state::{Reader, State, Writer};
use crate::time::{Span, Time};

/// The changes of a value: events whose value is not that of the event before. The first value is no change.
///
/// Bounds and coarsening are those of [`Window`]. State: 2 bytes, then 8 of identity, about 9 for the last
/// change, 11 for the window, and 8 per change within the longest span.
#[derive(Clone, Debug)]
pub struct Changes {
    value: Option<u64>,
    total: u64,
    last: Time,
    window: Window,
}

impl Changes {
    /// Of no values yet; answers spans up to `longest`, exactly while they hold at most `entries` changes.
    pub const fn of(longest: Span, entries: usize) -> Changes {
        Changes {
            value: None,
            total: 0,
            last: Time(0),
            window: Window::of(longest, entries),
        }
    }

    /// Takes a value in: text, number, boolean or an `Option` of these.
    pub fn add(&mut self, time: Time, value: impl Value) {
        let Some(identity) = value.identity() else {
            return;
        };
        let before = self.value.replace(identity);
        if before.is_some_and(|before| before != identity) {
            self.total += 1;
            self.last = time;
            self.window.add(time, 1.0);
        }
    }

    /// How many changes each span holds, as of `at`.
    pub fn over<const N: usize>(&self, spans: [Span; N], at: Time) -> [f64; N] {
        self.window.over(spans, at).map(|stats| stats.count)
    }

    /// How many changes there have been in all.
    pub fn total(&self) -> f64 {
        self.total as f64
    }

    /// Seconds since the last change, as of `at`; missing (NaN) before the first.
    pub fn since(&self, at: Time) -> f64 {
        if self.total == 0 {
            f64::NAN
        } else {
            at.since(self.last).seconds()
        }
    }

    /// How many changes have ever left the exact part while a span could still reach them.
    pub fn coarsened(&self) -> u64 {
        self.window.coarsened()
    }
}

impl State for Changes {
    fn encode(&self, writer: &mut Writer) {
        writer.unsigned(self.total);
        self.value.is_some().encode(writer);
        if let Some(identity) = self.value {
            writer.bytes(&identity.to_le_bytes());
        }
        if self.total > 0 {
            self.last.encode(writer);
            self.window.encode(writer);
        }
    }

    fn decode(&mut self, reader: &mut Reader<'_>) {
        self.total = reader.unsigned();
        let mut known = false;
        known.decode(reader);
        self.value = known.then(|| u64::from_le_bytes(reader.array()));
        if self.total > 0 {
            self.last.decode(reader);
            self.window.decode(reader);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aggregate::trial::{Random, round_trip};

    #[test]
    fn changes_are_where_neighbours_differ() {
        for seed in 0..20 {
            let mut random = Random::of(seed);
            let mut changes = Changes::of(Span(90), 100);
            let mut values: Vec<i64> = Vec::new();
            for time in 0..300 {
                values.push(random.within(3) as i64);
                changes.add(Time(time), values.last().copied());
                changes = round_trip(&changes, Changes::of(Span(90), 100));
                let at = |index: &usize| values[index - 1] != values[*index];
                let all: Vec<usize> = (1..values.len()).filter(at).collect();
                let recent = all.iter().filter(|&&index| index as i64 > time - 90);
                assert_eq!(changes.total(), all.len() as f64, "seed {seed}");
                assert_eq!(
                    changes.over([Span(90)], Time(time)),
                    [recent.count() as f64]
                );
                let since = all.last().map(|&index| (time - index as i64) as f64 / 1e6);
                assert_eq!(
                    Some(changes.since(Time(time))).filter(|s| !s.is_nan()),
                    since
                );
            }
        }
    }

    #[test]
    fn a_missing_value_is_no_change() {
        let mut changes = Changes::of(Span(90), 4);
        for value in [Some("it"), None, Some("it"), Some("de")] {
            changes.add(Time(0), value);
        }
        assert_eq!(changes.total(), 1.0);
    }
}
