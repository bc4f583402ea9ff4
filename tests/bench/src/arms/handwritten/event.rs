//! An event of the example, as JSON has it: one struct, read in one pass, borrowing what it can.

use std::borrow::Cow;

use anyhow::{Context as _, ensure};
use foreshore_guest::Time;
use serde::Deserialize;

/// An event.
pub struct Event<'a> {
    pub id: Cow<'a, str>,
    pub source: Cow<'a, str>,
    pub kind: Kind,
    pub time: Time,
    pub data: Data<'a>,
}

/// What happened.
#[derive(Clone, Copy, Deserialize, PartialEq)]
pub enum Kind {
    #[serde(rename = "payment.attempted")]
    Attempted,
    #[serde(rename = "payment.completed")]
    Completed,
    #[serde(rename = "fraud.reported")]
    Reported,
}

/// Its fields.
#[derive(Deserialize)]
pub struct Data<'a> {
    #[serde(borrow)]
    pub customer: Cow<'a, str>,
    #[serde(borrow)]
    pub terminal: Cow<'a, str>,
    pub amount: Option<f64>,
    #[serde(borrow)]
    pub country: Option<Cow<'a, str>>,
    pub online: Option<bool>,
    pub fraud: Option<bool>,
}

#[derive(Deserialize)]
struct Written<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    source: Cow<'a, str>,
    #[serde(rename = "type")]
    kind: Kind,
    time: &'a str,
    #[serde(borrow)]
    data: Data<'a>,
}

impl<'a> Event<'a> {
    /// Reads an event, and checks what must hold of it.
    pub fn read(json: &'a [u8]) -> anyhow::Result<Event<'a>> {
        let written: Written<'a> = serde_json::from_slice(json).context("read an event")?;
        let time: foreshore_event::Time = written.time.parse().context("read its time")?;
        if written.kind != Kind::Reported {
            let amount = written.data.amount.context("it has no amount")?;
            ensure!(
                (0.01..=100_000.0).contains(&amount),
                "its amount is out of range"
            );
            ensure!(
                written.data.country.is_some() && written.data.online.is_some(),
                "it has no place"
            );
        }
        Ok(Event {
            id: written.id,
            source: written.source,
            kind: written.kind,
            time: Time(time.0),
            data: written.data,
        })
    }
}
