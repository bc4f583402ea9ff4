//! Amendments: what followers are told when a late event changes an answer that was already given.

use serde_json::{Value, json};

use crate::harness::amendments::Following;
use crate::harness::{Config, Node, paid, time, topped_up};

/// Has a payment of 300 EUR amended by a top-up that comes late; the answer first given.
fn amend(node: &Node, card: &str) -> Value {
    let answer = node.score(&paid(card).by(card).at(10).of(300)).good();
    let late = topped_up(&format!("late for {card}"))
        .by(card)
        .at(5)
        .of(300);
    node.ingest([&late]).good();
    answer
}

#[test]
fn an_amendment_says_what_changed_and_which_event_changed_it() {
    let node = Config::cards().start();
    let following = node.follow();
    let answer = amend(&node, "a");
    let told = following.next();
    assert_eq!(told.event, "amendment");
    assert_eq!(told.id, told.data["lsn"].to_string());
    assert_eq!(
        told.data,
        json!({
            "lsn": 5,
            "decision": answer["decision"],
            "event": "a",
            "source": "pos",
            "type": "paid",
            "time": "2025-06-01T00:10:00.000000Z",
            "revision": 2,
            "old": {"score": 0.3, "outcome": "approve"},
            "new": {"score": 0.6, "outcome": "review"},
            "cause": {
                "what": "late-event",
                "lsn": 3,
                "event": "late for a",
                "source": "pos",
                "type": "topped-up",
                "time": "2025-06-01T00:05:00.000000Z",
            },
        })
    );
    let decision = node.decision(&answer);
    let revisions = decision["revisions"].as_array().unwrap();
    assert_eq!((revisions.len(), &decision["published"]), (2, &json!(2)));
    assert_eq!(revisions[1]["cause"], told.data["cause"]);
    assert_eq!(
        (&revisions[0]["score"], &revisions[1]["score"]),
        (&json!(0.3), &json!(0.6))
    );
}

#[test]
fn only_changes_of_the_outcome_are_published_by_default() {
    let node = Config::cards().start();
    let following = node.follow();
    node.score(&paid("1").by("quiet").at(10).of(100)).good();
    node.ingest([&topped_up("2").by("quiet").at(5).of(100)])
        .good();
    amend(&node, "loud");
    assert_eq!(following.next().data["event"], "loud");
}

#[test]
fn all_changes_are_published_where_the_pipeline_says_so() {
    let node = Config::cards().with("pipelines.cards.amend", "all").start();
    let following = node.follow();
    node.score(&paid("1").at(10).of(100)).good();
    node.ingest([&topped_up("2").at(5).of(1)]).good();
    assert_eq!(
        following.next().data["new"],
        json!({"score": 0.101, "outcome": "approve"})
    );
}

#[test]
fn a_follower_that_comes_back_is_told_what_it_missed() {
    let node = Config::cards().start();
    let following = node.follow();
    amend(&node, "a");
    let seen = following.next();
    drop(following);
    amend(&node, "b");
    amend(&node, "c");
    let back = Following::start(&node.url("amendments"), &[("last-event-id", &seen.id)]);
    assert_eq!(
        [back.next(), back.next()].map(|told| told.data["event"].clone()),
        ["b", "c"]
    );
    let from = Following::start(&node.url(&format!("amendments?from={}", seen.id)), &[]);
    assert_eq!(from.next(), seen, "from a position on, itself included");
}

#[test]
fn a_follower_that_was_away_too_long_is_told_of_the_gap() {
    let node = Config::cards()
        .with("pipelines.cards.amendments_kept", 1)
        .start();
    let following = node.follow();
    let told = ["a", "b", "c"].map(|card| {
        amend(&node, card);
        following.next()
    });
    let back = Following::start(&node.url("amendments?from=1"), &[]);
    let gap = back.next();
    assert_eq!((gap.event.as_str(), &gap.id), ("gap", &told[1].id));
    assert_eq!(gap.data, json!({"from": 1, "to": told[1].data["lsn"]}));
    assert_eq!(back.next(), told[2]);
}

#[test]
fn a_position_that_is_none_is_refused() {
    let node = Config::cards().start();
    let refused = |path: &str, headers: &[(&str, &str)]| {
        node.send("GET", path, headers, "").json(400)["error"].clone()
    };
    let error = refused("amendments", &[("last-event-id", "newest")]);
    assert_eq!(error["where"], "header last-event-id");
    let error = refused("amendments?from=soon", &[]);
    assert_eq!(error["fix"], "write a log position, a whole number");
    let error = refused("amendments?from=1000", &[]);
    assert_eq!(
        error["what"],
        "position 999 is beyond the log, which ends at 0"
    );
}

#[test]
fn what_is_final_is_amended_no_more() {
    let node = Config::cards().start();
    let following = node.follow();
    node.score(&paid("1").at(10).of(300)).good();
    node.close(&time(30));
    let late = node.ingest([&topped_up("2").at(5).of(300)]).good();
    assert_eq!(late["dispositions"]["late"], 1);
    let open = paid("open").by("b").at(40).of(300);
    node.score(&open).good();
    node.ingest([&topped_up("3").by("b").at(35).of(300)]).good();
    assert_eq!(following.next().data["event"], "open");
}

#[test]
fn streams_end_when_the_node_stops() {
    let node = Config::cards().start();
    let following = node.follow();
    node.terminate();
    following.ended();
    let (code, log) = node.ended();
    assert_eq!(code, Some(0), "{log}");
}
