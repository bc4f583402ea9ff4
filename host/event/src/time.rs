//! Instants and durations of event time, in whole microseconds. Takes and gives RFC 3339 text and short
//! duration texts ("15m"); must not know what the time now is.

use std::fmt;
use std::str::FromStr;

/// An instant: microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub i64);

/// A duration in microseconds; negative ones run backwards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(pub i64);

impl Time {
    /// Before every instant an event can have.
    pub const MIN: Time = Time(i64::MIN);

    /// The instant `span` earlier, or the earliest one there is.
    pub fn minus(self, span: Span) -> Time {
        Time(self.0.saturating_sub(span.0))
    }

    /// The instant `span` later, or the latest one there is.
    pub fn plus(self, span: Span) -> Time {
        Time(self.0.saturating_add(span.0))
    }

    /// The span from `earlier` to this instant.
    pub fn since(self, earlier: Time) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl Span {
    /// One second.
    pub const SECOND: Span = Span(1_000_000);
}

/// A text that is not an instant of RFC 3339.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an RFC 3339 time: `{0}` (write it like 2026-03-01T12:30:00.25Z)")]
pub struct NotATime(String);

impl FromStr for Time {
    type Err = NotATime;

    /// Reads RFC 3339 with any offset; a finer fraction is floored to the microsecond.
    fn from_str(text: &str) -> Result<Time, NotATime> {
        // RFC 9557 suffixes ("[Europe/Rome]") are valid for the library but not on this wire.
        let instant: jiff::Timestamp = (!text.contains('['))
            .then(|| text.parse().ok())
            .flatten()
            .ok_or_else(|| NotATime(text.chars().take(64).collect()))?;
        let micros = instant.as_nanosecond().div_euclid(1_000);
        i64::try_from(micros)
            .map(Time)
            .map_err(|_| NotATime(text.to_owned()))
    }
}

impl fmt::Display for Time {
    /// RFC 3339 in UTC with microseconds; instants beyond its years as plain microseconds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(instant) => write!(f, "{instant:.6}"),
            Err(_) => write!(f, "{} us", self.0),
        }
    }
}

/// A text that is not a duration.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a duration: `{0}` (write a whole number and one of us, ms, s, m, h, d, like \"15m\")")]
pub struct NotASpan(String);

/// Units of [`Span`] texts, largest first, with their microseconds.
const UNITS: [(&str, i64); 6] = [
    ("d", 86_400_000_000),
    ("h", 3_600_000_000),
    ("m", 60_000_000),
    ("s", 1_000_000),
    ("ms", 1_000),
    ("us", 1),
];

impl FromStr for Span {
    type Err = NotASpan;

    fn from_str(text: &str) -> Result<Span, NotASpan> {
        let bad = || NotASpan(text.to_owned());
        let digits = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(bad)?;
        let (number, unit) = text.split_at(digits);
        let (_, micros) = UNITS
            .iter()
            .find(|(name, _)| *name == unit)
            .ok_or_else(bad)?;
        let number: i64 = number.parse().map_err(|_| bad())?;
        number.checked_mul(*micros).map(Span).ok_or_else(bad)
    }
}

impl fmt::Display for Span {
    /// In the largest unit that divides it, so that it reads back as the same span.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, micros) = UNITS
            .into_iter()
            .find(|(_, micros)| self.0 != 0 && self.0 % micros == 0)
            .unwrap_or(("s", 1_000_000));
        write!(f, "{}{name}", self.0 / micros)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_reads_any_offset_and_floors_to_the_microsecond() {
        let time = |text: &str| text.parse::<Time>().map(|t| t.0);
        assert_eq!(time("1970-01-01T00:00:00Z"), Ok(0));
        assert_eq!(time("1970-01-01T01:00:00.000001999+01:00"), Ok(1));
        assert_eq!(time("1969-12-31T23:59:59.9999999Z"), Ok(-1));
        for bad in [
            "",
            "now",
            "2026-03-01",
            "2026-03-01T00:00:00",
            "2026-03-01T00:00:00Z[UTC]",
            "12",
        ] {
            let error = bad.parse::<Time>().unwrap_err().to_string();
            assert!(
                error.starts_with(&format!("not an RFC 3339 time: `{bad}`")),
                "{error}"
            );
        }
    }

    #[test]
    fn time_prints_what_it_reads() {
        let time: Time = "2026-03-01T12:30:00.25+02:00".parse().unwrap();
        assert_eq!(time.to_string(), "2026-03-01T10:30:00.250000Z");
        assert_eq!(time.to_string().parse(), Ok(time));
    }

    #[test]
    fn span_prints_what_it_reads() {
        for text in ["15m", "24h", "250ms", "7us", "0s", "90s"] {
            let span: Span = text.parse().unwrap();
            assert_eq!(span.to_string().parse(), Ok(span));
        }
        assert_eq!("24h".parse::<Span>().unwrap().to_string(), "1d");
        for bad in ["", "15", "m", "1.5h", "-3s", "9999999999999d", "3 s"] {
            assert!(bad.parse::<Span>().is_err(), "{bad}");
        }
    }
}
