//! Events nobody waits for: many in a body, each with its fate, all of them accounted for.

use serde_json::{Value, json};

use crate::harness::{Config, Event, Node, paid, time, topped_up};

const LINES: &str = "application/x-ndjson";
const ARRAY: &str = "application/cloudevents-batch+json";

/// Every disposition there is.
const DISPOSITIONS: [&str; 7] = [
    "admitted",
    "duplicate",
    "conflict",
    "late",
    "future",
    "invalid",
    "shed",
];

/// What a receipt says of how many met each fate, those that none met left out.
fn fates(receipt: &Value) -> Vec<(&str, u64)> {
    let counts = DISPOSITIONS.map(|name| (name, receipt["dispositions"][name].as_u64().unwrap()));
    counts.into_iter().filter(|(_, count)| *count > 0).collect()
}

fn lines(events: &[Event]) -> String {
    events.iter().map(|event| format!("{event}\n")).collect()
}

#[test]
fn events_come_as_lines_or_as_an_array() {
    let node = Config::cards().start();
    let receipt = node
        .post("events", LINES, lines(&[paid("1"), topped_up("2")]))
        .good();
    let nothing = json!({
        "admitted": 2, "duplicate": 0, "conflict": 0, "late": 0, "future": 0, "invalid": 0, "shed": 0,
    });
    assert_eq!(
        receipt,
        json!({"received": 2, "dispositions": nothing, "rejected": [], "rejected_more": 0})
    );
    let receipt = node
        .post("events", ARRAY, format!("[{}, {}]", paid("3"), paid("1")))
        .good();
    assert_eq!(fates(&receipt), [("admitted", 1), ("duplicate", 1)]);
    assert_eq!(node.timeline("card", "a")["features"]["count"], 3.0);
}

#[test]
fn lines_may_be_blank_and_end_as_on_any_system() {
    let node = Config::cards().start();
    let body = format!("\r\n{}\r\n\n{}", paid("1"), paid("2"));
    assert_eq!(
        fates(&node.post("events", LINES, body).good()),
        [("admitted", 2)]
    );
    assert_eq!(node.post("events", LINES, "").good()["received"], 0);
}

#[test]
fn what_cannot_be_taken_is_named_and_the_rest_is_taken() {
    let node = Config::cards().start();
    let body = [
        paid("1").to_string(),
        "not json".to_owned(),
        paid("2").without("amount").to_string(),
        String::new(),
        paid("3").of(-1).to_string(),
        paid("1").of(11).to_string(),
        paid("4").with("time", "2190-01-01T00:00:00Z").to_string(),
        paid("5").to_string(),
    ];
    let receipt = node.post("events", LINES, body.join("\n")).good();
    assert_eq!(receipt["received"], 7);
    let expected = [
        ("admitted", 2),
        ("conflict", 1),
        ("future", 1),
        ("invalid", 3),
    ];
    assert_eq!(fates(&receipt), expected);
    let mut rejected: Vec<&Value> = receipt["rejected"].as_array().unwrap().iter().collect();
    rejected.sort_by_key(|rejected| rejected["line"].as_u64());
    let expected = [
        (2, "invalid", "event", "not valid JSON: "),
        (
            3,
            "invalid",
            "data.amount",
            "missing; events of this type need this number",
        ),
        (
            5,
            "invalid",
            "data.amount",
            "-1 is below the smallest allowed, 0 EUR",
        ),
        (6, "conflict", "id", "sent before and said something else"),
        (7, "future", "time", "more than 5m ahead of its arrival"),
    ];
    assert_eq!(rejected.len(), expected.len());
    for (found, (line, disposition, field, reason)) in rejected.into_iter().zip(expected) {
        assert_eq!(
            (&found["line"], &found["disposition"], &found["field"]),
            (&json!(line), &json!(disposition), &json!(field))
        );
        let found = found["reason"].as_str().unwrap();
        assert!(found.starts_with(reason), "{found}");
    }
    assert_eq!(node.timeline("card", "a")["features"]["count"], 2.0);
}

#[test]
fn only_so_many_rejections_are_described() {
    let node = Config::cards().start();
    let receipt = node.post("events", LINES, "{}\n".repeat(130)).good();
    assert_eq!(receipt["rejected"].as_array().unwrap().len(), 100);
    assert_eq!(
        (&receipt["rejected_more"], &receipt["received"]),
        (&json!(30), &json!(130))
    );
}

#[test]
fn a_body_that_is_no_list_of_events_is_refused_as_a_whole() {
    let node = Config::cards().with("server.events_max", 2).start();
    let refused =
        |media, body: &str, status| node.post("events", media, body).json(status)["error"].clone();
    let error = refused(ARRAY, &paid("1").to_string(), 400);
    assert!(
        error["what"]
            .as_str()
            .unwrap()
            .starts_with("not a JSON array: "),
        "{error}"
    );
    let error = refused(LINES, &lines(&[paid("1"), paid("2"), paid("3")]), 413);
    assert_eq!(error["what"], "3 events at once; at most 2 are taken");
    assert_eq!(node.count("admitted"), 0);
}

/// The sum of all dispositions, by the node's metrics.
fn counted(node: &Node) -> u64 {
    DISPOSITIONS
        .iter()
        .map(|disposition| node.count(disposition))
        .sum()
}

#[test]
fn every_event_received_is_counted_once() {
    let node = Config::cards().start();
    let mut received = 0;
    let mut batch = |events: &[Event]| {
        received += events.len() as u64;
        node.ingest(events).good();
    };
    batch(&[
        paid("1").at(200),
        topped_up("2").at(201),
        paid("1").at(200),
        paid("1").at(203),
    ]);
    batch(&[
        paid("3").at(10),
        paid("4").of("ten"),
        paid("5").with("time", "2190-01-01T00:00:00Z"),
    ]);
    batch(&[]);
    for (event, status) in [
        (paid("6").at(210), 200),
        (paid("6").at(210), 200),
        (paid("6").at(211), 409),
        (paid("7").at(20), 200),
        (paid("8").of(-1), 422),
        (topped_up("9").at(212), 422),
        (paid("10").with("time", "2190-01-01T00:00:00Z"), 200),
    ] {
        received += 1;
        assert_eq!(node.score(&event).status, status, "{event}");
    }
    node.post("score", "application/json", "not json").json(400);
    received += 1;
    // What does not change anything is not received.
    node.score_with("?store=false", &paid("11").at(213)).good();
    node.score_with("?store=false", &paid("12").of(-1))
        .json(422);
    node.close(&time(214));
    assert_eq!(counted(&node), received);
    let counts = DISPOSITIONS.map(|disposition| node.count(disposition));
    assert_eq!(counts, [3, 2, 2, 2, 2, 4, 0]);
}
