//! Plays the deliveries: every request to the node, in order of arrival as far as order matters, and again if
//! it is not answered. Takes rounds of deliveries; gives a reply for each delivery.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use card_traffic::{Delivery, Request};

use crate::client::{Client, Scored, until_answered};
use crate::concurrent;
use crate::operator::Operator;
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
pub struct Reply {
    pub said: Said,
    /// Whether the request was sent again, because it had not been answered.
    pub again: bool,
    /// From the request's first byte to the answer's last, the first sending's included.
    pub took: Duration,
}

/// What the node said.
#[derive(Debug)]
pub enum Said {
    Scored(Scored),
    Received(Receipt),
}

impl Reply {
    /// The answer to a score request that was not refused.
    pub fn answer(&self) -> Option<&Answer> {
        match &self.said {
            Said::Scored(scored) => scored.answer.as_ref(),
            Said::Received(_) => None,
        }
    }

    /// How long a score request took.
    pub fn score_took(&self) -> Option<Duration> {
        match self.said {
            Said::Scored(_) => Some(self.took),
            Said::Received(_) => None,
        }
    }

    /// How many of its events met each fate.
    pub fn dispositions(&self) -> BTreeMap<Disposition, usize> {
        match &self.said {
            Said::Scored(scored) => BTreeMap::from([(scored.disposition, 1)]),
            Said::Received(receipt) => {
                let met = |(_, count): &(&Disposition, &usize)| **count > 0;
                let counts = receipt.dispositions.iter().filter(met);
                counts.map(|(fate, count)| (*fate, *count)).collect()
            }
        }
    }
}

/// Plays the deliveries to the node, round by round.
///
/// # Errors
/// When a request fails, or the node does not come back.
pub fn play(
    rounds: &[&[Delivery]],
    client: &Client,
    operator: &Operator<'_>,
) -> anyhow::Result<Played> {
    let started = Instant::now();
    let mut replies = Vec::new();
    for round in rounds {
        replies.extend(concurrent::map(round, |delivery| {
            let reply = send(delivery, client)?;
            operator.note_answer().map(|()| reply)
        })?);
    }
    Ok(Played {
        replies,
        took: started.elapsed(),
    })
}

fn send(delivery: &Delivery, client: &Client) -> anyhow::Result<Reply> {
    let started = Instant::now();
    let (said, again) = until_answered(|| match (delivery.request, delivery.events.as_slice()) {
        (Request::Score, [sent]) => client.score(&sent.event).map(Said::Scored),
        _ => client.ingest(&delivery.body()).map(Said::Received),
    })?;
    Ok(Reply {
        said,
        again: again > 0,
        took: started.elapsed(),
    })
}
