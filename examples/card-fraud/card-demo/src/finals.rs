//! The last word on every payment. Takes the admitted events of a closed pipeline and what was told; gives
//! each attempt's decision, asking now where nobody had asked at once.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use card_traffic::{Event, Kind};

use crate::client::Client;
use crate::concurrent;
use crate::told::Told;
use crate::wire::{Decision, Finality, Revision};

/// A payment whose decision nothing can change any more.
#[derive(Clone, Debug)]
pub struct Settled {
    pub attempt: Arc<Event>,
    /// Everything the decision ever said.
    pub decision: Decision,
    /// What it says for good.
    pub last: Revision,
}

/// Reads the decision about every attempt among the events.
///
/// # Errors
/// When a decision cannot be read, or is not final.
pub fn finals(
    admitted: &[Arc<Event>],
    told: &Told<'_>,
    client: &Client,
) -> anyhow::Result<Vec<Settled>> {
    let attempts: Vec<&Arc<Event>> = (admitted.iter())
        .filter(|event| event.kind == Kind::Attempted)
        .collect();
    concurrent::map(&attempts, |attempt| {
        let decision = match told.about(attempt) {
            Some(word) => client.decision(word.decision)?,
            None => client.decision(&ask(attempt, client)?)?,
        };
        ensure!(
            decision.finality == Finality::Final,
            "decision {} is provisional, expected all to be final after the close",
            decision.decision
        );
        let last = decision.revisions.last().cloned();
        Ok(Settled {
            attempt: Arc::clone(attempt),
            last: last.with_context(|| format!("decision {} says nothing", decision.decision))?,
            decision,
        })
    })
}

/// The revisions that were published after an answer, by decision: each came as an amendment.
pub fn published<'a>(settled: &'a [Settled], told: &Told<'_>) -> HashMap<&'a str, u32> {
    let amended = settled.iter().filter_map(|settled| {
        let answered = told.about(&settled.attempt)?.revision;
        let published = settled
            .decision
            .published
            .filter(|number| *number > answered)?;
        Some((settled.decision.decision.as_str(), published))
    });
    amended.collect()
}

/// A payment that came in a batch has a decision, but nobody was told its id: the event sent once more is a
/// duplicate, and its answer names it.
fn ask(attempt: &Event, client: &Client) -> anyhow::Result<String> {
    let scored = client.score(attempt)?;
    let decision = scored.answer.and_then(|answer| answer.decision);
    decision.with_context(|| format!("no decision about {} of {}", attempt.id, attempt.source))
}
