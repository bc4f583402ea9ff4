//! Reads: timelines as of now and as of a time, decisions with all they ever said, what runs here.

use serde_json::{Value, json};

use crate::harness::node::until;
use crate::harness::{Config, paid, time, topped_up};

#[test]
fn a_timeline_tells_its_features_and_where_it_stands() {
    let node = Config::cards().start();
    node.score(&paid("1").at(10).of(100)).good();
    node.ingest([&topped_up("2").at(100).of(50)]).good();
    let mut timeline = Value::Null;
    until("nothing is owed", || {
        timeline = node.timeline("card", "a");
        timeline["debt"] == 0
    });
    let basis = timeline["basis"].take();
    let state_bytes = timeline["state_bytes"].take();
    timeline["checkpoints"].take();
    // The payment, what was said of it, the top-up.
    assert_eq!(basis["lsn"], 3);
    assert!(
        state_bytes.as_u64().is_some_and(|bytes| bytes > 0),
        "{state_bytes}"
    );
    assert_eq!(
        timeline,
        json!({
            "instance": "card",
            "key": "a",
            "at": "2025-06-01T01:40:00.000000Z",
            "features": {"count": 2.0, "sum": 150.0, "remembered": 0.0},
            "head": "2025-06-01T01:40:00.000000Z",
            "watermark": "2025-06-01T00:40:00.000000Z",
            "foreshore": 1,
            "debt": 0,
            "checkpoints": null,
            "state_bytes": null,
            "basis": null,
        })
    );
}

#[test]
fn a_timeline_is_read_as_of_a_time_without_an_event() {
    let node = Config::cards().start();
    node.ingest([
        &paid("1").at(100).of(1),
        &paid("2").at(110).of(2),
        &paid("3").at(120).of(4),
    ]);
    for (minute, sum) in [(99, 0.0), (100, 1.0), (119, 3.0), (120, 7.0), (500, 7.0)] {
        let path = format!("timelines/card/a?at={}", time(minute));
        assert_eq!(
            node.get(&path).good()["features"]["sum"],
            sum,
            "minute {minute}"
        );
    }
}

#[test]
fn what_a_timeline_no_longer_keeps_is_gone() {
    let node = Config::cards().start();
    node.ingest([&paid("1").at(100)]);
    let gone = node
        .get(&format!("timelines/card/a?at={}", time(39)))
        .json(410);
    let what = gone["error"]["what"].as_str().unwrap();
    assert!(
        what.contains("before its watermark, 2025-06-01T00:40:00"),
        "{what}"
    );
}

#[test]
fn a_key_may_be_any_text() {
    let node = Config::cards().start();
    for (key, path) in [("a/b", "a%2Fb"), ("é %", "%C3%A9%20%25"), ("+", "+")] {
        node.score(&paid(key).by(key)).good();
        assert_eq!(node.timeline("card", path)["key"], key);
    }
}

#[test]
fn what_is_not_there_is_not_found() {
    let node = Config::cards().start();
    node.score(&paid("1")).good();
    for (path, status, what, fix) in [
        (
            "timelines/card/b",
            404,
            "no event with this key was seen",
            "check key and plugin",
        ),
        (
            "timelines/crad/a",
            404,
            "goes by `crad`",
            "did you mean `card`?",
        ),
        ("timelines/card/%zz", 400, "holds a bad escape", "%25"),
        (
            "timelines/card/a?at=noon",
            400,
            "`at` is `noon`",
            "write an RFC 3339 time",
        ),
        (
            "decisions/d99",
            404,
            "no decision d99",
            "check what was asked for, and the pipeline",
        ),
        (
            "decisions/99",
            400,
            "`99` is not a decision id",
            "take it from `decision`",
        ),
    ] {
        let error = &node.get(path).json(status)["error"];
        assert!(
            error["what"].as_str().unwrap().contains(what),
            "{path}: {error}"
        );
        assert!(
            error["fix"].as_str().unwrap().contains(fix),
            "{path}: {error}"
        );
    }
}

#[test]
fn a_decision_tells_all_it_ever_said() {
    let node = Config::cards().start();
    let answer = node.score(&paid("1").at(10).of(300)).good();
    for (id, minute) in [("late", 5), ("later", 6)] {
        node.ingest([&topped_up(id).at(minute).of(100)]).good();
        until("the late event is counted", || {
            let causes = node.decision(&answer)["revisions"].clone();
            causes.as_array().unwrap().last().unwrap()["cause"]["event"] == id
        });
    }
    let decision = node.decision(&answer);
    assert_eq!(
        (&decision["event"], &decision["type"]),
        (&json!("1"), &json!("paid"))
    );
    let revisions = decision["revisions"].as_array().unwrap();
    let told =
        |revision: &Value| ["revision", "score", "outcome"].map(|name| revision[name].clone());
    let told: Vec<_> = revisions.iter().map(told).collect();
    assert_eq!(
        told,
        [
            [json!(1), json!(0.3), json!("approve")],
            [json!(2), json!(0.4), json!("approve")],
            [json!(3), json!(0.5), json!("review")],
        ]
    );
    assert_eq!(revisions[2]["features"]["card.sum"], 500.0);
    assert_eq!(revisions[0]["cause"], Value::Null);
    assert_eq!(decision["published"], 3, "the second changed no outcome");
}

#[test]
fn the_admin_port_tells_what_runs() {
    let node = Config::card_fraud().start();
    let told = node.get_admin("/v1/pipelines").good();
    let pipeline = &told["pipelines"][0];
    assert_eq!(
        (&pipeline["name"], &pipeline["scored"]),
        (&json!("card-fraud"), &json!(["payment.attempted"]))
    );
    let features = pipeline["features"].as_array().unwrap();
    assert_eq!(features.len(), 2);
    for plugin in features
        .iter()
        .chain(pipeline["models"].as_array().unwrap())
    {
        assert_eq!(
            plugin["sha256"].as_str().map(str::len),
            Some(64),
            "{plugin}"
        );
    }
    assert_eq!(features[0]["lateness"], "1d");
    assert_eq!(
        node.get_admin("/health/live").good(),
        json!({"status": "live"})
    );
}
