//! What is wrong with a store before a node starts on it: every fault is refused with its place and what to do
//! about it, or healed without another answer.

/// Folders that cannot be used, or are somebody else's.
mod folders;

/// Files that are damaged or gone.
mod files;

/// A disk without space.
mod space;

/// A clock that was set back.
mod clock;

use serde_json::Value;

use crate::harness::{Event, Node, Stored, paid, topped_up};

/// Payments and news of four cards, in no order, within the lateness: enough for several segments.
fn events() -> Vec<Event> {
    let event = |number: u32| {
        let id = number.to_string();
        let event = match number % 5 {
            0 => topped_up(&id),
            _ => paid(&id),
        };
        let card = format!("card-{}", number % 4);
        event.at(number * 7 % 50).by(&card).of(number % 90)
    };
    (0..900).map(event).collect()
}

/// A store with these events, left as a node leaves it that was told to stop.
#[track_caller]
fn filled() -> Stored {
    let stored = Stored::cards();
    let node = stored.start();
    // A batch is never split over segments.
    for batch in events().chunks(100) {
        node.ingest(batch).good();
    }
    node.stop();
    assert!(stored.log("log").len() > 3);
    stored
}

/// What a node says of some of the events, all of which it must know.
#[track_caller]
fn said(node: &Node) -> Vec<Value> {
    let events = events();
    let asked = events
        .iter()
        .filter(|event| event.attribute("type") == "paid");
    let ask = |event| {
        let answer = node.score_with("?features=true", event).good();
        assert_eq!(answer["disposition"], "duplicate", "{event}");
        answer
    };
    asked.step_by(37).map(ask).collect()
}
