//! What operators did, as the log keeps it: who, when, what and what came of it; passed over by everything that
//! reads the log for what was said about events.

use serde_json::{Value, json};

use super::of_kind;
use crate::harness::node::until;
use crate::harness::tokens::Tokens;
use crate::harness::{Config, Node, Stored, paid, time};

fn acts(stored: &Stored) -> Vec<[Value; 4]> {
    let dump = stored.run(&["store", "dump"]).good().stdout;
    let records = of_kind(&dump, "audit").into_iter();
    records
        .map(|record| ["who", "act", "subject", "outcome"].map(|part| record[part].clone()))
        .collect()
}

fn close(node: &Node, token: &str, time: &str) -> u16 {
    let shown = format!("Bearer {token}");
    let headers = [
        ("authorization", shown.as_str()),
        ("content-type", "application/json"),
    ];
    let body = json!({ "time": time }).to_string();
    node.send_admin("POST", "/v1/pipelines/cards/close", &headers, &body)
        .status
}

#[test]
fn every_act_is_written_down_with_whose_it_is_before_what_it_does() {
    let tokens = Tokens::new();
    let ops = tokens.give("ops", "--scope admin --scope score");
    let reader = tokens.give("reader", "--scope read");
    let config = Config::cards().with("access.tokens", tokens.path());
    let stored = Stored::of(&config);
    let node = stored.start().bearing(&ops);
    let before = node.score(&paid("1").of(100)).good();
    let old = before["basis"]["pipeline"].clone();
    assert_eq!(close(&node, &ops, &time(10)), 200);
    assert_eq!(close(&node, &ops, &time(5)), 200);
    // Who may not leaves no record, only a line in the log.
    assert_eq!(close(&node, &reader, &time(20)), 403);
    node.admin("POST", "deploy").good();
    stored.configure(&config.clone().with("pipelines.cards.decide.review", "high"));
    assert_eq!(node.admin("POST", "deploy").status, 422);
    stored.configure(&config.clone().with("pipelines.cards.decide.review", 0.3));
    let new = node.admin("POST", "deploy").json(202)["to"].clone();
    until("the deploy is done", || {
        node.admin("GET", "deploy").good()["state"] == "idle"
    });
    node.score(&paid("2").at(20).of(100)).good();
    let log = node.stop();
    assert!(
        log.contains("`reader` does not have the scope `admin`"),
        "{log}"
    );

    let acts = acts(&stored);
    let expected = [
        [
            json!("ops"),
            json!("close"),
            json!(full(&time(10))),
            json!("closed"),
        ],
        [
            json!("ops"),
            json!("close"),
            json!(full(&time(5))),
            json!("it was closed before"),
        ],
        [
            json!("ops"),
            json!("deploy"),
            old.clone(),
            json!("unchanged"),
        ],
        [json!("ops"), json!("deploy"), old, acts[3][3].clone()],
        [json!("ops"), json!("deploy"), new, json!("deployed")],
    ];
    assert_eq!(acts, expected);
    assert!(
        acts[3][3]
            .as_str()
            .unwrap()
            .starts_with("refused: the configuration does not hold: ")
    );
    let dump = stored.run(&["store", "dump"]).good().stdout;
    let position = |kind, at: usize| of_kind(&dump, kind)[at]["lsn"].as_u64().unwrap();
    assert_eq!(position("close", 0), position("audit", 0) + 1);
    assert_eq!(position("deploy", 1), position("audit", 4) + 1);
    let only = stored.run(&["store", "dump", "--audit"]).good().stdout;
    assert_eq!(of_kind(&only, "audit").len(), only.lines().count());
    assert_eq!(only.lines().count(), expected.len());
}

/// A time as it is written in records.
fn full(time: &str) -> String {
    time.parse::<foreshore_event::Time>().unwrap().to_string()
}

#[test]
fn audit_records_are_passed_over_by_restarts_checks_and_replays() {
    let stored = Stored::cards();
    let node = stored.start();
    for id in 0..20_u32 {
        node.score(&paid(&id.to_string()).at(100 + id).of(10))
            .good();
        if id % 5 == 0 {
            node.close(&time(50 + id));
            node.admin("POST", "deploy").good();
        }
    }
    let before = node.timeline("card", "a");
    // Killed: what was not stored is replayed from the log, audit records among it.
    drop(node);
    let node = stored.start();
    let after = node.timeline("card", "a");
    for part in ["features", "head", "watermark"] {
        assert_eq!(after[part], before[part], "{part}");
    }
    node.score(&paid("late").at(90)).good();
    node.stop();
    assert_eq!(acts(&stored).len(), 8);
    assert!(acts(&stored).iter().all(|act| act[0] == "loopback"));
    stored.run(&["store", "check"]).good();
    stored.run(&["replay", "--from-log"]).good();
}

#[test]
fn another_tokens_file_is_written_down_in_every_pipelines_log() {
    let tokens = Tokens::new();
    tokens.give("ops", "--scope admin");
    let config = Config::cards().with("access.tokens", tokens.path());
    let stored = Stored::of(&config);
    let node = stored.start();
    tokens.give("till", "--scope score");
    until("it is written down", || !acts(&stored).is_empty());
    node.stop();
    let acts = acts(&stored);
    let [who, act, subject, outcome] = &acts[0];
    assert_eq!((who, act), (&json!("file"), &json!("access")));
    assert_eq!(subject, &json!(tokens.path()));
    assert!(
        outcome
            .as_str()
            .unwrap()
            .starts_with("2 identities, sha256:"),
        "{outcome}"
    );
    assert_eq!(acts.len(), 1);
}
