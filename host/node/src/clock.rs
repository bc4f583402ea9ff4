//! The only place that asks what time it is. Everything below the node gets time as an argument.

use std::time::{SystemTime, UNIX_EPOCH};

use foreshore_event::Time;

/// The wall clock, in microseconds. A clock set before 1970 counts as 1970.
pub fn now() -> Time {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Time(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}
