//! The oldest log, given up while the node serves: what was made of it stays, through the loss of all that was
//! stored beside the log, too.

use std::fs;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use foreshore_event::Time;
use serde_json::Value;

use crate::harness::node::until;
use crate::harness::program::foreshore;
use crate::harness::stored::Stored;
use crate::harness::{Config, Event, Node, paid};

/// Cards that pay.
const CARDS: [&str; 5] = ["a", "b", "c", "d", "e"];

/// Everything may be forgotten after a few seconds, and only so much log is kept. An event may be a while on its way:
/// machines are slow.
fn brief() -> Config {
    Config::cards()
        .with("store.segment", "64KiB")
        .with("store.dirty_age", "200ms")
        .with("pipelines.cards.log_bytes", "128KiB")
        .with("pipelines.cards.identity_retention", "1s")
        .with("pipelines.cards.decision_retention", "1s")
        .with("pipelines.cards.future_max", "1s")
        .with("pipelines.cards.features.card.lateness", "3s")
}

fn now() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Time(now.as_micros() as i64).to_string()
}

/// Payments of one euro, in turns by all cards, made now.
fn payments(first: usize, count: usize) -> Vec<Event> {
    let payment = |at: usize| {
        let event = paid(&at.to_string()).by(CARDS[at % CARDS.len()]).of(1);
        event.with("time", now())
    };
    (first..first + count).map(payment).collect()
}

/// How much every card has paid.
fn sums(node: &Node) -> Vec<Value> {
    let sum = |card: &&str| node.timeline("card", card)["features"]["sum"].take();
    CARDS.iter().map(sum).collect()
}

/// Payments that are more than the log may keep.
const MANY: usize = 4_000;

/// Sends as many, and waits until the log has grown shorter at its old end.
fn outgrow(stored: &Stored, node: &Node, first: usize) {
    let before = stored.log("log")[0].clone();
    for at in 0..MANY / 200 {
        node.ingest(&payments(first + at * 200, 200)).good();
    }
    until("its oldest part is dropped", || {
        stored.log("log")[0] > before
    });
}

fn checkpoints(stored: &Stored) -> Vec<PathBuf> {
    let files = fs::read_dir(stored.path(""))
        .unwrap()
        .map(|file| file.unwrap().path());
    files
        .filter(|file| file.to_string_lossy().contains("checkpoint-"))
        .collect()
}

#[test]
fn the_oldest_log_is_given_up_and_what_was_made_of_it_stays() {
    let stored = Stored::of(&brief());
    let node = stored.start();
    let first = node.score(&payments(0, 1)[0]).good();
    outgrow(&stored, &node, 5);
    until("there is one checkpoint, the newest", || {
        checkpoints(&stored).len() == 1
    });
    assert_eq!(
        sums(&node),
        [801.0, 800.0, 800.0, 800.0, 800.0].map(Value::from)
    );
    let path = format!("decisions/{}", first["decision"].as_str().unwrap());
    until("a decision of that time is gone", || {
        node.get(&path).status == 404
    });
    let last = node.score(&payments(5 + MANY, 1)[0]).good();
    assert_eq!(node.decision(&last)["revisions"][0]["score"], last["score"]);
    until("the log is as short as it should be", || {
        stored.log("log").len() <= 3
    });
    let log = node.stop();
    assert!(log.contains("a checkpoint is written"), "{log}");
    stored.run(&["store", "check"]).good();
}

#[test]
fn a_state_that_is_lost_is_made_again_from_the_checkpoint() {
    let stored = Stored::of(&brief());
    let node = stored.start();
    outgrow(&stored, &node, 0);
    node.ingest(&payments(MANY, 10)).good();
    let before = sums(&node);
    let counted = node.count("admitted");
    drop(node);
    fs::remove_dir_all(stored.path("cold")).unwrap();
    let node = stored.start();
    assert_eq!((sums(&node), node.count("admitted")), (before, counted));
    outgrow(&stored, &node, MANY + 10);
    assert_eq!(sums(&node), [1602.0; 5].map(Value::from));
    node.stop();
    fs::remove_dir_all(stored.path("cold")).unwrap();
    for checkpoint in checkpoints(&stored) {
        fs::remove_file(checkpoint).unwrap();
    }
    stored.refuses(&[
        "records 1 to ",
        "there is no checkpoint",
        "restore the store from a backup",
    ]);
}

#[test]
fn what_was_said_since_the_checkpoint_is_made_again_without_the_oldest_log() {
    let stored = Stored::of(&brief());
    let node = stored.start();
    outgrow(&stored, &node, 0);
    let late = payments(MANY, 1);
    let answer = node.score(&payments(MANY + CARDS.len(), 1)[0]).good();
    node.ingest(&late).good();
    until("the late payment is counted", || {
        node.decision(&answer)["revisions"][1].is_object()
    });
    node.stop();
    let whole = stored.run(&["replay", "--from-log"]).good();
    for said in [
        "revisions up to record ",
        "the checkpoint in its place",
        ", 0 different",
    ] {
        assert!(whole.stderr.contains(said), "{}", whole.stderr);
    }
    assert!(
        !whole.stderr.contains(": 0 revisions the same"),
        "{}",
        whole.stderr
    );
    let id = answer["decision"].as_str().unwrap();
    let one = stored
        .run(&["replay", "--from-log", "--decision", id])
        .good();
    let two = "2 revisions the same to the bit, 0 different";
    assert!(one.stderr.contains(two), "{}", one.stderr);
    let words = [
        "the checkpoint in place of what retention dropped",
        "nothing up to record 1",
    ];
    stored
        .run(&["replay", "--from-log", "--to", "1"])
        .fails(1, &words);
    let words = ["was dropped by retention, and decision d1 with it"];
    stored
        .run(&["replay", "--from-log", "--decision", "d1"])
        .fails(1, &words);
}

#[test]
fn a_decision_is_found_by_its_event_for_longer_than_the_event_is_known() {
    let config = Config::cards()
        .with("store.segment", "64KiB")
        .with("pipelines.cards.identity_retention", "1s");
    let stored = Stored::of(&config);
    let node = stored.start();
    let event = paid("old").of(300);
    let first = node.score(&event).good();
    let of_event = "decisions?source=pos&id=old";
    // Its segment is sealed, and events of that time are forgotten.
    for at in 0..10 {
        node.ingest(&payments(at * 200, 200)).good();
    }
    node.stop();
    let node = stored.start();
    assert_eq!(node.get(of_event).good()["decision"], first["decision"]);
    assert_eq!(node.get("decisions?source=pos&id=none").status, 404);
    until("the event is forgotten", || {
        let again = node.score(&event).good();
        again["disposition"] != "duplicate"
    });
}

#[test]
fn however_busy_a_node_is_a_restart_goes_through_a_bounded_number_of_records() {
    let config = Config::cards()
        .with("store.dirty_age", "1h")
        .with("store.dirty_records", 500);
    let stored = Stored::of(&config);
    let node = stored.start();
    for at in 0..20 {
        node.ingest(&payments(at * 200, 200)).good();
        until("what a restart goes through is little again", || {
            node.metric("foreshore_store_unstored_records", "") <= 500.0
        });
    }
    drop(node);
    assert_eq!(sums(&stored.start()), [800.0; 5].map(Value::from));
}

#[test]
fn a_state_its_engine_cannot_open_is_moved_aside_and_made_again() {
    let stored = Stored::of(&brief());
    let node = stored.start();
    outgrow(&stored, &node, 0);
    let before = sums(&node);
    node.stop();
    let tree = stored.path("cold/tree");
    for file in fs::read_dir(&tree)
        .unwrap()
        .map(|file| file.unwrap().path())
    {
        if file.is_file() {
            fs::write(file, b"no file of the engine").unwrap();
        }
    }
    let node = stored.start();
    assert_eq!(sums(&node), before);
    assert!(stored.path("cold-damaged-1").is_dir());
    let log = node.stop();
    assert!(log.contains("moved aside"), "{log}");
}

#[test]
fn a_log_kept_for_less_than_what_needs_it_is_refused() {
    for (key, length) in [
        ("decision_retention", "30d"),
        ("identity_retention", "15d"),
        ("features.card.lateness", "13d"),
    ] {
        let config = Config::cards()
            .with("pipelines.cards.decision_retention", "1d")
            .with("pipelines.cards.identity_retention", "1d")
            .with("pipelines.cards.log_retention", "12d")
            .with(&format!("pipelines.cards.{key}"), length);
        let stored = Stored::of(&config);
        let run = foreshore([
            "serve",
            "--check",
            "--config",
            stored.file().to_str().unwrap(),
        ]);
        let said = format!("12d is shorter than {key} = {length}");
        run.fails(64, &["pipelines.cards.log_retention", &said]);
    }
}
