//! Times and spans as people say them. Takes numbers; gives words.

use foreshore_event::{Span, Time};

/// A time to the second, as in `2026-03-09 14:03:21`.
pub fn moment(time: Time) -> String {
    let text = time.to_string();
    let second = text.get(..19).unwrap_or(&text);
    second.replace('T', " ")
}

/// A span in its two largest units, as in `3 h 12 min`.
pub fn span(span: Span) -> String {
    let seconds = span.0 / Span::SECOND.0;
    let (days, hours) = (seconds / 86_400, seconds / 3_600 % 24);
    let (minutes, seconds) = (seconds / 60 % 60, seconds % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min {seconds} s"),
        (0, _, _) => format!("{hours} h {minutes} min"),
        (_, _, _) => format!("{days} d {hours} h"),
    }
}

/// A whole number with its thousands apart, as in `22,041`.
pub fn count(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A part of a whole in percent; a dash where there is no whole.
pub fn share(part: usize, whole: usize) -> String {
    match whole {
        0 => "-".to_owned(),
        _ => format!("{:.1} %", part as f64 * 100.0 / whole as f64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_spans_read_as_they_are_said() {
        assert_eq!(moment(Time(1_772_366_400_123_456)), "2026-03-01 12:00:00");
        let said = [59, 61, 3 * 3_600 + 719, 90_000].map(|seconds| span(Span(seconds * 1_000_000)));
        assert_eq!(said, ["59 s", "1 min 1 s", "3 h 11 min", "1 d 1 h"]);
    }

    #[test]
    fn thousands_stand_apart() {
        let counted = [0, 999, 1_000, 1_234_567].map(count);
        assert_eq!(counted, ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn a_share_of_nothing_is_a_dash() {
        assert_eq!([share(1, 8), share(1, 0)], ["12.5 %", "-"]);
    }
}
