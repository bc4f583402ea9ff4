//! Events of the test pipeline, put together word by word: `paid("1").at(5).by("a").of(250)`. Gives their
//! JSON; must not know what becomes of them.

use std::fmt;

use serde_json::{Value, json};

/// An event of the test pipeline.
#[derive(Clone, Debug, PartialEq)]
pub struct Event(Value);

/// A payment of 10 EUR at midnight, with card `a`, told by the terminal `pos`. It gets a score.
pub fn paid(id: &str) -> Event {
    Event(json!({
        "id": id, "source": "pos", "type": "paid", "time": time(0), "data": {"card": "a", "amount": 10},
    }))
}

/// The same, but an amount put onto the card: news, without a score.
pub fn topped_up(id: &str) -> Event {
    paid(id).with("type", "topped-up")
}

/// An attempt to pay 20 EUR at midnight, by customer `c` at terminal `t`, of the example's pipeline.
pub fn attempted(id: &str) -> Event {
    Event(json!({
        "id": id, "source": "t", "type": "payment.attempted", "time": time(0),
        "data": {
            "customer": "c", "terminal": "t", "payment": id, "amount": 20, "country": "IT", "online": false,
        },
    }))
}

/// So many minutes after midnight.
pub fn time(minute: u32) -> String {
    let (day, hour) = (1 + minute / 1440, minute / 60 % 24);
    format!("2025-06-{day:02}T{hour:02}:{:02}:00Z", minute % 60)
}

impl Event {
    /// The same, so many minutes after midnight.
    pub fn at(self, minute: u32) -> Event {
        self.with("time", time(minute))
    }

    /// The same, with another card.
    pub fn by(self, card: &str) -> Event {
        self.with_data("card", card)
    }

    /// The same, emitted by another source.
    pub fn told_by(self, source: &str) -> Event {
        self.with("source", source)
    }

    /// The same, of another amount.
    pub fn of(self, amount: impl Into<Value>) -> Event {
        self.with_data("amount", amount)
    }

    /// The same, telling the feature plugin what to do.
    pub fn doing(self, what: &str) -> Event {
        self.with_data("does", what)
    }

    /// The same, with another attribute.
    pub fn with(mut self, attribute: &str, value: impl Into<Value>) -> Event {
        self.0[attribute] = value.into();
        self
    }

    /// The same, with another field of its data.
    pub fn with_data(mut self, field: &str, value: impl Into<Value>) -> Event {
        self.0["data"][field] = value.into();
        self
    }

    /// The same, without a field of its data.
    pub fn without(mut self, field: &str) -> Event {
        self.0["data"].as_object_mut().unwrap().remove(field);
        self
    }

    /// One of its attributes, as text.
    pub fn attribute(&self, name: &str) -> &str {
        self.0[name].as_str().unwrap_or_default()
    }
}

/// An event as others write it.
impl From<&card_traffic::Event> for Event {
    fn from(event: &card_traffic::Event) -> Event {
        Event(serde_json::from_str(&event.to_string()).unwrap())
    }
}

/// One line of JSON.
impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}
