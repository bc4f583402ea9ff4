//! A pipeline's store in numbers. Whoever has the store fills them in; here they get their names. A pipeline
//! without a store has none of these.

use std::time::Duration;

use crate::metrics::exposition::{Exposition, Kind};
use crate::metrics::histogram::Reading;
use crate::metrics::metric::Metric;

/// A store in numbers. Counters start with the process.
#[derive(Clone, Debug, PartialEq)]
pub struct StoreGauges {
    /// Position everything up to which is durable.
    pub durable_lsn: u64,
    /// Bytes of the log on the disk.
    pub log_bytes: u64,
    /// Files of the log.
    pub log_segments: u64,
    /// Times the disk was asked to make something durable.
    pub fsyncs: u64,
    /// Commits, and how long each took.
    pub commits: Reading,
    /// Records they made durable.
    pub committed_records: u64,
    /// Timelines in memory that are not stored as they are.
    pub timelines_unstored: usize,
    /// Log records that a restart would go through again.
    pub unstored_records: u64,
    /// How long the oldest of them has waited.
    pub oldest_unstored: Duration,
    /// Timelines and decisions brought in from the disk.
    pub cold_loads: u64,
    /// Time spent on that.
    pub cold_load_time: Duration,
    /// Bytes of stored timelines on the disk.
    pub cold_bytes: u64,
    /// Bytes free on the disk.
    pub free_bytes: u64,
    /// Bytes that are to stay free.
    pub reserve_bytes: u64,
    /// Stored records that could not be read, and were made again from the log.
    pub read_errors: u64,
}

const OF_STORES: [Metric<StoreGauges>; 14] = [
    Metric::gauge(
        "foreshore_store_durable_position",
        "Position of the last log record that is durable.",
        |s| s.durable_lsn as f64,
    ),
    Metric::gauge("foreshore_store_log_bytes", "Bytes of the log.", |s| {
        s.log_bytes as f64
    }),
    Metric::gauge("foreshore_store_log_segments", "Files of the log.", |s| {
        s.log_segments as f64
    }),
    Metric::counter(
        "foreshore_store_fsyncs_total",
        "Times the disk was asked to make the log durable.",
        |s| s.fsyncs as f64,
    ),
    Metric::counter(
        "foreshore_store_committed_records_total",
        "Log records made durable.",
        |s| s.committed_records as f64,
    ),
    Metric::gauge(
        "foreshore_store_timelines_unstored",
        "Timelines that changed and are not stored yet.",
        |s| s.timelines_unstored as f64,
    ),
    Metric::gauge(
        "foreshore_store_unstored_records",
        "Log records that a restart would go through again.",
        |s| s.unstored_records as f64,
    ),
    Metric::gauge(
        "foreshore_store_oldest_unstored_seconds",
        "How long the oldest change has waited to be stored.",
        |s| s.oldest_unstored.as_secs_f64(),
    ),
    Metric::counter(
        "foreshore_store_cold_loads_total",
        "Timelines and decisions brought in from the disk.",
        |s| s.cold_loads as f64,
    ),
    Metric::counter(
        "foreshore_store_cold_load_seconds_total",
        "Time spent bringing them in.",
        |s| s.cold_load_time.as_secs_f64(),
    ),
    Metric::gauge(
        "foreshore_store_cold_bytes",
        "Bytes of stored timelines.",
        |s| s.cold_bytes as f64,
    ),
    Metric::gauge(
        "foreshore_store_free_bytes",
        "Bytes free on the store's disk.",
        |s| s.free_bytes as f64,
    ),
    Metric::gauge(
        "foreshore_store_reserve_bytes",
        "Bytes that are to stay free: with less, events are refused.",
        |s| s.reserve_bytes as f64,
    ),
    Metric::counter(
        "foreshore_store_read_errors_total",
        "Stored records that could not be read, and were made again from the log.",
        |s| s.read_errors as f64,
    ),
];

/// The stores of these pipelines.
pub(super) fn stores(page: &mut Exposition, stores: &[(&str, &StoreGauges)]) {
    for metric in &OF_STORES {
        metric.open(page);
        for (pipeline, gauges) in stores {
            page.sample(&[("pipeline", pipeline)], metric.read(gauges));
        }
    }
    let help = "Time of commits, from the first record handed over until it is durable.";
    page.family("foreshore_store_commit_seconds", Kind::Histogram, help);
    for (pipeline, gauges) in stores {
        page.distribution(&[("pipeline", pipeline)], &gauges.commits);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::histogram::Histogram;

    #[test]
    fn a_store_is_told_in_numbers_under_its_pipelines_name() {
        let commits = Histogram::default();
        commits.record(Duration::from_millis(3));
        let gauges = StoreGauges {
            durable_lsn: 300_000_000,
            log_bytes: 1,
            log_segments: 2,
            fsyncs: 3,
            commits: commits.read(),
            committed_records: 40,
            timelines_unstored: 5,
            unstored_records: 50,
            oldest_unstored: Duration::from_millis(1_500),
            cold_loads: 6,
            cold_load_time: Duration::from_millis(7),
            cold_bytes: 8,
            free_bytes: 9,
            reserve_bytes: 10,
            read_errors: 0,
        };
        let mut page = Exposition::default();
        stores(&mut page, &[("p", &gauges)]);
        let text = page.into_text();
        for line in [
            "foreshore_store_durable_position{pipeline=\"p\"} 300000000",
            "# TYPE foreshore_store_fsyncs_total counter",
            "foreshore_store_oldest_unstored_seconds{pipeline=\"p\"} 1.5",
            "foreshore_store_cold_load_seconds_total{pipeline=\"p\"} 0.007",
            "foreshore_store_commit_seconds_bucket{pipeline=\"p\",le=\"0.005\"} 1",
            "foreshore_store_commit_seconds_count{pipeline=\"p\"} 1",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
    }
}
