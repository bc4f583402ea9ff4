//! Plugins that misbehave: whatever one does, the host answers, says why, and keeps everyone else's state.

use serde_json::{Value, json};

use crate::harness::node::until;
use crate::harness::{Config, Event, Node, paid, topped_up};

/// A node whose plugins are stopped soon, so that tests need not wait for them; and that never gives them up, however
/// often it has tried again meanwhile.
fn impatient() -> Config {
    Config::cards()
        .with("pipelines.cards.limits.call_time", "200ms")
        .with("pipelines.cards.limits.breaker_failures", 1_000)
}

fn degraded(part: &str, reason: &str) -> Value {
    json!([{"part": part, "reason": reason}])
}

/// The answer to this event falls back, for this reason.
#[track_caller]
fn falls_back(node: &Node, event: &Event, part: &str, reason: &str) -> Value {
    let answer = node.score(event).good();
    assert_eq!(answer["degraded"], degraded(part, reason), "{answer}");
    assert_eq!(
        (&answer["score"], &answer["outcome"]),
        (&Value::Null, &json!("review"))
    );
    assert_eq!(
        (&answer["disposition"], &answer["reasons"]),
        (&json!("admitted"), &json!([]))
    );
    answer
}

#[test]
fn an_event_that_never_ends_holds_up_its_own_timeline_only() {
    let node = impatient().and_cards_as("others").start();
    falls_back(&node, &paid("1").doing("loop"), "features.card", "timeout");
    falls_back(&node, &paid("2").at(1), "features.card", "timeout");
    let other = node.score(&paid("3").by("b").of(200)).good();
    assert_eq!(
        (&other["score"], &other["degraded"]),
        (&json!(0.2), &json!([]))
    );
    assert!(node.metric("foreshore_plugin_timeouts_total", "features.card") >= 1.0);
    let others = node.to("others");
    let other = others.score(&paid("1")).good();
    assert_eq!(
        (&other["score"], &other["degraded"]),
        (&json!(0.01), &json!([]))
    );
    assert_eq!(
        others.metric("foreshore_plugin_timeouts_total", "features.card"),
        0.0
    );
}

#[test]
fn an_event_that_traps_leaves_the_state_as_it_was() {
    let node = Config::cards().start();
    node.score(&paid("1").of(100)).good();
    let answer = falls_back(
        &node,
        &paid("2").at(1).doing("trap"),
        "features.card",
        "trap",
    );
    let after = node.score(&paid("3").at(2).of(50)).good();
    assert_eq!(
        (&after["score"], &after["degraded"]),
        (&json!(0.15), &json!([]))
    );
    assert!(
        node.metric("foreshore_plugin_traps_total", "features.card") >= 2.0,
        "once more afresh"
    );
    assert_eq!(
        node.metric("foreshore_plugin_breaker_open", "features.card"),
        0.0
    );
    let decision = node.decision(&answer);
    assert_eq!(
        decision["revisions"].as_array().unwrap().len(),
        1,
        "a trap is a verdict"
    );
}

#[test]
fn whether_an_event_traps_is_decided_anew_when_the_past_changes() {
    let node = Config::cards().start();
    node.score(&paid("1").at(10)).good();
    let answer = node.score(&paid("2").at(20).doing("trap-if-third")).good();
    assert_eq!(answer["degraded"], json!([]));
    let following = node.follow();
    node.ingest([&topped_up("late").at(5)]).good();
    let told = following.next().data;
    assert_eq!(
        (&told["event"], &told["new"]),
        (&json!("2"), &json!({"score": null, "outcome": "review"}))
    );
    assert_eq!(node.timeline("card", "a")["features"]["count"], 2.0);
}

#[test]
fn a_plugin_that_hoards_memory_is_stopped_at_its_limit() {
    let node = Config::cards()
        .with("pipelines.cards.limits.memory", "8MiB")
        .with("pipelines.cards.limits.breaker_failures", 1_000)
        .start();
    falls_back(&node, &paid("1").doing("hoard"), "features.card", "timeout");
    assert_eq!(node.score(&paid("2").by("b")).good()["score"], 0.01);
}

#[test]
fn a_plugin_that_remembers_is_found_out_and_shut_out() {
    let node = Config::cards()
        .with("pipelines.cards.limits.purity_every", 1)
        .start();
    assert_eq!(
        node.score(&paid("1").doing("remember")).good()["degraded"],
        json!([])
    );
    falls_back(
        &node,
        &paid("2").at(1).doing("remember"),
        "features.card",
        "impure",
    );
    falls_back(&node, &paid("3").by("b"), "features.card", "breaker-open");
    assert_eq!(
        node.metric("foreshore_plugin_impure_total", "features.card"),
        1.0
    );
    assert_eq!(
        node.metric("foreshore_plugin_breaker_open", "features.card"),
        1.0
    );
}

#[test]
fn fresh_instances_leave_a_plugin_nothing_to_remember() {
    let config = Config::cards()
        .with("pipelines.cards.limits.purity_every", 1)
        .with("pipelines.cards.limits.isolation", "per-call");
    let node = config.start();
    for id in 1..5 {
        let event = paid(&id.to_string()).doing("remember");
        let answer = node.score_with("?features=true", &event).good();
        assert_eq!(answer["features"]["card.remembered"], 0.0);
    }
}

/// Scores an event that never ends. On a slow machine the node has tried those before it again meanwhile, and given
/// the plugin up.
#[track_caller]
fn runs_out_of_time(node: &Node, card: &str) {
    let answer = node.score(&paid(card).by(card).doing("loop")).good();
    let reasons = ["timeout", "breaker-open"];
    let is_one = reasons.map(|reason| answer["degraded"] == degraded("features.card", reason));
    assert!(is_one.contains(&true), "{answer}");
}

#[test]
fn a_breaker_opens_after_so_many_failures_and_what_it_missed_is_caught_up_with() {
    let node = impatient()
        .with("pipelines.cards.limits.call_time", "20ms")
        .with("pipelines.cards.limits.breaker_failures", 3)
        .with("pipelines.cards.limits.breaker_cooldown", "200ms")
        .start();
    let following = node.follow();
    for card in ["a", "b", "c"] {
        runs_out_of_time(&node, card);
    }
    let mut open = Value::Null;
    until("an answer is refused by the breaker", || {
        let card = format!("card {}", node.count("admitted"));
        open = node.score(&paid(&card).by(&card).of(950)).good();
        open["degraded"] == degraded("features.card", "breaker-open")
    });
    // On a slow machine an honest call before it may have run out of time, too.
    let told = loop {
        let told = following.next().data;
        if told["decision"] == open["decision"] {
            break told;
        }
    };
    assert_eq!(told["revision"], 2);
    assert_eq!(told["old"], json!({"score": null, "outcome": "review"}));
    assert_eq!(told["new"], json!({"score": 0.95, "outcome": "decline"}));
    assert_eq!(told["cause"], json!({"what": "caught-up"}));
}

#[test]
fn an_open_breaker_is_told_and_shown() {
    let node = impatient()
        .with("pipelines.cards.limits.call_time", "20ms")
        .with("pipelines.cards.limits.breaker_failures", 2)
        .with("pipelines.cards.limits.breaker_cooldown", "1h")
        .start();
    let is_open = || node.metric("foreshore_plugin_breaker_open", "features.card");
    assert_eq!(is_open(), 0.0);
    for card in ["a", "b"] {
        runs_out_of_time(&node, card);
    }
    assert_eq!(is_open(), 1.0);
    falls_back(&node, &paid("c").by("c"), "features.card", "breaker-open");
    let read = node.get("timelines/card/c").json(503);
    assert_eq!(
        read["error"]["what"],
        "the plugin gave no answer (breaker-open)"
    );
    node.terminate();
    let (code, log) = node.ended();
    assert_eq!(code, Some(0));
    let word = "left alone for a while: breaker open after 2 failures in a row, the last: timeout";
    assert!(log.contains(word), "{log}");
}

#[test]
fn a_model_that_fails_is_answered_for() {
    let node = impatient().start();
    falls_back(&node, &paid("1").by("a").of(77_777), "models.tally", "trap");
    falls_back(
        &node,
        &paid("2").by("b").of(66_666),
        "models.tally",
        "timeout",
    );
    assert_eq!(node.score(&paid("3").by("c")).good()["score"], 0.01);
    assert_eq!(node.timeline("card", "b")["features"]["sum"], 66_666.0);
}

#[test]
fn every_model_of_a_pipeline_is_recorded_beside_the_one_that_decides() {
    let node = impatient()
        .with("pipelines.cards.models.tally.decides", true)
        .with_file("pipelines.cards.models.shadow", "tally-model")
        .start();
    let answer = node.score(&paid("1").of(100)).good();
    assert_eq!(answer["models"], json!({"tally": 0.1, "shadow": 0.1}));
}
