//! Times of calls: the median of many, and the largest call with its own. For people to judge by; nothing is
//! decided by them.

use std::time::{Duration, Instant};

use serde::Serialize;

/// Calls of one row that are timed, at least.
pub const CALLS: usize = 1_000;

/// How long calls took.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Timing {
    /// Median of the calls of one row on a warm instance, in nanoseconds, the host's part included.
    pub row_ns: u64,
    /// Rows of the largest call.
    pub largest_rows: usize,
    /// Time of the largest call, in nanoseconds.
    pub largest_ns: u64,
}

impl Timing {
    /// Notes a call of many rows.
    pub fn note(&mut self, rows: usize, took: Duration) {
        if rows > self.largest_rows {
            self.largest_rows = rows;
            self.largest_ns = nanoseconds(took);
        }
    }

    /// Notes the calls of one row.
    pub fn note_rows(&mut self, mut took: Vec<Duration>) {
        took.sort_unstable();
        self.row_ns = took.get(took.len() / 2).copied().map_or(0, nanoseconds);
    }
}

/// A call's answer, and how long it took.
pub fn timed<T>(call: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    (call(), start.elapsed())
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
