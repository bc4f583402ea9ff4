//! `foreshore store dump` and `foreshore replay --from-log`: what was said and why, from the disk alone.

use std::fs;

use serde_json::json;

use super::{Kept, lines, payments, stop};
use crate::harness::node::until;
use crate::harness::{Config, Event, attempted, paid, topped_up};

#[test]
fn a_decision_is_told_whole_from_the_disk_alone() {
    let kept = Kept::cards();
    let node = kept.start();
    node.ingest(&payments(500)).good();
    let answer = node.score(&paid("asked").at(200).by("x").of(300)).good();
    assert_eq!(answer["outcome"], "approve");
    node.ingest([&topped_up("late").at(170).by("x").of(650)])
        .good();
    until("the decision was amended", || {
        node.decision(&answer)["published"] == 2
    });
    let id = answer["decision"].as_str().unwrap();
    let run = kept.store("dump", &["--decision", id]).good();
    let told = lines(&run);
    let kinds: Vec<&str> = told
        .iter()
        .map(|line| line["record"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["event", "revision", "revision", "amendment"]);
    assert_eq!(
        (&told[0]["event"], &told[0]["source"]),
        (&json!("asked"), &json!("pos"))
    );
    assert_eq!(told[1]["features"]["card.sum"], 300.0);
    assert_eq!(told[2]["features"]["card.sum"], 950.0);
    assert_eq!(
        (&told[2]["outcome"], &told[2]["cause"]["event"]),
        (&json!("decline"), &json!("late"))
    );
    assert_eq!(
        lines(&kept.store("dump", &["--event", "pos/asked"]).good()),
        told
    );
    let timeline = lines(&kept.store("dump", &["--timeline", "card/x"]).good());
    assert_eq!(timeline.len(), told.len() + 1);
    stop(node);
    kept.store("dump", &["--decision", "d999999"])
        .fails(1, &["record 999999 is no event"]);
    kept.store("dump", &["--timeline", "crad/x"])
        .fails(1, &["`crad` was ever deployed", "card"]);
    kept.store("dump", &["--event", "pos/nobody"])
        .fails(1, &["nothing about it"]);
}

#[test]
fn what_a_node_said_is_made_again_from_its_log() {
    let kept = Kept::of(&Config::card_fraud(), "card-fraud");
    let node = kept.start();
    let events: Vec<Event> = (0..300)
        .map(|number: u32| {
            let late = number % 9;
            attempted(&number.to_string())
                .at(20 + number - late)
                .with_data("customer", format!("c{}", number % 3))
                .with_data("amount", number % 70)
        })
        .collect();
    node.ingest(&events).good();
    let answer = node.score(&attempted("asked").at(400)).good();
    let whole = kept.replay(&[]).good();
    assert!(whole.stderr.contains(", 0 different"), "{}", whole.stderr);
    assert!(
        !whole.stderr.contains(" 0 revisions the same"),
        "{}",
        whole.stderr
    );
    let id = answer["decision"].as_str().unwrap();
    let one = kept.replay(&["--decision", id]).good();
    assert!(
        one.stderr
            .contains(" 1 revisions the same to the bit, 0 different"),
        "{}",
        one.stderr
    );
    let rows = kept.path("rows.csv");
    kept.replay(&["--from", "100", "--to", "300", "--out", &rows])
        .good();
    let rows = fs::read_to_string(rows).unwrap();
    assert!(rows.starts_with("source,id,time,event.amount"), "{rows}");
    assert!(rows.lines().count() > 10);
    stop(node);
}

#[test]
fn what_another_configuration_said_is_passed_over_by_name() {
    let kept = Kept::cards();
    let node = kept.start();
    let answer = node.score(&paid("1").of(300)).good();
    stop(node);
    kept.configure(&Config::cards().with("pipelines.cards.decide.review", 0.2));
    let said_by = answer["basis"]["pipeline"].as_str().unwrap();
    let run = kept.replay(&[]).good();
    let words =
        format!("1 revisions were said under revision {said_by}: deploy that configuration");
    assert!(run.stderr.contains(&words), "{}", run.stderr);
    assert!(
        run.stderr
            .contains("0 revisions the same to the bit, 0 different"),
        "{}",
        run.stderr
    );
}
