//! The same pipeline as one would write it for this one case: the example's own folds and model linked natively,
//! states that stay where they are, one thread for HTTP and folding, one that commits. It scores what comes in order
//! and nothing else: no plugins, no duplicates, no late events, no amendments, nothing to read back.

/// An event of the example.
mod event;

/// The states, the folds and the model.
mod scoring;

/// The log, with group commit.
mod journal;

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use foreshore_store::log::Durability;
use hyper::body::Bytes;
use serde::Serialize;

use self::event::Event;
use self::journal::Journal;
use self::scoring::{Decision, Scoring};
use super::http::{self, Answers};
use super::{Arm, own};
use crate::server::Server;

/// How it is run.
#[derive(Args)]
pub struct Settings {
    /// When a record counts as durable
    #[arg(long)]
    durability: When,
    /// The folder of its log
    folder: PathBuf,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum When {
    Fsync,
    Os,
}

/// Starts it on this processor, with an empty log.
pub fn start(core: usize, folder: &Path, durability: &str) -> anyhow::Result<Arm> {
    let name = match durability {
        "os" => "handwritten, os",
        _ => "handwritten",
    };
    let log = folder.join(name.replace(", ", "-"));
    drop(std::fs::remove_dir_all(&log));
    let command = own(&["handwritten", "--durability", durability], &log)?;
    let server = Server::start(&[core], &command, &folder.join(format!("{name}.log")))?;
    Ok(Arm::new(name, server, true))
}

/// Serves until it is killed.
pub fn serve(settings: &Settings) -> anyhow::Result<()> {
    let durability = match settings.durability {
        When::Fsync => Durability::Fsync,
        When::Os => Durability::Os,
    };
    http::serve(Handwritten {
        scoring: RefCell::new(Scoring::new()?),
        journal: Journal::open(&settings.folder, durability)?,
    })
}

struct Handwritten {
    scoring: RefCell<Scoring>,
    journal: Journal,
}

impl Answers for Handwritten {
    async fn answer(&self, path: &str, body: Bytes) -> Bytes {
        match path.ends_with("/score") {
            true => self.score(&body).await,
            false => self.take(&body).await,
        }
    }
}

impl Handwritten {
    /// Scores the event in a body; the answer leaves when the log has it.
    async fn score(&self, body: &[u8]) -> Bytes {
        let event = match Event::read(body) {
            Ok(event) => event,
            Err(error) => return Bytes::from(format!("{{\"error\":\"{error}\"}}")),
        };
        let decision = self.scoring.borrow_mut().score(&event);
        let (lsn, durable) = self.journal.add(event.time, decision.score, body);
        let answer = answer(&event, &decision, lsn);
        durable.await;
        answer
    }

    /// Takes in the events of a body, a line each.
    async fn take(&self, body: &[u8]) -> Bytes {
        let mut received = 0_u64;
        let mut last = None;
        for line in body.split(|byte| *byte == b'\n') {
            let Ok(event) = Event::read(line) else {
                continue;
            };
            self.scoring.borrow_mut().fold(&event);
            last = Some(self.journal.add(event.time, f64::NAN, line));
            received += 1;
        }
        if let Some((_, durable)) = last {
            durable.await;
        }
        Bytes::from(format!("{{\"received\":{received}}}"))
    }
}

/// What foreshore would answer, as far as there is something to say.
#[derive(Serialize)]
struct Answer<'a> {
    decision: u64,
    disposition: &'static str,
    event: &'a str,
    source: &'a str,
    #[serde(flatten)]
    decided: &'a Decision,
    degraded: [&'static str; 0],
}

fn answer(event: &Event<'_>, decided: &Decision, decision: u64) -> Bytes {
    let answer = Answer {
        decision,
        disposition: "admitted",
        event: &event.id,
        source: &event.source,
        decided,
        degraded: [],
    };
    serde_json::to_vec(&answer).unwrap_or_default().into()
}
