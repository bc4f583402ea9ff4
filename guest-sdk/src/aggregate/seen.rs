//! When the first and the last event were, and how many there have been. Takes times only, and never lets
//! go of any.

use crate::state::{Reader, State, Writer};
use crate::time::Time;

/// The whole history in three numbers. State: 1 byte, then about 18.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    count: u64,
    first: Time,
    last: Time,
}

impl Seen {
    /// Takes an event in.
    pub fn add(&mut self, time: Time) {
        if self.count == 0 {
            self.first = time;
        }
        self.last = time;
        self.count += 1;
    }

    /// How many events there have been.
    pub fn count(&self) -> f64 {
        self.count as f64
    }

    /// Seconds since the first event, as of `at`; missing (NaN) before it.
    pub fn age(&self, at: Time) -> f64 {
        self.seconds(self.first, at)
    }

    /// Seconds since the last event, as of `at`; missing (NaN) before the first.
    pub fn idle(&self, at: Time) -> f64 {
        self.seconds(self.last, at)
    }

    fn seconds(&self, from: Time, to: Time) -> f64 {
        if self.count == 0 {
            f64::NAN
        } else {
            to.since(from).seconds()
        }
    }
}

impl State for Seen {
    fn encode(&self, writer: &mut Writer) {
        writer.unsigned(self.count);
        if self.count > 0 {
            self.first.encode(writer);
            self.last.encode(writer);
        }
    }

    fn decode(&mut self, reader: &mut Reader<'_>) {
        *self = Seen {
            count: reader.unsigned(),
            ..Seen::default()
        };
        if self.count > 0 {
            self.first.decode(reader);
            self.last.decode(reader);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aggregate::trial::round_trip;

    #[test]
    fn age_and_idleness_are_missing_until_something_was_seen() {
        let mut seen = Seen::default();
        assert!(seen.age(Time(5)).is_nan() && seen.idle(Time(5)).is_nan());
        for second in [1, 2, 6] {
            seen.add(Time(second * 1_000_000));
            seen = round_trip(&seen, Seen::default());
        }
        let at = Time(10_000_000);
        assert_eq!((seen.count(), seen.age(at), seen.idle(at)), (3.0, 9.0, 4.0));
    }
}
