//! A client of the node: one method per request the demo makes, over a few kept connections. Takes our
//! events; gives the node's answers; an answer that was not to be expected is an error, and so is none.

use std::fmt;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow, bail, ensure};
use card_traffic::Event;
use foreshore_event::Time;
use serde::de::DeserializeOwned;
use ureq::http::{Response, StatusCode};
use ureq::{Agent, Body, BodyReader};

use crate::metrics::Metrics;
use crate::node::Addresses;
use crate::wire::{Answer, Decision, Disposition, Receipt, Refusal};

/// The pipeline of the example.
const PIPELINE: &str = "card-fraud";

/// Idle connections are given up before the node gives them up (`server.header_time`).
const IDLE_MAX: Duration = Duration::from_secs(2);

/// Connections kept: one per thread, and one for amendments.
const CONNECTIONS: usize = 8;

/// How long the node may take to get ready, to answer, and to settle what it owes.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often it is asked whether it has.
const POLL: Duration = Duration::from_millis(20);

/// How a follower of amendments names the last it saw.
const LAST_EVENT_ID: &str = "last-event-id";

/// A client of the node; shared by threads, cheap to clone.
#[derive(Clone)]
pub struct Client {
    agent: Agent,
    data: String,
    admin: String,
}

/// What a score request came to.
#[derive(Clone, Debug)]
pub struct Scored {
    /// What became of the event.
    pub disposition: Disposition,
    /// The answer; none if the event was refused.
    pub answer: Option<Answer>,
}

/// There is no answer: the node is gone, or not ready yet. Nobody knows what became of the request, and
/// sending it again is always safe.
#[derive(Clone, Copy, Debug)]
pub struct Unanswered;

impl fmt::Display for Unanswered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the node gave no answer")
    }
}

impl Client {
    /// A client of the node with these addresses.
    pub fn new(addresses: &Addresses) -> Client {
        let Addresses { data, admin } = addresses;
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .max_idle_age(IDLE_MAX)
            .max_idle_connections_per_host(CONNECTIONS)
            .build();
        Client {
            agent: agent.into(),
            data: format!("{data}/v1/pipelines/{PIPELINE}"),
            admin: admin.clone(),
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
    /// When the node does not answer ([`Unanswered`]), or refuses the request for another reason than the
    /// event.
    pub fn score(&self, event: &Event) -> anyhow::Result<Scored> {
        let url = format!("{}/score", self.data);
        let request = self.agent.post(url).content_type("application/json");
        let (status, bytes) = answered(request.send(event.to_string()))?;
        if status.is_success() {
            let answer: Answer = read(&bytes)?;
            return Ok(Scored {
                disposition: answer.disposition,
                answer: Some(answer),
            });
        }
        let refusal: Refusal = read(&bytes)?;
        let disposition = refusal.disposition.with_context(|| refused(&refusal))?;
        Ok(Scored {
            disposition,
            answer: None,
        })
    }

    /// Sends events nobody waits for, one JSON object a line.
    ///
    /// # Errors
    /// When the node does not answer ([`Unanswered`]), or refuses the request as a whole.
    pub fn ingest(&self, lines: &str) -> anyhow::Result<Receipt> {
        let url = format!("{}/events", self.data);
        let request = self.agent.post(url).content_type("application/x-ndjson");
        good(request.send(lines))
    }

    /// Reads a decision with all its revisions.
    ///
    /// # Errors
    /// When the node cannot be reached or has no such decision.
    pub fn decision(&self, id: &str) -> anyhow::Result<Decision> {
        let url = format!("{}/decisions/{id}", self.data);
        good(self.agent.get(url).call()).with_context(|| format!("read decision {id}"))
    }

    /// Makes everything before `time` final.
    ///
    /// # Errors
    /// When the node cannot be reached or refuses.
    pub fn close(&self, time: Time) -> anyhow::Result<()> {
        let url = format!("{}/v1/pipelines/{PIPELINE}/close", self.admin);
        let request = self.agent.post(url).content_type("application/json");
        let response = request.send(format!(r#"{{"time":"{time}"}}"#));
        good::<serde_json::Value>(response)
            .map(|_| ())
            .context("close the pipeline")
    }

    /// Reads the node's numbers.
    ///
    /// # Errors
    /// When the node cannot be reached.
    pub fn metrics(&self) -> anyhow::Result<Metrics> {
        let (_, text) = answered(self.agent.get(format!("{}/metrics", self.admin)).call())?;
        Ok(Metrics::read(
            &String::from_utf8(text).context("read the metrics")?,
        ))
    }

    /// Follows the amendments, from now on or after the one that was seen last; gives the stream of
    /// server-sent events.
    ///
    /// # Errors
    /// When the node does not answer ([`Unanswered`]), or refuses.
    pub fn amendments(&self, seen: Option<&str>) -> anyhow::Result<BodyReader<'static>> {
        let mut request = self.agent.get(format!("{}/amendments", self.data));
        if let Some(seen) = seen {
            request = request.header(LAST_EVENT_ID, seen);
        }
        let response = request.call().context(Unanswered)?;
        if response.status().is_success() {
            return Ok(response.into_body().into_reader());
        }
        let (_, bytes) = answered(Ok(response))?;
        bail!(refused(&read(&bytes)?))
    }
}

/// Sends a request again and again until it is answered; gives the answer, and how often the request was
/// sent again.
///
/// # Errors
/// When it fails for another reason, or for too long.
pub fn until_answered<T>(send: impl Fn() -> anyhow::Result<T>) -> anyhow::Result<(T, usize)> {
    let (started, mut again) = (Instant::now(), 0);
    loop {
        match send() {
            Err(error) if error.is::<Unanswered>() && started.elapsed() < PATIENCE => sleep(POLL),
            outcome => return Ok((outcome?, again)),
        }
        again += 1;
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
fn good<T: DeserializeOwned>(response: Result<Response<Body>, ureq::Error>) -> anyhow::Result<T> {
    let (status, bytes) = answered(response)?;
    match status.is_success() {
        true => read(&bytes),
        false => bail!(refused(&read(&bytes)?)),
    }
}

/// The whole of an answer. A node that is not ready has none: what it says is why.
fn answered(
    response: Result<Response<Body>, ureq::Error>,
) -> anyhow::Result<(StatusCode, Vec<u8>)> {
    let mut response = response.context(Unanswered)?;
    let status = response.status();
    let bytes = response.body_mut().read_to_vec().context(Unanswered)?;
    if status == StatusCode::SERVICE_UNAVAILABLE {
        let refusal: Refusal = read(&bytes)?;
        ensure!(
            refusal.disposition.is_some(),
            anyhow!(refused(&refusal)).context(Unanswered)
        );
    }
    Ok((status, bytes))
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
