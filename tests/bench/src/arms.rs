//! Who is measured beside whom: servers that are asked the same over HTTP. Takes the plan's events; gives arms with
//! one way to load them. Must not know what is measured.

/// A bare server.
pub mod floor;

/// The same pipeline, as one would write it for this one case.
pub mod handwritten;

/// The product.
pub mod foreshore;

/// What floor and handwritten answer by.
mod http;

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use foreshore_load::{Answer, Load, Report, Verdict};

use crate::rows::{Course, Rows};
use crate::server::Server;

/// The pipeline that all arms answer for.
pub const PIPELINE: &str = "card-fraud";

/// Events in one request of history.
const HISTORY_BATCH: usize = 1_000;

/// One event a request, or one a line.
const JSON: &str = "application/json";
const NDJSON: &str = "application/x-ndjson";

/// Connections that bring events nobody waits for; requests that are made at once; how long they may take.
const INGESTING: usize = 4;
const PORTION: usize = 1_000;
const PATIENCE: Duration = Duration::from_secs(600);

/// A server that is measured.
pub struct Arm {
    /// What it is called in tables.
    pub name: String,
    /// Itself.
    pub server: Server,
    /// Whether it knows what was before: then it is told.
    pub has_memory: bool,
    /// How the payments run that it is sent.
    pub course: Course,
    /// How many payments it was sent; the next one has this number.
    pub sent: u64,
}

impl Arm {
    /// An arm that was sent nothing.
    pub fn new(name: impl Into<String>, server: Server, has_memory: bool) -> Arm {
        Arm {
            name: name.into(),
            server,
            has_memory,
            course: Course::default(),
            sent: 0,
        }
    }

    /// Tells it the history.
    pub fn remember(&self, rows: &Rows) -> anyhow::Result<()> {
        if !self.has_memory {
            return Ok(());
        }
        for events in rows.history().chunks(HISTORY_BATCH) {
            let taken = self.post("events", NDJSON, events.join("\n").as_bytes())?;
            ensure!(
                taken.contains(&format!("\"received\":{}", events.len())),
                "{} took not all of the history: {taken}",
                self.name
            );
        }
        Ok(())
    }

    /// Has the next payment scored; gives the answer.
    pub fn score(&mut self, rows: &Rows) -> anyhow::Result<String> {
        let payment = rows.payment(self.sent, self.course);
        self.sent += 1;
        self.post("score", JSON, &payment)
    }

    /// Has payments scored, on so many connections, at a pace or as fast as they come back.
    pub fn load(
        &mut self,
        rows: &Rows,
        connections: usize,
        rate: Option<f64>,
        time: Duration,
    ) -> Report {
        let load = self.loading("score", JSON, connections, rate, time);
        let (first, course) = (self.sent, self.course);
        let report = load.run(|number| rows.payment(first + number, course), judge);
        self.sent += report.sent();
        report
    }

    /// Takes in payments nobody waits for, in requests of so many; gives how long that took.
    ///
    /// # Errors
    /// When one of them is not taken.
    pub fn ingest(&mut self, rows: &Rows, events: u64, batch: u64) -> anyhow::Result<Duration> {
        let requests = events.div_ceil(batch);
        let (first, course) = (self.sent, self.course);
        let body = |number: u64| {
            let from = first + number * batch;
            let lines = (from..from + batch).map(|number| rows.payment(number, course));
            lines.collect::<Vec<_>>().join(&b'\n')
        };
        let mut took = Duration::ZERO;
        for from in (0..requests).step_by(PORTION) {
            // Made before they are sent: the client's time is not the server's.
            let to = requests.min(from + PORTION as u64);
            let bodies: Vec<Vec<u8>> = (from..to).map(body).collect();
            let load = Load {
                requests: Some(to - from),
                ..self.loading("events", NDJSON, INGESTING, None, PATIENCE)
            };
            let started = Instant::now();
            let report = load.run(|number| &bodies[number as usize], judge_taken);
            took += started.elapsed();
            let good = report.count(Verdict::Good);
            ensure!(
                good == to - from,
                "{}: {good} of {} requests were taken",
                self.name,
                to - from
            );
        }
        self.sent += requests * batch;
        Ok(took)
    }

    /// A load on one of its endpoints.
    fn loading(
        &self,
        endpoint: &str,
        media: &'static str,
        connections: usize,
        rate: Option<f64>,
        time: Duration,
    ) -> Load {
        Load {
            address: self.server.address,
            path: path(endpoint),
            media,
            connections,
            rate,
            time,
            requests: None,
        }
    }

    /// Posts a body to one of its endpoints, and gives what it says if that is good.
    pub fn post(&self, endpoint: &str, media: &str, body: &[u8]) -> anyhow::Result<String> {
        let url = format!("http://{}{}", self.server.address, path(endpoint));
        let request = ureq::post(&url).header("content-type", media);
        let mut response = request
            .send(body)
            .with_context(|| format!("ask {}", self.name))?;
        let text = response.body_mut().read_to_string();
        text.with_context(|| format!("hear {}", self.name))
    }
}

fn path(endpoint: &str) -> String {
    format!("/v1/pipelines/{PIPELINE}/{endpoint}")
}

/// An answer is good if nothing is missing from it.
pub fn judge(answer: &Answer) -> Verdict {
    match answer.status {
        200 if answer.body.contains("\"degraded\":[]") => Verdict::Good,
        429 | 503 => Verdict::Shed,
        _ => Verdict::Bad,
    }
}

/// A batch is taken if it is taken whole.
fn judge_taken(answer: &Answer) -> Verdict {
    match answer.status {
        200 => Verdict::Good,
        429 | 503 => Verdict::Shed,
        _ => Verdict::Bad,
    }
}

/// The bench's own program, as one of its servers.
fn own(words: &[&str], path: &Path) -> anyhow::Result<Command> {
    let program = std::env::current_exe().context("find the bench's own program")?;
    let mut command = Command::new(program);
    command.args(words).arg(path);
    Ok(command)
}
