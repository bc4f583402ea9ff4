//! Spans of event time from decimal numbers of a unit, floored to the microsecond. Knows the units only.

use foreshore_event::Span;

/// One hour.
pub const HOUR: Span = Span(3600 * Span::SECOND.0);

/// One day.
pub const DAY: Span = Span(24 * HOUR.0);

/// So many seconds.
pub fn seconds(seconds: f64) -> Span {
    of(Span::SECOND, seconds)
}

/// So many hours.
pub fn hours(hours: f64) -> Span {
    of(HOUR, hours)
}

/// So many days.
pub fn days(days: f64) -> Span {
    of(DAY, days)
}

fn of(unit: Span, count: f64) -> Span {
    Span((unit.0 as f64 * count) as i64)
}
