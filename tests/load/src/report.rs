//! What came of a load: how many requests came to what, and how long the good ones took. Takes requests one by one
//! as they end; must not know how they came about.

use std::time::Duration;

use hdrhistogram::Histogram;
use rustix::time::{ClockId, clock_gettime};

/// An answer that takes longer will not come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Latencies are told apart to a thousandth.
const DIGITS: u8 = 3;

/// Good answers are counted by hundredths of a second.
const SLOT: Duration = Duration::from_millis(10);

/// What an answer was worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It was what was asked for.
    Good,
    /// The server turned the request away and said when to come back.
    Shed,
    /// Anything else.
    Bad,
    /// There was none: the connection broke.
    Broken,
    /// It was due and never sent: every connection was busy to the end.
    Unsent,
}

/// What came of a load.
#[derive(Clone, Debug)]
pub struct Report {
    time: Duration,
    /// Requests, by verdict.
    counts: [u64; 5],
    /// Nanoseconds from when a request was due to its answer, of good ones.
    latencies: Histogram<u64>,
    /// Good answers, by when they came.
    good: Vec<u64>,
    /// Processor time of the client, as a share of the time the load took.
    busy: f64,
}

/// Processor time of this thread when a load began.
pub(crate) struct Work(Duration);

impl Report {
    pub(crate) fn new(time: Duration) -> Report {
        let longest = (time + 2 * PATIENCE).as_nanos() as u64;
        Report {
            time,
            counts: [0; 5],
            latencies: Histogram::new_with_max(longest, DIGITS).unwrap(),
            good: Vec::new(),
            busy: 0.0,
        }
    }

    pub(crate) fn begin(&self) -> Work {
        Work(thread_time())
    }

    pub(crate) fn end(&mut self, work: Work, took: Duration) {
        self.busy = (thread_time() - work.0).as_secs_f64() / took.as_secs_f64();
    }

    pub(crate) fn record(&mut self, due: Duration, done: Duration, verdict: Verdict) {
        self.counts[verdict as usize] += 1;
        if verdict == Verdict::Good {
            self.latencies
                .saturating_record((done - due).as_nanos() as u64);
            let slot = slot(done);
            if self.good.len() <= slot {
                self.good.resize(slot + 1, 0);
            }
            self.good[slot] += 1;
        }
    }

    pub(crate) fn unsent(&mut self, requests: u64) {
        self.counts[Verdict::Unsent as usize] += requests;
    }

    /// How many requests came to this.
    pub fn count(&self, verdict: Verdict) -> u64 {
        self.counts[verdict as usize]
    }

    /// How many requests were sent.
    pub fn sent(&self) -> u64 {
        self.counts.iter().sum::<u64>() - self.count(Verdict::Unsent)
    }

    /// Requests sent, a second.
    pub fn offered(&self) -> f64 {
        self.sent() as f64 / self.time.as_secs_f64()
    }

    /// Good answers a second.
    pub fn goodput(&self) -> f64 {
        self.count(Verdict::Good) as f64 / self.time.as_secs_f64()
    }

    /// Good answers a second that came between two moments of the load, to the hundredth of a second.
    pub fn goodput_within(&self, from: Duration, to: Duration) -> f64 {
        let end = slot(to).min(self.good.len());
        let good: u64 = self.good[slot(from).min(end)..end].iter().sum();
        good as f64 / (to - from).as_secs_f64()
    }

    /// The latency that this share of the good answers did not exceed; zero if there are none.
    pub fn latency(&self, share: f64) -> Duration {
        Duration::from_nanos(self.latencies.value_at_quantile(share))
    }

    /// All latencies of good answers, in nanoseconds.
    pub fn latencies(&self) -> &Histogram<u64> {
        &self.latencies
    }

    /// The share of the time in which the client itself worked: near 1, it was the limit.
    pub fn busy(&self) -> f64 {
        self.busy
    }
}

fn slot(moment: Duration) -> usize {
    (moment.as_nanos() / SLOT.as_nanos()) as usize
}

fn thread_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let ms = Duration::from_millis;
        let mut report = Report::new(ms(2_000));
        for at in 0..100 {
            report.record(ms(at), ms(at + 1 + at), Verdict::Good);
        }
        report.record(ms(1_500), ms(1_501), Verdict::Shed);
        report.unsent(1);
        report
    }

    #[test]
    fn latency_counts_from_when_a_request_was_due() {
        let report = report();
        for (share, ms) in [(0.0, 1.0), (0.5, 50.0), (1.0, 100.0)] {
            let found = report.latency(share).as_secs_f64() * 1e3;
            assert!((found / ms - 1.0).abs() < 2e-3, "{share}: {found}");
        }
    }

    #[test]
    fn good_answers_are_told_from_what_was_offered() {
        let report = report();
        assert_eq!(
            (report.count(Verdict::Good), report.count(Verdict::Shed)),
            (100, 1)
        );
        assert_eq!((report.goodput(), report.offered()), (50.0, 50.5));
        let within = report.goodput_within(Duration::ZERO, Duration::from_millis(100));
        assert_eq!(within, 500.0);
    }
}
