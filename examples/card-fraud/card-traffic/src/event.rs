//! An event as its source writes it: a CloudEvent in JSON. Fixes the wire form and the order of events;
//! knows nothing of why an event came to be or how it travels.

use std::fmt;

use foreshore_event::{OrderKey, Time};
use serde::{Serialize, Serializer};

/// One event of the traffic. Its `Display` is one line of JSON.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Event {
    /// Always "1.0".
    pub specversion: &'static str,
    /// Unique within the source.
    pub id: String,
    /// The terminal, or the bank's fraud desk.
    pub source: String,
    /// What happened.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// When it happened, by the source's own clock.
    #[serde(serialize_with = "text")]
    pub time: Time,
    /// The source's counter, from sources that count.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "digits")]
    pub sequence: Option<u64>,
    /// What is told of it.
    pub data: Data,
}

/// Types of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Kind {
    /// A card is presented; nothing is paid yet. This is what gets a score.
    #[serde(rename = "payment.attempted")]
    Attempted,
    /// The bank approved the attempt: money has moved.
    #[serde(rename = "payment.completed")]
    Completed,
    /// The fraud desk knows, days later, whether a payment was fraud.
    #[serde(rename = "fraud.reported")]
    Reported,
}

/// The fields of an event; reports have no amount, country and `online`, and only they have `fraud`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Data {
    /// Whose card it is.
    pub customer: String,
    /// Where it was used.
    pub terminal: String,
    /// What was to be paid, in EUR.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<Amount>,
    /// The terminal's country.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<&'static str>,
    /// Whether the card was only typed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub online: Option<bool>,
    /// Which payment this is about.
    pub payment: String,
    /// What the fraud desk found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fraud: Option<bool>,
}

/// An amount as a device writes it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Amount {
    /// A number, in EUR.
    Euros(f64),
    /// What a damaged device writes instead of a number.
    Text(String),
}

impl Event {
    /// Where the event stands in the total order.
    pub fn order_key(&self) -> OrderKey<'_> {
        OrderKey {
            time: self.time,
            sequence: self.sequence,
            source: &self.source,
            id: &self.id,
        }
    }

    /// The amount in EUR, if the event has one and it is a number.
    pub fn euros(&self) -> Option<f64> {
        match self.data.amount {
            Some(Amount::Euros(euros)) => Some(euros),
            _ => None,
        }
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let json = serde_json::to_string(self).map_err(|_| fmt::Error)?;
        f.write_str(&json)
    }
}

fn text<S: Serializer>(time: &Time, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(time)
}

/// CloudEvents writes the sequence as a text.
fn digits<S: Serializer>(sequence: &Option<u64>, serializer: S) -> Result<S::Ok, S::Error> {
    match sequence {
        Some(sequence) => serializer.collect_str(sequence),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_line_of_cloudevents_json() {
        let mut event = Event {
            specversion: "1.0",
            id: "a-000001".into(),
            source: "terminal-0042".into(),
            kind: Kind::Attempted,
            time: Time(1_772_323_200_000_001),
            sequence: Some(12),
            data: Data {
                customer: "customer-00007".into(),
                terminal: "terminal-0042".into(),
                amount: Some(Amount::Euros(12.5)),
                country: Some("IT"),
                online: Some(false),
                payment: "p-000001".into(),
                fraud: None,
            },
        };
        assert_eq!(
            event.to_string(),
            concat!(
                r#"{"specversion":"1.0","id":"a-000001","source":"terminal-0042","#,
                r#""type":"payment.attempted","time":"2026-03-01T00:00:00.000001Z","sequence":"12","#,
                r#""data":{"customer":"customer-00007","terminal":"terminal-0042","amount":12.5,"#,
                r#""country":"IT","online":false,"payment":"p-000001"}}"#
            )
        );
        event.sequence = None;
        event.data.amount = Some(Amount::Text("12,50".into()));
        let json = event.to_string();
        assert!(!json.contains("sequence") && json.contains(r#""amount":"12,50""#));
    }
}
