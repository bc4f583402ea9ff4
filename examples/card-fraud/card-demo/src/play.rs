//! Plays the deliveries: every request to the node, in order of arrival as far as order matters. Takes
//! deliveries; gives a reply for each.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use card_traffic::{Delivery, Request};

use crate::client::{Client, Scored};
use crate::concurrent;
use crate::rounds::rounds;
use crate::wire::{Answer, Disposition, Receipt};

/// The node's replies, in the order of the deliveries.
#[derive(Debug)]
pub struct Played {
    pub replies: Vec<Reply>,
    /// From the first request to the last answer.
    pub took: Duration,
}

/// The reply to one delivery.
#[derive(Debug)]
pub enum Reply {
    Scored(Scored),
    Received(Receipt),
}

impl Reply {
    /// The answer to a score request that was not refused.
    pub fn answer(&self) -> Option<&Answer> {
        match self {
            Reply::Scored(scored) => scored.answer.as_ref(),
            Reply::Received(_) => None,
        }
    }

    /// How long a score request took.
    pub fn took(&self) -> Option<Duration> {
        match self {
            Reply::Scored(scored) => Some(scored.took),
            Reply::Received(_) => None,
        }
    }

    /// How many of its events met each fate.
    pub fn dispositions(&self) -> BTreeMap<Disposition, usize> {
        match self {
            Reply::Scored(scored) => BTreeMap::from([(scored.disposition, 1)]),
            Reply::Received(receipt) => {
                let met = |(_, count): &(&Disposition, &usize)| **count > 0;
                let counts = receipt.dispositions.iter().filter(met);
                counts.map(|(fate, count)| (*fate, *count)).collect()
            }
        }
    }
}

/// Plays the deliveries to the node.
///
/// # Errors
/// When a request fails.
pub fn play(deliveries: &[Delivery], client: &Client) -> anyhow::Result<Played> {
    let started = Instant::now();
    let mut replies = Vec::with_capacity(deliveries.len());
    for round in rounds(deliveries) {
        replies.extend(concurrent::map(round, |delivery| send(delivery, client))?);
    }
    Ok(Played {
        replies,
        took: started.elapsed(),
    })
}

fn send(delivery: &Delivery, client: &Client) -> anyhow::Result<Reply> {
    match (delivery.request, delivery.events.as_slice()) {
        (Request::Score, [sent]) => client.score(&sent.event).map(Reply::Scored),
        _ => client.ingest(&delivery.body()).map(Reply::Received),
    }
}
