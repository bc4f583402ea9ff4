//! Score requests: one event in, its answer out, whatever became of the event.

use serde_json::{Value, json};

use crate::harness::node::until;
use crate::harness::{Config, attempted, paid, time, topped_up};

#[test]
fn an_answer_is_exactly_what_is_documented() {
    let node = Config::cards().start();
    node.ingest([&topped_up("before").of(300)]).good();
    let mut answer = node.score(&paid("1").at(1).of(250)).good();
    let pipeline = answer["basis"]["pipeline"].take();
    assert_eq!(
        pipeline.as_str().map(str::len),
        Some(16),
        "a digest: {pipeline}"
    );
    assert_eq!(
        answer,
        json!({
            "decision": "d2",
            "disposition": "admitted",
            "event": "1",
            "source": "pos",
            "score": 0.55,
            "outcome": "review",
            "reasons": [
                {"name": "history", "contribution": 0.3},
                {"name": "amount", "contribution": 0.25},
            ],
            "finality": "provisional",
            "revision": 1,
            "basis": {"lsn": 2, "pipeline": null},
            "late_for": [],
            "degraded": [],
            "models": {"tally": 0.55},
        })
    );
}

#[test]
fn features_come_when_asked_for_and_missing_ones_are_null() {
    let node = Config::cards().start();
    let answer = node.score_with("?features=true", &paid("1").of(250)).good();
    assert_eq!(
        answer["features"],
        json!({
            "event.amount": 250.0, "event.items": null, "event.online": null,
            "card.count": 1.0, "card.sum": 250.0, "card.remembered": 0.0,
        })
    );
    assert_eq!(node.score(&paid("2")).good().get("features"), None);
}

#[test]
fn an_event_without_the_key_is_scored_without_that_plugin() {
    let node = Config::cards().start();
    let answer = node
        .score_with("?features=true", &paid("1").without("card"))
        .good();
    assert_eq!(answer["features"]["card.count"], Value::Null);
    assert_eq!(
        (&answer["score"], &answer["degraded"]),
        (&json!(0.01), &json!([]))
    );
    assert_eq!(answer["finality"], "final", "nothing can change it");
}

#[test]
fn thresholds_turn_scores_into_outcomes() {
    let node = Config::cards().start();
    for (amount, outcome) in [
        (499, "approve"),
        (500, "review"),
        (899, "review"),
        (900, "decline"),
    ] {
        let card = amount.to_string();
        let answer = node.score(&paid(&card).by(&card).of(amount)).good();
        assert_eq!(answer["outcome"], outcome, "{amount}");
    }
}

#[test]
fn a_what_if_changes_nothing() {
    let node = Config::cards().start();
    node.score(&paid("1").of(100)).good();
    let what_if = node
        .score_with("?store=false", &paid("2").at(1).of(200))
        .good();
    assert_eq!(
        (&what_if["score"], &what_if["decision"]),
        (&json!(0.3), &Value::Null)
    );
    node.score_with("?store=false", &paid("3").by("new")).good();
    assert_eq!(node.get("timelines/card/new").status, 404);
    assert_eq!(node.count("admitted"), 1);
    assert_eq!(node.timeline("card", "a")["features"]["count"], 1.0);
    let stored = node.score(&paid("2").at(1).of(200)).good();
    assert_eq!(
        (&stored["score"], &stored["decision"]),
        (&json!(0.3), &json!("d3"))
    );
    assert_eq!(stored["disposition"], "admitted");
}

#[test]
fn a_what_if_in_the_past_is_scored_there() {
    let node = Config::cards().start();
    node.score(&paid("1").at(10).of(100)).good();
    let what_if = node
        .score_with("?store=false", &paid("0").at(5).of(7))
        .good();
    assert_eq!(what_if["score"], 0.007);
}

#[test]
fn a_repeated_event_gets_the_current_revision_and_the_first() {
    let node = Config::cards().start();
    let first = node.score(&paid("1").at(10).of(300)).good();
    let again = node.score(&paid("1").at(10).of(300)).good();
    assert_eq!(again["disposition"], "duplicate");
    assert_eq!(again["decision"], first["decision"]);
    assert_eq!(
        (&again["score"], &again["revision"]),
        (&json!(0.3), &json!(1))
    );
    node.ingest([&topped_up("late").at(5).of(300)]).good();
    let mut now = Value::Null;
    until("the late event is counted", || {
        now = node.score(&paid("1").at(10).of(300)).good();
        now["revision"] == 2
    });
    assert_eq!(
        (&now["score"], &now["outcome"]),
        (&json!(0.6), &json!("review"))
    );
    let said = &now["first"];
    assert_eq!(
        (&said["score"], &said["outcome"]),
        (&json!(0.3), &json!("approve"))
    );
    assert_eq!(
        (&said["revision"], &said["basis"]),
        (&json!(1), &first["basis"])
    );
}

#[test]
fn the_same_id_with_other_content_is_a_conflict() {
    let node = Config::cards().start();
    node.score(&paid("1").of(100)).good();
    let refused = node.score(&paid("1").of(101)).json(409);
    assert_eq!(refused["disposition"], "conflict");
    assert_eq!(refused["error"]["where"], "id");
    let what = refused["error"]["what"].as_str().unwrap();
    assert!(
        what.contains("`1` of source `pos` was sent before"),
        "{what}"
    );
    assert_eq!(node.count("conflict"), 1);
    assert_eq!(node.timeline("card", "a")["features"]["sum"], 100.0);
    node.score(&paid("1").of(101).told_by("another source"))
        .good();
}

#[test]
fn an_event_from_the_future_is_answered_but_not_counted() {
    let node = Config::cards().start();
    let ahead = paid("1").with("time", "2190-01-01T00:00:00Z");
    for count in 1..=2 {
        let answer = node.score(&ahead).good();
        assert_eq!(answer["disposition"], "future");
        assert_eq!(
            (&answer["score"], &answer["outcome"]),
            (&Value::Null, &json!("review"))
        );
        assert_eq!(
            answer["degraded"],
            json!([{"part": "event", "reason": "future"}])
        );
        assert_eq!(answer["decision"], Value::Null);
        assert_eq!(node.count("future"), count, "judged anew each time");
    }
    assert_eq!(node.get("timelines/card/a").status, 404);
}

#[test]
fn an_event_behind_the_watermark_is_late_and_answered_from_what_is_committed() {
    let node = Config::cards().start();
    node.score(&paid("1").at(10).of(100)).good();
    node.score(&paid("2").at(200).of(200)).good();
    let late = node
        .score_with("?features=true", &paid("late").at(20).of(50))
        .good();
    assert_eq!(
        (&late["disposition"], &late["late_for"]),
        (&json!("late"), &json!(["card"]))
    );
    assert_eq!(
        late["features"]["card.sum"], 100.0,
        "the base, without the event itself"
    );
    assert_eq!(late["finality"], "final");
    assert_eq!(node.count("late"), 1);
    assert_eq!(
        node.timeline("card", "a")["features"]["sum"],
        300.0,
        "and not with it"
    );
}

#[test]
fn an_event_may_be_late_for_one_timeline_and_in_time_for_another() {
    let node = Config::card_fraud().start();
    node.score(&attempted("new").at(3 * 1440)).good();
    let elsewhere = attempted("old").at(0).with_data("terminal", "t2");
    let answer = node.score_with("?features=true", &elsewhere).good();
    assert_eq!(answer["disposition"], "admitted");
    assert_eq!(answer["late_for"], json!(["customer"]));
    assert_eq!(answer["features"]["customer.attempts_10m"], 0.0);
    assert_eq!(answer["features"]["terminal.attempts_10m"], 1.0);
    assert_eq!(answer["finality"], "provisional");
}

#[test]
fn an_event_that_only_brings_news_is_not_scored() {
    let node = Config::cards().start();
    let refused = node.score(&topped_up("1")).json(422);
    assert_eq!(refused["disposition"], "invalid");
    assert_eq!(
        refused["error"],
        json!({
            "what": "events of type `topped-up` are not scored, only paid",
            "where": "type",
            "fix": "send it to /v1/pipelines/cards/events",
        })
    );
}

#[test]
fn a_score_is_provisional_until_its_time_is_closed() {
    let node = Config::cards().start();
    let answer = node.score(&paid("1").at(10)).good();
    assert_eq!(answer["finality"], "provisional");
    node.close(&time(10));
    assert_eq!(
        node.decision(&answer)["finality"],
        "provisional",
        "a tie could still come"
    );
    node.close(&time(11));
    assert_eq!(node.decision(&answer)["finality"], "final");
    assert_eq!(node.score(&paid("2").at(10)).good()["disposition"], "late");
    assert_eq!(
        node.score(&paid("3").by("b").at(10)).good()["disposition"],
        "late"
    );
}

#[test]
fn a_later_event_makes_what_is_older_than_the_lateness_final() {
    let node = Config::cards().start();
    let answer = node.score(&paid("1").at(10)).good();
    node.score(&paid("2").at(70)).good();
    assert_eq!(node.decision(&answer)["finality"], "provisional");
    node.score(&paid("3").at(71)).good();
    assert_eq!(node.decision(&answer)["finality"], "final");
}
