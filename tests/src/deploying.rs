//! Another pipeline in place of the one that runs: while it serves, and over a restart. What was decided
//! stays as it was said; timelines of a changed plugin are built anew from the log.

use serde_json::{Value, json};

use crate::harness::node::until;
use crate::harness::place::Folder;
use crate::harness::{Config, Node, paid, topped_up};

/// A node with a store, and its configuration file, which can be changed.
struct Stored {
    folder: Folder,
}

impl Stored {
    fn new(config: &Config) -> Stored {
        let stored = Stored {
            folder: Folder::new(),
        };
        stored.configure(config);
        stored
    }

    fn configure(&self, config: &Config) {
        let text = config.clone().with("store.folder", "store").text();
        self.folder.write("node.toml", text);
    }

    fn start(&self) -> Node {
        Node::of_file(&self.folder.join("node.toml"), "cards")
    }
}

fn deployed(node: &Node) -> Value {
    let answer = node.admin("POST", "deploy").json(202);
    until("the deploy is done", || {
        let progress = node.admin("GET", "deploy").good();
        assert_ne!(progress["state"], "failed", "{progress}");
        progress["state"] == "idle"
    });
    answer
}

#[test]
fn a_threshold_is_deployed_while_serving_and_earlier_decisions_are_settled() {
    let stored = Stored::new(&Config::cards());
    let node = stored.start();
    let before = node.score(&paid("1").of(400)).good();
    assert_eq!(before["outcome"], "approve");
    let unchanged = node.admin("POST", "deploy").good();
    assert_eq!(unchanged, json!({ "unchanged": true }));
    stored.configure(&Config::cards().with("pipelines.cards.decide.review", 0.3));
    let answer = deployed(&node);
    assert_eq!(answer["from"], before["basis"]["pipeline"]);
    assert_eq!(answer["rebuilding"], json!([]));
    let after = node.score(&paid("2").of(10)).good();
    assert_eq!(after["basis"]["pipeline"], answer["to"]);
    assert_eq!(
        (&after["score"], &after["outcome"]),
        (&json!(0.41), &json!("review"))
    );
    let old = node.decision(&before);
    assert_eq!(
        (&old["finality"], &old["settled"]),
        (&json!("settled"), &json!("deploy"))
    );
    assert_eq!(old["revisions"][0]["outcome"], "approve");
    let again = node.score(&paid("1").of(400)).good();
    assert_eq!(
        (&again["disposition"], &again["decision"]),
        (&json!("duplicate"), &before["decision"])
    );
}

#[test]
fn what_a_pipeline_said_stays_settled_when_it_is_deployed_again() {
    let stored = Stored::new(&Config::cards());
    let node = stored.start();
    let said = node.score(&paid("1").of(400)).good();
    assert_eq!(said["finality"], "provisional");
    for review in [0.3, 0.5] {
        stored.configure(&Config::cards().with("pipelines.cards.decide.review", review));
        deployed(&node);
    }
    let again = node.score(&paid("1").of(400)).good();
    assert_eq!(again["basis"]["pipeline"], said["basis"]["pipeline"]);
    for told in [again, node.decision(&said)] {
        assert_eq!(told["finality"], "settled", "{told}");
    }
}

#[test]
fn timelines_of_a_changed_plugin_are_rebuilt_from_the_log() {
    let stored = Stored::new(&Config::cards());
    let node = stored.start();
    for id in 0..50_u32 {
        node.score(&paid(&id.to_string()).at(200 + id).of(1)).good();
    }
    // Too late for an hour, in time for two.
    let late = paid("late").at(100).of(7);
    assert_eq!(node.score(&late).good()["disposition"], "late");
    stored.configure(&Config::cards().with("pipelines.cards.features.card.lateness", "3h"));
    assert_eq!(deployed(&node)["rebuilding"], json!(["card"]));
    let features = node.timeline("card", "a")["features"].take();
    assert_eq!(
        (&features["count"], &features["sum"]),
        (&json!(51.0), &json!(57.0))
    );
    node.terminate();
    assert_eq!(node.ended().0, Some(0));
    let node = stored.start();
    let answer = node
        .score_with("?features=true", &paid("next").at(260).of(1))
        .good();
    assert_eq!(answer["features"]["card.count"], 52.0);
}

#[test]
fn no_request_is_dropped_while_a_pipeline_is_deployed_over_and_over() {
    let stored = Stored::new(&Config::cards());
    let node = stored.start();
    std::thread::scope(|scope| {
        let deploys = scope.spawn(|| {
            for round in 0..10 {
                let review = 0.3 + f64::from(round) / 100.0;
                let other = Config::cards().with("pipelines.cards.decide.review", review);
                // Events are read in another way, too: fields are known by their places.
                stored.configure(&match round % 2 {
                    0 => other,
                    _ => other.with("pipelines.cards.fields.a.kind", "text"),
                });
                deployed(&node);
            }
        });
        for sent in 0.. {
            let answer = node.score(&paid(&format!("{sent}")).of(1)).good();
            assert_eq!(answer["finality"], "provisional", "{answer}");
            node.timeline("card", "a");
            let told = node.ingest([&topped_up(&format!("{sent}+")).of(1)]).good();
            assert_eq!(told["dispositions"]["admitted"], 1, "{told}");
            if deploys.is_finished() {
                break;
            }
        }
    });
    assert_eq!(node.count("shed"), 0);
}

#[test]
fn a_configuration_that_does_not_hold_leaves_the_old_one_serving() {
    let stored = Stored::new(&Config::cards());
    let node = stored.start();
    stored.configure(&Config::cards().with("pipelines.cards.decide.review", 1.5));
    let refused = node.admin("POST", "deploy");
    assert_eq!(refused.status, 422, "{}", refused.text);
    assert!(refused.text.contains("decide.review"), "{}", refused.text);
    assert_eq!(node.score(&paid("1").of(400)).good()["outcome"], "approve");
}

#[test]
fn a_restart_with_another_configuration_is_a_deploy() {
    let stored = Stored::new(&Config::cards());
    let node = stored.start();
    let before = node.score(&paid("1").of(400)).good();
    drop(node);
    stored.configure(
        &Config::cards()
            .with("pipelines.cards.features.card.lateness", "2h")
            .with("pipelines.cards.decide.review", 0.3),
    );
    let node = stored.start();
    let old = node.decision(&before);
    assert_eq!(old["finality"], "settled");
    assert_eq!(old["revisions"][0]["basis"], before["basis"]);
    let after = node.score(&paid("2").of(10)).good();
    assert_eq!(
        (&after["score"], &after["outcome"]),
        (&json!(0.41), &json!("review"))
    );
}
