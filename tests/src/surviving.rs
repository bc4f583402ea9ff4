//! The end of a process, however it comes: what was acknowledged is there afterwards, to the bit, and what is
//! finally said is what a replay of the same events says.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use card_traffic::random::Random;
use foreshore_proof::{Proof, sized};
use rustix::process::Signal;
use serde_json::Value;

use crate::harness::finals::{finals, replayed};
use crate::harness::node::until;
use crate::harness::{Config, Event, Node, Stored, paid, time, topped_up};

/// Clients that send at the same time.
const CLIENTS: u64 = 4;

/// Events of one client at most, so that every test ends.
const EVENTS_MAX: u32 = 2_000;

/// A claim about a process that is ended, or stopped for a while.
fn proof(test: &str) -> Proof {
    Proof::new("processes", "-p foreshore-tests --lib", test)
}

/// An event and what its client was told.
struct Sent {
    event: Event,
    /// None where the node went before it had answered.
    answer: Option<Value>,
}

/// Events of one client: payments and top-ups of a few cards, in no order, within the lateness.
fn events(round: u64, client: u64) -> impl Iterator<Item = Event> {
    let mut random = Random::new(round, &format!("client {client}"));
    (0..EVENTS_MAX).map(move |number| {
        let id = format!("{round}-{client}-{number}");
        let event = match random.chance(0.7) {
            true => paid(&id),
            false => topped_up(&id),
        };
        event
            .at(random.below(50) as u32)
            .by(["a", "b", "c", "d", "e"][random.below(5)])
            .of(random.below(300) as f64 / 8.0)
            .doing(["", "", "", "trap-if-third"][random.below(4)])
    })
}

fn is_scored(event: &Event) -> bool {
    event.attribute("type") == "paid"
}

/// Sends an event, again if it is shed; none if the node goes before it has answered.
fn send(node: &Node, event: &Event) -> Option<Value> {
    loop {
        let reply = match is_scored(event) {
            true => node.try_score(event),
            false => node.try_ingest(event),
        };
        match reply {
            Some(shed) if shed.status == 503 => {
                assert!(shed.header("retry-after").is_some(), "{}", shed.text);
            }
            reply => return reply.map(|reply| reply.good()),
        }
    }
}

/// Sends from all clients at once for as long as somebody answers or somebody wants it; gives what they sent.
fn under_load(node: &Node, round: u64, meanwhile: impl FnOnce(&AtomicUsize)) -> Vec<Sent> {
    let (answers, wanted) = (AtomicUsize::new(0), AtomicUsize::new(1));
    let client = |number| {
        let mut sent = Vec::new();
        for event in events(round, number) {
            let answer = send(node, &event);
            let is_gone = answer.is_none();
            sent.push(Sent { event, answer });
            answers.fetch_add(1, Ordering::Relaxed);
            if is_gone || wanted.load(Ordering::Relaxed) == 0 {
                break;
            }
        }
        sent
    };
    thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|number| scope.spawn(move || client(number)))
            .collect();
        meanwhile(&answers);
        wanted.store(0, Ordering::Relaxed);
        let sent = clients.into_iter().map(|client| client.join().unwrap());
        sent.flatten().collect()
    })
}

/// How many were acknowledged.
fn acknowledged(sent: &[Sent]) -> u64 {
    sent.iter().filter(|sent| sent.answer.is_some()).count() as u64
}

/// Sends all that was acknowledged again: the node still says what it said.
#[track_caller]
fn still_stands(node: &Node, sent: &[Sent]) {
    for Sent { event, answer } in sent {
        let Some(answer) = answer else { continue };
        let again = send(node, event).unwrap();
        if !is_scored(event) {
            assert_eq!(again["dispositions"]["duplicate"], 1, "{event}: {again}");
            continue;
        }
        assert_eq!(again["disposition"], "duplicate", "{event}: {again}");
        assert_eq!(again["decision"], answer["decision"], "{event}");
        for (said, value) in again["first"].as_object().unwrap() {
            assert_eq!(value, &answer[said], "{event}: {said}");
        }
    }
}

/// What is finally said is what a replay of all that was sent says.
#[track_caller]
fn equals_a_replay(node: &Node, config: &Config, sent: &[Sent]) {
    node.close(&time(3 * 1440));
    let events = sent.iter().map(|sent| &sent.event);
    let lines: String = events.clone().map(|event| format!("{event}\n")).collect();
    let said = finals(node, events.filter(|event| is_scored(event)));
    assert_eq!(said, replayed(config, &lines, "ndjson"));
}

#[test]
fn a_node_killed_under_load_again_and_again_loses_nothing_and_says_nothing_else() {
    let mut proof =
        proof("a_node_killed_under_load_again_and_again_loses_nothing_and_says_nothing_else");
    let config = Config::cards()
        .with("pipelines.cards.amend", "all")
        .with("store.segment", "64KiB")
        .with("store.dirty_age", "200ms");
    let stored = Stored::of(&config);
    let mut random = Random::new(1, "kills");
    let mut all: Vec<Sent> = Vec::new();
    for round in 0..sized(6, 50) {
        let node = stored.start();
        still_stands(&node, &all);
        proof.count("acknowledged events found again", acknowledged(&all));
        // What nobody answered may be there or not; sent again it is.
        for sent in all.iter_mut().filter(|sent| sent.answer.is_none()) {
            let answer = send(&node, &sent.event).unwrap();
            if answer["disposition"] != "duplicate" {
                sent.answer = Some(answer);
            }
        }
        let kill_after = 20 + random.below(150);
        all.extend(under_load(&node, round, |answers| {
            until("enough is answered", || {
                answers.load(Ordering::Relaxed) >= kill_after
            });
            node.signal(Signal::KILL);
        }));
        assert_eq!(node.ended().0, None, "killed, not ended");
        proof.cases(1);
    }
    assert!(all.iter().any(|sent| sent.answer.is_none()));
    assert!(
        stored.log("log").len() > 2,
        "the log went on to other segments"
    );
    let node = stored.start();
    still_stands(&node, &all);
    for sent in all.iter().filter(|sent| sent.answer.is_none()) {
        send(&node, &sent.event).unwrap();
    }
    assert_eq!(node.count("admitted"), all.len() as u64);
    equals_a_replay(&node, &config, &all);
    node.stop();
    stored.run(&["store", "check"]).good();
    let again = stored.run(&["replay", "--from-log"]).good();
    assert!(again.stderr.contains(", 0 different"), "{}", again.stderr);
}

#[test]
fn followers_go_on_over_a_kill_and_miss_nothing() {
    let mut proof = proof("followers_go_on_over_a_kill_and_miss_nothing");
    let stored = Stored::of(&Config::cards().with("pipelines.cards.amend", "all"));
    let amend = |node: &Node, card: &str| {
        let late = format!("late for {card}");
        node.score(&paid(card).by(card).at(10).of(300)).good();
        node.ingest([&topped_up(&late).by(card).at(5).of(300)])
            .good();
    };
    let node = stored.start();
    let following = node.follow();
    amend(&node, "a");
    let seen = following.next();
    amend(&node, "b");
    following.next();
    node.signal(Signal::KILL);
    node.ended();
    let node = stored.start();
    amend(&node, "c");
    let back = node.follow_after(&seen.id);
    let told = [back.next(), back.next()].map(|told| told.data["event"].clone());
    assert_eq!(told, ["b", "c"]);
    node.stop();
    proof.cases(1);
}

#[test]
fn a_node_told_to_stop_under_load_leaves_nothing_to_replay() {
    let mut proof = proof("a_node_told_to_stop_under_load_leaves_nothing_to_replay");
    // So long that nothing is put away before the node is told to stop, however slow the machine.
    let config = Config::cards()
        .with("store.segment", "64KiB")
        .with("store.dirty_age", "1h");
    let stored = Stored::of(&config);
    let node = stored.start();
    let sent = under_load(&node, 1, |answers| {
        until("enough is answered", || {
            answers.load(Ordering::Relaxed) >= 200
        });
    });
    let unstored = node.metric("foreshore_store_timelines_unstored", "");
    assert!(
        unstored > 0.0,
        "something was only in memory and in the log"
    );
    let counted = ["admitted", "late"].map(|fate| node.count(fate));
    node.stop();
    let node = stored.start();
    assert_eq!(node.metric("foreshore_store_timelines_unstored", ""), 0.0);
    assert_eq!(["admitted", "late"].map(|fate| node.count(fate)), counted);
    still_stands(&node, &sent);
    let log = node.stop();
    assert!(!log.contains("WARN"), "{log}");
    proof.cases(1);
    proof.count("acknowledged events found again", acknowledged(&sent));
}

#[test]
fn a_node_that_stood_still_for_a_while_loses_nothing_and_says_nothing_else() {
    let mut proof =
        proof("a_node_that_stood_still_for_a_while_loses_nothing_and_says_nothing_else");
    // The last of the pauses is as long as a run can afford.
    let pauses = [300, 300, sized(300, 30_000)].map(Duration::from_millis);
    // So short that some are past it when the node goes on: these are shed, or get the fallback and are amended.
    let config = Config::cards()
        .with("pipelines.cards.limits.deadline", "100ms")
        .with("pipelines.cards.limits.call_time", "50ms")
        .with("pipelines.cards.limits.breaker_cooldown", "100ms");
    let stored = Stored::of(&config);
    let node = stored.start();
    let sent = under_load(&node, 1, |answers| {
        for (nth, pause) in (1..).zip(pauses) {
            let answered = || answers.load(Ordering::Relaxed);
            until("some are answered", || answered() >= 50 * nth);
            node.signal(Signal::STOP);
            thread::sleep(pause);
            node.signal(Signal::CONT);
            proof.cases(1);
            proof.most("longest pause in milliseconds", pause.as_millis() as u64);
        }
    });
    assert!(sent.iter().all(|sent| sent.answer.is_some()));
    assert_eq!(node.count("admitted"), sent.len() as u64);
    still_stands(&node, &sent);
    // A replay has nobody to catch up with: its plugins have the time that a slow machine needs.
    equals_a_replay(&node, &Config::cards(), &sent);
    let fates: BTreeMap<&str, u64> = ["late", "conflict", "future", "invalid"]
        .map(|fate| (fate, node.count(fate)))
        .into();
    assert!(fates.values().all(|count| *count == 0), "{fates:?}");
    proof.count("acknowledged events found again", acknowledged(&sent));
    node.stop();
}
