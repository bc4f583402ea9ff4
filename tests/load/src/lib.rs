//! Load on an HTTP endpoint, and what came of it. Takes a target, a pace and the bodies to send; gives what every
//! answer was worth and how long the good ones took. Must not know what is asked.
//!
//! Paced, the load is open: requests are due by a fixed schedule, whatever the server does, and their latency
//! counts from when they were due, so that a server that stalls is charged for every request it holds up.
//! Unpaced, it is closed: every connection sends its next request when it has its answer.
//!
//! One thread drives all connections: it needs one processor however many they are, and tells how much of that it
//! used. A load whose client was busy throughout measured its client.

#![allow(
    clippy::unwrap_used,
    reason = "this is a part of tests: a failed one is the message"
)]

/// What a server said.
mod answer;

/// One connection, request by request.
mod connection;

/// Waiting for many connections at once.
mod readiness;

/// All connections of a load, and the schedule.
mod drive;

/// What came of a load.
mod report;

/// A process, as the system sees it.
pub mod process;

/// The machine, as the system sees it.
pub mod machine;

use std::net::SocketAddr;
use std::time::Duration;

pub use answer::Answer;
pub use hdrhistogram::Histogram;
pub use report::{Report, Verdict};

use drive::Drive;

/// A load.
#[derive(Clone, Debug)]
pub struct Load {
    /// Where the server listens.
    pub address: SocketAddr,
    /// What is posted to: `/v1/pipelines/p/score`.
    pub path: String,
    /// What bodies are: `application/json`.
    pub media: &'static str,
    /// Connections, each with one request at a time.
    pub connections: usize,
    /// Requests a second; none: as many as the connections can.
    pub rate: Option<f64>,
    /// For how long requests are due.
    pub time: Duration,
    /// No more requests than these; none: as many as are due.
    pub requests: Option<u64>,
}

impl Load {
    /// Sends what `body` gives for each request by its number, and has each answer judged.
    pub fn run<B: AsRef<[u8]>>(
        &self,
        body: impl FnMut(u64) -> B,
        judge: impl FnMut(&Answer) -> Verdict,
    ) -> Report {
        Drive::new(self, body, judge).run()
    }
}
