//! The example, played: the generator's traffic through a node, as late, shuffled and damaged as it comes.

use std::collections::BTreeMap;
use std::time::SystemTime;

use card_traffic::{Delivery, Disposition, Request, Settings, Traffic, admitted};
use foreshore_event::Time;

use crate::harness::finals::{finals, replayed};
use crate::harness::{Config, Event, Node};

fn now() -> Time {
    let since = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap();
    Time(since.as_micros() as i64)
}

fn name(disposition: Disposition) -> &'static str {
    match disposition {
        Disposition::Admitted => "admitted",
        Disposition::Duplicate => "duplicate",
        Disposition::Conflict => "conflict",
        Disposition::Late => "late",
        Disposition::Future => "future",
        Disposition::Invalid => "invalid",
    }
}

/// Plays one delivery; how many of its events met each fate.
fn play(node: &Node, delivery: &Delivery) -> BTreeMap<String, u64> {
    if delivery.request == Request::Score {
        let reply = node.post("score", "application/json", delivery.body());
        let reply = reply.json(reply.status);
        return BTreeMap::from([(reply["disposition"].as_str().unwrap().to_owned(), 1)]);
    }
    let receipt = node
        .post("events", "application/x-ndjson", delivery.body())
        .good();
    let fates = receipt["dispositions"].as_object().unwrap().iter();
    let counts = fates.map(|(name, count)| (name.clone(), count.as_u64().unwrap()));
    counts.filter(|(_, count)| *count > 0).collect()
}

#[test]
fn the_traffic_of_the_example_meets_the_fates_foretold_and_ends_as_its_replay() {
    let traffic = Traffic::generate(&Settings::small().ending_before(now()));
    let deliveries = traffic.deliveries();
    let node = Config::card_fraud().start();
    for delivery in &deliveries {
        let mut foretold: BTreeMap<String, u64> = BTreeMap::new();
        for sent in &delivery.events {
            *foretold
                .entry(name(sent.disposition).to_owned())
                .or_default() += 1;
        }
        assert_eq!(play(&node, delivery), foretold, "{}", delivery.body());
    }
    node.close(&now().to_string());
    let events: Vec<Event> = admitted(&deliveries)
        .iter()
        .map(|event| Event::from(&**event))
        .collect();
    let scored = events
        .iter()
        .filter(|event| event.attribute("type") == "payment.attempted");
    let lines: String = events.iter().map(|event| format!("{event}\n")).collect();
    let expected = replayed(&Config::card_fraud(), &lines, "ndjson");
    assert!(expected.len() > 50, "{}", expected.len());
    assert_eq!(finals(&node, scored), expected);
}
