//! A client of the node: one method per request the demo makes, over a few kept connections. Takes our
//! events; gives the node's answers; an answer that was not to be expected is an error.

use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use card_traffic::Event;
use foreshore_event::Time;
use serde::de::DeserializeOwned;
use ureq::http::Response;
use ureq::{Agent, Body, BodyReader};

use crate::metrics::Metrics;
use crate::wire::{Answer, Decision, Disposition, Receipt, Refusal};

/// The pipeline of the example.
const PIPELINE: &str = "card-fraud";

/// Idle connections are given up before the node gives them up (`server.header_time`).
const IDLE_MAX: Duration = Duration::from_secs(2);

/// Connections kept: one per thread, and one for amendments.
const CONNECTIONS: usize = 8;

/// How long the node may take to get ready, and to settle what it owes.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often it is asked whether it has.
const POLL: Duration = Duration::from_millis(20);

/// A client of the node; shared by threads.
pub struct Client {
    agent: Agent,
    data: String,
    admin: String,
}

/// What a score request came to, and how long that took.
#[derive(Clone, Debug)]
pub struct Scored {
    /// What became of the event.
    pub disposition: Disposition,
    /// The answer; none if the event was refused.
    pub answer: Option<Answer>,
    /// From the request's first byte to the answer's last.
    pub took: Duration,
}

impl Client {
    /// A client of the node with these addresses.
    pub fn new(data: &str, admin: &str) -> Client {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .max_idle_age(IDLE_MAX)
            .max_idle_connections_per_host(CONNECTIONS)
            .build();
        Client {
            agent: agent.into(),
            data: format!("{data}/v1/pipelines/{PIPELINE}"),
            admin: admin.to_owned(),
        }
    }

    /// Waits until the node is ready.
    ///
    /// # Errors
    /// When it does not get ready in time.
    pub fn wait_until_ready(&self) -> anyhow::Result<()> {
        let url = format!("{}/health/ready", self.admin);
        wait("be ready", || {
            let is_ready = self.agent.get(&url).call()?.status().is_success();
            Ok(is_ready.then_some(()))
        })
    }

    /// Waits until everything that came late is folded and told; gives the node's numbers from then.
    ///
    /// # Errors
    /// When that takes too long.
    pub fn wait_until_settled(&self) -> anyhow::Result<Metrics> {
        wait("settle what it owes", || {
            let metrics = self.metrics()?;
            let owed = ["foreshore_debt_rows", "foreshore_decisions_stale"];
            let is_settled = owed.iter().all(|name| metrics.sum(name, "") == 0.0);
            Ok(is_settled.then_some(metrics))
        })
    }

    /// Asks for the score of an event.
    ///
    /// # Errors
    /// When the node cannot be reached, or refuses the request for another reason than the event.
    pub fn score(&self, event: &Event) -> anyhow::Result<Scored> {
        let url = format!("{}/score", self.data);
        let body = event.to_string();
        let started = Instant::now();
        let response = self
            .agent
            .post(url)
            .content_type("application/json")
            .send(&body)?;
        let is_good = response.status().is_success();
        let bytes = bytes(response)?;
        let took = started.elapsed();
        if is_good {
            let answer: Answer = read(&bytes)?;
            return Ok(Scored {
                disposition: answer.disposition,
                answer: Some(answer),
                took,
            });
        }
        let refusal: Refusal = read(&bytes)?;
        let disposition = refusal.disposition.with_context(|| refused(&refusal))?;
        Ok(Scored {
            disposition,
            answer: None,
            took,
        })
    }

    /// Sends events nobody waits for, one JSON object a line.
    ///
    /// # Errors
    /// When the node cannot be reached, or refuses the request as a whole.
    pub fn ingest(&self, lines: &str) -> anyhow::Result<Receipt> {
        let url = format!("{}/events", self.data);
        let request = self.agent.post(url).content_type("application/x-ndjson");
        good(request.send(lines)?)
    }

    /// Reads a decision with all its revisions.
    ///
    /// # Errors
    /// When the node cannot be reached or has no such decision.
    pub fn decision(&self, id: &str) -> anyhow::Result<Decision> {
        let url = format!("{}/decisions/{id}", self.data);
        good(self.agent.get(url).call()?).with_context(|| format!("read decision {id}"))
    }

    /// Makes everything before `time` final.
    ///
    /// # Errors
    /// When the node cannot be reached or refuses.
    pub fn close(&self, time: Time) -> anyhow::Result<()> {
        let url = format!("{}/v1/pipelines/{PIPELINE}/close", self.admin);
        let request = self.agent.post(url).content_type("application/json");
        let response = request.send(format!(r#"{{"time":"{time}"}}"#))?;
        good::<serde_json::Value>(response)
            .map(|_| ())
            .context("close the pipeline")
    }

    /// Reads the node's numbers.
    ///
    /// # Errors
    /// When the node cannot be reached.
    pub fn metrics(&self) -> anyhow::Result<Metrics> {
        let text = bytes(self.agent.get(format!("{}/metrics", self.admin)).call()?)?;
        Ok(Metrics::read(
            &String::from_utf8(text).context("read the metrics")?,
        ))
    }

    /// Follows the amendments from now on; gives the stream of server-sent events.
    ///
    /// # Errors
    /// When the node cannot be reached or refuses.
    pub fn amendments(&self) -> anyhow::Result<BodyReader<'static>> {
        let response = self.agent.get(format!("{}/amendments", self.data)).call()?;
        if !response.status().is_success() {
            bail!(refused(&read(&bytes(response)?)?));
        }
        Ok(response.into_body().into_reader())
    }
}

/// Asks until there is an answer.
fn wait<T>(what: &str, ask: impl Fn() -> anyhow::Result<Option<T>>) -> anyhow::Result<T> {
    let started = Instant::now();
    loop {
        if let Some(answer) = ask()? {
            return Ok(answer);
        }
        ensure!(
            started.elapsed() < PATIENCE,
            "the node took more than {PATIENCE:?} to {what}"
        );
        sleep(POLL);
    }
}

/// The answer of a request that must be good.
fn good<T: DeserializeOwned>(response: Response<Body>) -> anyhow::Result<T> {
    let is_good = response.status().is_success();
    let bytes = bytes(response)?;
    match is_good {
        true => read(&bytes),
        false => bail!(refused(&read(&bytes)?)),
    }
}

fn bytes(mut response: Response<Body>) -> anyhow::Result<Vec<u8>> {
    Ok(response.body_mut().read_to_vec()?)
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> anyhow::Result<T> {
    serde_json::from_slice(bytes).with_context(|| {
        format!(
            "read the node's answer `{}`",
            String::from_utf8_lossy(bytes)
        )
    })
}

fn refused(refusal: &Refusal) -> String {
    let fault = &refusal.error;
    format!(
        "the node refused: {} ({}); {}",
        fault.what, fault.place, fault.fix
    )
}
