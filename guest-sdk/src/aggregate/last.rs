//! The last value and the one before it, with their times. Keeps the values themselves, whatever their type,
//! missing ones too.

use crate::state::{Reader, State, Writer};
use crate::time::Time;

/// The two latest values, whatever they are: `Last<f64>`, `Last<String>`, `Last<bool>`.
///
/// A feature as of an event includes that event; what was known before it is [`Last::before`].
///
/// State: 2 bytes, and per value about 8 bytes of time and what the value takes.
#[derive(Clone, Debug, Default)]
pub struct Last<T> {
    last: Option<(Time, T)>,
    before: Option<(Time, T)>,
}

impl<T> Last<T> {
    /// Takes a value in.
    pub fn add(&mut self, time: Time, value: T) {
        self.before = self.last.replace((time, value));
    }

    /// The last value; none before the first.
    pub fn value(&self) -> Option<&T> {
        self.last.as_ref().map(|(_, value)| value)
    }

    /// The value before the last.
    pub fn before(&self) -> Option<&T> {
        self.before.as_ref().map(|(_, value)| value)
    }

    /// Seconds since the last value, as of `at`; missing (NaN) before the first.
    pub fn since(&self, at: Time) -> f64 {
        seconds(self.last.as_ref(), at)
    }

    /// Seconds between the last two values; missing (NaN) before the second.
    pub fn gap(&self) -> f64 {
        match &self.last {
            Some((last, _)) => seconds(self.before.as_ref(), *last),
            None => f64::NAN,
        }
    }
}

fn seconds<T>(from: Option<&(Time, T)>, to: Time) -> f64 {
    from.map_or(f64::NAN, |(time, _)| to.since(*time).seconds())
}

impl<T: State + Default> State for Last<T> {
    fn encode(&self, writer: &mut Writer) {
        self.last.encode(writer);
        self.before.encode(writer);
    }

    fn decode(&mut self, reader: &mut Reader<'_>) {
        self.last.decode(reader);
        self.before.decode(reader);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aggregate::trial::round_trip;

    #[test]
    fn the_two_latest_values_and_their_distance_are_known() {
        let mut last = Last::default();
        assert!(last.value().is_none() && last.since(Time(0)).is_nan() && last.gap().is_nan());
        for (time, value) in [(1_000_000, "it"), (2_500_000, "de"), (4_000_000, "fr")] {
            last.add(Time(time), value.to_owned());
            last = round_trip(&last, Last::default());
        }
        assert_eq!(last.value().map(String::as_str), Some("fr"));
        assert_eq!(last.before().map(String::as_str), Some("de"));
        assert_eq!((last.gap(), last.since(Time(5_000_000))), (1.5, 1.0));
    }
}
