//! What is promised of every delivery, checked against a node in miniature: real decoding, and just enough
//! memory to tell what becomes of an event.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use foreshore_event::schema::{Field, Kind as FieldKind, Required, TypeIndex};
use foreshore_event::{Digest, Schema, Unknown, decode, validate};

use super::*;
use crate::Traffic;
use crate::span::HOUR;

fn schema() -> Schema {
    let types = ["payment.attempted", "payment.completed", "fraud.reported"];
    let payments = || Required::For(vec![TypeIndex(0), TypeIndex(1)]);
    let field = |name, kind, required| Field {
        required,
        ..Field::new(name, kind)
    };
    let fields = vec![
        field("customer", FieldKind::Text, Required::Always),
        field("terminal", FieldKind::Text, Required::Always),
        field("amount", FieldKind::Number, payments()),
        field("country", FieldKind::Text, payments()),
        field("online", FieldKind::Boolean, payments()),
        field("payment", FieldKind::Text, Required::Always),
        field(
            "fraud",
            FieldKind::Boolean,
            Required::For(vec![TypeIndex(2)]),
        ),
    ];
    Schema::new(types.map(String::from).to_vec(), fields, Unknown::Reject).unwrap()
}

/// A node in miniature.
struct Node {
    schema: Schema,
    lateness: Span,
    heads: HashMap<String, Time>,
    seen: HashMap<(String, String), Digest>,
}

impl Node {
    fn new(settings: &Settings) -> Node {
        Node {
            schema: schema(),
            lateness: settings.disorder.lateness,
            heads: HashMap::new(),
            seen: HashMap::new(),
        }
    }

    fn take(&mut self, arrival: Time, line: &str) -> Disposition {
        let Ok(event) = validate(&self.schema, decode(&self.schema, line.as_bytes()).unwrap())
        else {
            return Disposition::Invalid;
        };
        let identity = (event.source().to_owned(), event.id().to_owned());
        if let Some(digest) = self.seen.get(&identity) {
            return match *digest == event.digest() {
                true => Disposition::Duplicate,
                false => Disposition::Conflict,
            };
        }
        if event.time().since(arrival) > FUTURE_MAX {
            return Disposition::Future;
        }
        self.seen.insert(identity, event.digest());
        let keys = [event.text(0), event.text(1)].map(|key| key.unwrap().to_owned());
        let late = |key: &String| {
            let head = self.heads.get(key).copied().unwrap_or(Time::MIN);
            event.time() < head.minus(self.lateness)
        };
        let late_for = keys.iter().filter(|key| late(key)).count();
        assert_ne!(late_for, 1, "late for one timeline only: {line}");
        if late_for == 2 {
            return Disposition::Late;
        }
        for key in keys {
            let head = self.heads.entry(key).or_insert(Time::MIN);
            *head = event.time().min(arrival).max(*head);
        }
        Disposition::Admitted
    }
}

fn check_dispositions(settings: &Settings) -> BTreeMap<Disposition, usize> {
    let mut node = Node::new(settings);
    let mut counts = BTreeMap::new();
    for delivery in Traffic::generate(settings).deliveries() {
        for (sent, line) in delivery.events.iter().zip(delivery.body().lines()) {
            let found = node.take(delivery.arrival, line);
            assert_eq!(found, sent.disposition, "{} {line}", delivery.arrival);
            *counts.entry(found).or_default() += 1;
        }
    }
    counts
}

#[test]
fn every_disposition_is_foreseen() {
    for seed in 0..20 {
        check_dispositions(&Settings {
            seed,
            ..Settings::small()
        });
    }
}

#[test]
fn the_small_traffic_has_every_disposition() {
    let counts = check_dispositions(&Settings::small());
    assert_eq!(counts.len(), 6, "{counts:?}");
}

#[test]
fn the_demo_has_every_disposition() {
    let counts = check_dispositions(&Settings::demo());
    assert_eq!(counts.len(), 6, "{counts:?}");
    assert!(counts[&Disposition::Admitted] > 40_000, "{counts:?}");
}

#[test]
fn every_event_is_delivered() {
    let traffic = Traffic::generate(&Settings::small());
    let deliveries = traffic.deliveries();
    let identity = |event: &Event| (event.source.clone(), event.id.clone());
    let genuine = [
        Disposition::Admitted,
        Disposition::Late,
        Disposition::Future,
    ];
    let delivered: BTreeSet<_> = (deliveries.iter().flat_map(|delivery| &delivery.events))
        .filter(|sent| genuine.contains(&sent.disposition))
        .map(|sent| identity(&sent.event))
        .collect();
    let emitted: BTreeSet<_> = traffic.sorted().into_iter().map(identity).collect();
    assert_eq!(delivered, emitted);
}

#[test]
fn what_is_admitted_is_the_sorted_traffic_without_the_late_and_the_future() {
    let traffic = Traffic::generate(&Settings::small());
    let deliveries = traffic.deliveries();
    let lost: BTreeSet<_> = (deliveries.iter().flat_map(|delivery| &delivery.events))
        .filter(|sent| matches!(sent.disposition, Disposition::Late | Disposition::Future))
        .map(|sent| sent.event.id.clone())
        .collect();
    let expected: Vec<&Event> = (traffic.sorted().into_iter())
        .filter(|event| !lost.contains(&event.id))
        .collect();
    let admitted = admitted(&deliveries);
    assert!(!lost.is_empty());
    assert_eq!(
        admitted.iter().map(|event| &**event).collect::<Vec<_>>(),
        expected
    );
}

#[test]
fn requests_are_in_order_of_arrival_and_only_attempts_ask_for_a_score() {
    let deliveries = Traffic::generate(&Settings::small()).deliveries();
    assert!(deliveries.is_sorted_by_key(|delivery| delivery.arrival));
    for delivery in &deliveries {
        match delivery.request {
            Request::Score => {
                assert_eq!(delivery.events.len(), 1);
                assert_eq!(delivery.events[0].event.kind, Kind::Attempted);
            }
            Request::Batch => assert!(!delivery.events.is_empty()),
        }
    }
}

#[test]
fn events_arrive_out_of_order() {
    let deliveries = Traffic::generate(&Settings::small()).deliveries();
    let times: Vec<Time> = (deliveries.iter().flat_map(|delivery| &delivery.events))
        .filter(|sent| sent.disposition == Disposition::Admitted)
        .map(|sent| sent.event.time)
        .collect();
    let behind = |hours: i64| {
        let mut newest = Time::MIN;
        let is_behind = |time: &&Time| {
            newest = newest.max(**time);
            newest.since(**time) > Span(HOUR.0 * hours)
        };
        times.iter().filter(is_behind).count()
    };
    let (at_all, by_hours) = (behind(0), behind(2));
    assert!(at_all > 50 && by_hours > 5, "{at_all}, {by_hours}");
}
