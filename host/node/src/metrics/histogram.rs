//! Durations by how long they were, in fixed steps from 10 us to 1 s. Recorded by many threads without a
//! lock; a reader may see a record half counted, which the next reading mends.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Upper bounds of the buckets, in microseconds: steps of about a factor of two, as text in seconds for
/// the exposition.
const BOUNDS: [(u64, &str); 16] = [
    (10, "0.00001"),
    (20, "0.00002"),
    (50, "0.00005"),
    (100, "0.0001"),
    (200, "0.0002"),
    (500, "0.0005"),
    (1_000, "0.001"),
    (2_000, "0.002"),
    (5_000, "0.005"),
    (10_000, "0.01"),
    (20_000, "0.02"),
    (50_000, "0.05"),
    (100_000, "0.1"),
    (200_000, "0.2"),
    (500_000, "0.5"),
    (1_000_000, "1"),
];

/// A distribution of durations.
#[derive(Debug, Default)]
pub struct Histogram {
    /// How many fell into each bucket; the last holds what is longer than every bound.
    counts: [AtomicU64; BOUNDS.len() + 1],
    nanoseconds: AtomicU64,
}

/// A distribution as it was when read.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// How many durations were up to each bound, the bound as seconds in text; the last bound is "+Inf".
    pub buckets: Vec<(&'static str, u64)>,
    /// The sum of all durations.
    pub sum: Duration,
}

impl Histogram {
    /// Counts a duration.
    pub fn record(&self, duration: Duration) {
        let bucket =
            BOUNDS.partition_point(|(micros, _)| Duration::from_micros(*micros) < duration);
        self.counts[bucket].fetch_add(1, Ordering::Relaxed);
        let nanoseconds = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        self.nanoseconds.fetch_add(nanoseconds, Ordering::Relaxed);
    }

    /// Does something and counts how long it took.
    pub fn time<T>(&self, work: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let done = work();
        self.record(start.elapsed());
        done
    }

    /// The distribution as it is now.
    pub fn read(&self) -> Reading {
        let bounds = BOUNDS.iter().map(|(_, seconds)| *seconds).chain(["+Inf"]);
        let mut up_to = 0;
        let buckets = bounds.zip(&self.counts).map(|(bound, count)| {
            up_to += count.load(Ordering::Relaxed);
            (bound, up_to)
        });
        Reading {
            buckets: buckets.collect(),
            sum: Duration::from_nanos(self.nanoseconds.load(Ordering::Relaxed)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_counts_in_every_bucket_that_is_not_below_it() {
        let histogram = Histogram::default();
        for micros in [0, 10, 11, 1_000_000, 1_000_001] {
            histogram.record(Duration::from_micros(micros));
        }
        let reading = histogram.read();
        let up_to = |bound| {
            let mut buckets = reading.buckets.iter();
            buckets
                .find(|(known, _)| *known == bound)
                .map(|(_, count)| *count)
        };
        assert_eq!(up_to("0.00001"), Some(2));
        assert_eq!(up_to("0.00002"), Some(3));
        assert_eq!(up_to("0.5"), Some(3));
        assert_eq!(up_to("1"), Some(4));
        assert_eq!(up_to("+Inf"), Some(5));
        assert_eq!(reading.sum, Duration::from_micros(2_000_022));
    }

    #[test]
    fn bounds_are_the_same_as_number_and_as_text() {
        for (micros, seconds) in BOUNDS {
            assert_eq!(
                seconds.parse::<f64>().unwrap() * 1e6,
                micros as f64,
                "{seconds}"
            );
        }
    }

    #[test]
    fn what_is_timed_is_counted_once_and_its_result_given() {
        let histogram = Histogram::default();
        assert_eq!(histogram.time(|| 7), 7);
        assert_eq!(histogram.read().buckets.last(), Some(&("+Inf", 1)));
    }
}
