//! Instants and spans of event time, in whole microseconds. Gives plain arithmetic; there is no way here
//! to ask what the time now is.

use std::ops::Mul;

/// An instant of event time: microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub i64);

/// A length of event time in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(pub i64);

/// One second.
pub const SECOND: Span = Span(1_000_000);
/// Sixty seconds.
pub const MINUTE: Span = SECOND.times(60);
/// Sixty minutes.
pub const HOUR: Span = MINUTE.times(60);
/// Twenty-four hours; event time knows no leap seconds and no summer time.
pub const DAY: Span = HOUR.times(24);

impl Time {
    /// The instant `span` earlier, or the earliest one there is.
    pub const fn minus(self, span: Span) -> Time {
        Time(self.0.saturating_sub(span.0))
    }

    /// The instant `span` later, or the latest one there is.
    pub const fn plus(self, span: Span) -> Time {
        Time(self.0.saturating_add(span.0))
    }

    /// The span from `earlier` to this instant.
    pub const fn since(self, earlier: Time) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl Span {
    /// This span `count` times; `7 * DAY` says the same where a constant is not needed.
    pub const fn times(self, count: i64) -> Span {
        Span(self.0.saturating_mul(count))
    }

    /// The span in seconds, as a feature would give it.
    pub const fn seconds(self) -> f64 {
        self.0 as f64 / 1e6
    }
}

impl Mul<Span> for i64 {
    type Output = Span;

    fn mul(self, span: Span) -> Span {
        span.times(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_multiply_and_read_as_seconds() {
        assert_eq!(7 * DAY, Span(7 * 86_400_000_000));
        assert_eq!((90 * MINUTE).seconds(), 5_400.0);
        assert_eq!(Time(2_500_000).since(Time(1_000_000)).seconds(), 1.5);
        assert_eq!(Time(i64::MIN).minus(DAY), Time(i64::MIN));
    }
}
