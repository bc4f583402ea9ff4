//! Order does not matter: however the same events arrive, what is finally said of them is the same to the
//! bit, and it is what a replay of the sorted archive says.

use std::collections::BTreeMap;

use card_traffic::random::Random;
use serde_json::Value;

use crate::harness::finals::{Finals, finals, replayed};
use crate::harness::node::until;
use crate::harness::{Config, Event, Node, attempted, paid, time, topped_up};

/// Seeds of arrival orders; a failed one is named and can be put here alone.
const SEEDS: std::ops::Range<u64> = 1..4;

/// What a node says once everything is final.
#[derive(Debug, PartialEq)]
struct Outcome {
    finals: Finals,
    timelines: BTreeMap<(String, String), Value>,
}

/// Events and where they go.
struct World {
    config: Config,
    scored: &'static str,
    /// In their total order.
    events: Vec<Event>,
    timelines: Vec<(&'static str, String)>,
}

impl World {
    fn lines(&self) -> String {
        self.events
            .iter()
            .map(|event| format!("{event}\n"))
            .collect()
    }

    /// Plays the events to a node, in the order of their arrival; what the node finally says.
    fn played(&self, arrivals: &[(Event, Way)]) -> Outcome {
        let node = self.config.start();
        for (event, way) in arrivals {
            match way {
                Way::Score if event.attribute("type") == self.scored => {
                    drop(node.score(event).good())
                }
                _ => drop(node.ingest([event]).good()),
            }
        }
        node.close(&time(3 * 1440));
        let scored = self
            .events
            .iter()
            .filter(|event| event.attribute("type") == self.scored);
        let finals = finals(&node, scored);
        let timelines = self.timelines.iter().filter_map(|(instance, key)| {
            let place = ((*instance).to_owned(), key.clone());
            Some((place, timeline(&node, instance, key)?))
        });
        Outcome {
            finals,
            timelines: timelines.collect(),
        }
    }
}

/// What of a timeline must not hang on arrival.
fn timeline(node: &Node, instance: &str, key: &str) -> Option<Value> {
    let reply = node.get(&format!("timelines/{instance}/{key}"));
    let mut timeline = (reply.status == 200).then(|| reply.good())?;
    for arrival in ["basis", "debt", "checkpoints"] {
        timeline[arrival].take();
    }
    Some(timeline)
}

/// How an event is sent.
#[derive(Clone, Copy, Debug)]
enum Way {
    Score,
    Ingest,
}

/// The events in an order of this seed, some of them more than once.
fn shuffled(events: &[Event], seed: u64) -> Vec<(Event, Way)> {
    let mut random = Random::new(seed, "arrivals");
    let mut arrivals = Vec::new();
    for event in events {
        for _ in 0..1 + random.below(2) {
            let way = if random.chance(0.6) {
                Way::Score
            } else {
                Way::Ingest
            };
            arrivals.push((event.clone(), way));
        }
    }
    random.shuffle(&mut arrivals);
    arrivals
}

#[track_caller]
fn check(world: &World) {
    let sorted: Vec<_> = world
        .events
        .iter()
        .map(|event| (event.clone(), Way::Score))
        .collect();
    let expected = world.played(&sorted);
    assert!(!expected.finals.is_empty() && !expected.timelines.is_empty());
    for seed in SEEDS {
        let found = world.played(&shuffled(&world.events, seed));
        assert_eq!(found, expected, "seed {seed}");
    }
    for ending in ["csv", "ndjson"] {
        assert_eq!(
            replayed(&world.config, &world.lines(), ending),
            expected.finals,
            "{ending}"
        );
    }
}

/// The events by time, then sequence, then source, then id.
fn sorted(mut events: Vec<Event>) -> Vec<Event> {
    let key = |event: &Event| {
        let [time, source, id] =
            ["time", "source", "id"].map(|name| event.attribute(name).to_owned());
        (
            time,
            event.attribute("sequence").parse::<u64>().ok(),
            source,
            id,
        )
    };
    events.sort_by_key(key);
    events
}

/// Payments and top-ups of a few cards within the lateness, with ties, some that trap and some without card.
fn cards() -> World {
    let mut random = Random::new(1, "cards");
    let names = ["a", "b", "c"];
    let events = (0..60).map(|number| {
        let id = format!("e{number}");
        let event = if random.chance(0.7) {
            paid(&id)
        } else {
            topped_up(&id)
        };
        let event = event
            .at(random.below(50) as u32)
            .by(names[random.below(3)])
            .of(random.below(300) as f64 / 8.0)
            .told_by(["p0", "p1"][random.below(2)]);
        let event = if random.chance(0.5) {
            event.with("sequence", random.below(9).to_string())
        } else {
            event
        };
        match random.below(10) {
            0 => event.without("card"),
            1 => event.doing("trap"),
            2 | 3 => event.doing("trap-if-third"),
            _ => event,
        }
    });
    World {
        config: Config::cards(),
        scored: "paid",
        events: sorted(events.collect()),
        timelines: names.map(|name| ("card", name.to_owned())).into(),
    }
}

/// Payments as in the example, with the customers' plugin a second time, keyed by the terminal.
fn payments() -> World {
    let mut random = Random::new(2, "payments");
    let customers = ["c0", "c1", "c2"];
    let terminals = ["t0", "t1"];
    let events = (0..80).map(|number| {
        let terminal = terminals[random.below(2)];
        let event = attempted(&format!("e{number}"))
            .at(random.below(20 * 60) as u32)
            .told_by(terminal)
            .with_data("terminal", terminal)
            .with_data("customer", customers[random.below(3)])
            .with_data("amount", 1.0 + random.below(9000) as f64 / 100.0)
            .with_data("online", random.chance(0.3));
        match random.below(6) {
            0 | 1 => event.with("type", "payment.completed"),
            2 => {
                let report = event
                    .with("type", "fraud.reported")
                    .with_data("fraud", random.chance(0.5));
                report
                    .without("amount")
                    .without("country")
                    .without("online")
            }
            _ => event,
        }
    });
    let events = sorted(events.collect());
    let customers = customers.map(|name| ("customer", name.to_owned()));
    let terminals = terminals.map(|name| ["terminal", "shop"].map(|at| (at, name.to_owned())));
    World {
        config: Config::card_fraud()
            .with_file("pipelines.card-fraud.features.shop", "customer-spending")
            .with("pipelines.card-fraud.features.shop.key", "terminal")
            .with("pipelines.card-fraud.features.shop.lateness", "30h"),
        scored: "payment.attempted",
        events,
        timelines: customers
            .into_iter()
            .chain(terminals.into_iter().flatten())
            .collect(),
    }
}

#[test]
fn cards_come_to_the_same_however_their_events_arrive() {
    check(&cards());
}

#[test]
fn payments_come_to_the_same_however_their_events_arrive() {
    check(&payments());
}

/// What an answer or an amendment says: its revision, its score, its outcome.
type Verdict = (u64, Value, Value);

/// Keeps what was said last.
fn note(said: &mut BTreeMap<String, Verdict>, decision: &Value, revision: &Value, told: &Value) {
    let revision = revision.as_u64().unwrap();
    let known = said.entry(decision.as_str().unwrap().to_owned());
    let known = known.or_insert((0, Value::Null, Value::Null));
    if known.0 < revision {
        *known = (revision, told["score"].clone(), told["outcome"].clone());
    }
}

#[test]
fn what_was_answered_and_amended_comes_to_what_is_final() {
    let world = cards();
    let node = world.config.with("pipelines.cards.amend", "all").start();
    let following = node.follow();
    let mut said = BTreeMap::new();
    for (event, way) in shuffled(&world.events, 4) {
        if matches!(way, Way::Score) && event.attribute("type") == world.scored {
            let answer = node.score(&event).good();
            note(&mut said, &answer["decision"], &answer["revision"], &answer);
        } else {
            node.ingest([&event]).good();
        }
    }
    until("nothing is owed", || {
        let owed = ["foreshore_debt_rows", "foreshore_decisions_stale"];
        owed.iter().all(|name| node.metric(name, "") == 0.0)
    });
    node.score(&paid("last").by("last").at(20).of(300)).good();
    node.ingest([&topped_up("late").by("last").at(10)]).good();
    let mut amended = 0;
    loop {
        let told = following.next().data;
        if told["event"] == "last" {
            break;
        }
        amended += 1;
        note(
            &mut said,
            &told["decision"],
            &told["revision"],
            &told["new"],
        );
    }
    assert!(amended > 5, "{amended}");
    node.close(&time(3 * 1440));
    for (decision, (_, score, outcome)) in said {
        let last = node.get(&format!("decisions/{decision}")).good();
        let last = last["revisions"].as_array().unwrap().last().unwrap();
        assert_eq!(
            (&last["score"], &last["outcome"]),
            (&score, &outcome),
            "{decision}"
        );
    }
}

#[test]
fn a_replay_sorts_what_is_not_sorted() {
    let world = cards();
    let mut lines: Vec<String> = world.events.iter().map(ToString::to_string).collect();
    let sorted = replayed(&world.config, &lines.join("\n"), "csv");
    Random::new(3, "archive").shuffle(&mut lines);
    assert_eq!(replayed(&world.config, &lines.join("\n"), "csv"), sorted);
}
