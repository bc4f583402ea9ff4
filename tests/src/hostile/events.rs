//! Events made to break a decoder, or the order: through both endpoints each gets one disposition, by name, and is
//! counted under it. What `host/event`'s own tables pin (`decode_tests`, `time`) is not repeated here.

use serde_json::{Value, json};

use crate::bad_requests::still_serves;
use crate::harness::{Config, Event, Node, paid};

/// That this body is refused by both endpoints, at this place, for this reason.
#[track_caller]
fn invalid(node: &Node, body: impl AsRef<[u8]>, status: u16, place: &str, what: &str) {
    let body = body.as_ref();
    let shown = String::from_utf8_lossy(&body[..body.len().min(200)]).into_owned();
    let before = node.count("invalid");
    let scored = node.post("score", "application/json", body).json(status);
    assert_eq!(scored["disposition"], "invalid", "{shown}");
    let error = &scored["error"];
    assert_eq!(error["where"], place, "{shown}: {error}");
    assert!(
        error["what"].as_str().unwrap().contains(what),
        "{shown}: {error}"
    );
    let told = node.post("events", "application/x-ndjson", body).good();
    let rejected = &told["rejected"][0];
    assert_eq!(rejected["disposition"], "invalid", "{shown}: {told}");
    assert!(
        rejected["reason"].as_str().unwrap().contains(what),
        "{shown}: {told}"
    );
    assert_eq!(node.count("invalid"), before + 2, "{shown}");
    let told = scored.to_string().len().max(told.to_string().len());
    assert!(told < 2500, "{shown}: {told} bytes told back");
}

/// An event with this text in place of its amount.
fn of(amount: &str) -> String {
    paid("1").to_string().replace("10", amount)
}

/// An event with more attributes before its own.
fn with(attributes: &str) -> String {
    paid("1")
        .to_string()
        .replacen('{', &format!("{{{attributes},"), 1)
}

#[test]
fn json_made_to_exhaust_a_decoder_is_refused() {
    let node = Config::cards().start();
    let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    invalid(
        &node,
        with(&format!("\"x\":{}", deep(33))),
        422,
        "x",
        "nested more than 32 deep",
    );
    invalid(
        &node,
        with(&format!("\"x\":{}", deep(30_000))),
        422,
        "x",
        "nested more than 32 deep",
    );
    invalid(
        &node,
        with(&format!("\"x\":{}", deep(100_000))),
        422,
        "event",
        "at most 65536",
    );
    invalid(
        &node,
        "[".repeat(60_000),
        422,
        "event",
        "a CloudEvent as a JSON object",
    );
    invalid(&node, "{\"a\":".repeat(12_000), 400, "body", "EOF");
    let keys: String = (0..1_000_000)
        .map(|key| format!("\"{key:x}\":1,"))
        .take(200_000)
        .collect();
    invalid(
        &node,
        with(&keys[..keys.len() - 1]),
        422,
        "event",
        "at most 65536",
    );
    let keys: String = (0..5_000).map(|key| format!("\"{key:x}\":1,")).collect();
    let data = paid("1")
        .to_string()
        .replace("\"amount\"", &format!("{keys}\"amount\""));
    invalid(&node, data, 422, "data.0", "not a field of this pipeline");
    still_serves(&node);
}

#[test]
fn json_that_two_readers_could_read_in_two_ways_is_refused() {
    let node = Config::cards().start();
    invalid(&node, with("\"id\":\"2\""), 422, "id", "given twice");
    invalid(&node, with("\"data\":{}"), 422, "data", "given twice");
    invalid(
        &node,
        of("1,\"amount\":2"),
        422,
        "data.amount",
        "given twice",
    );
    invalid(
        &node,
        of("1,\"am\\u006funt\":2"),
        422,
        "data.amount",
        "given twice",
    );
    // One letter written as two: another key to every reader, and no field of ours.
    invalid(
        &node,
        of("1,\"cafe\u{301}\":1"),
        422,
        "data.cafe\u{301}",
        "not a field",
    );
    invalid(
        &node,
        format!("\u{feff}{}", paid("1")),
        400,
        "body",
        "not valid JSON",
    );
    invalid(
        &node,
        format!("{} x", paid("1")),
        400,
        "body",
        "trailing characters",
    );
    invalid(
        &node,
        format!("{}{}", paid("1"), paid("2")),
        400,
        "body",
        "trailing characters",
    );
    still_serves(&node);
}

#[test]
fn numbers_that_are_none_or_too_much_are_refused() {
    let node = Config::cards().start();
    for (amount, status, place, what) in [
        ("1e400", 400, "body", "number out of range"),
        ("-1e400", 400, "body", "number out of range"),
        ("NaN", 400, "body", "not valid JSON"),
        ("Infinity", 400, "body", "not valid JSON"),
        ("0x10", 400, "body", "not valid JSON"),
        ("010", 400, "body", "not valid JSON"),
        ("1.", 400, "body", "not valid JSON"),
        (".5", 400, "body", "not valid JSON"),
        ("+1", 400, "body", "not valid JSON"),
        (
            "\"NaN\"",
            422,
            "data.amount",
            "expected a number, found a text",
        ),
        ("9007199254740993", 422, "data.amount", "beyond 2^53"),
        (
            "123456789012345678901234567890",
            422,
            "data.amount",
            "above the largest allowed",
        ),
        ("[1]", 422, "data.amount", "found an array"),
        ("1,\"items\":1e-999", 200, "", ""),
        ("-0", 200, "", ""),
    ] {
        if status == 200 {
            // Read as the zero they are.
            node.post("score?store=false", "application/json", of(amount))
                .good();
        } else {
            invalid(&node, of(amount), status, place, what);
        }
    }
    still_serves(&node);
}

#[test]
fn texts_that_are_none_or_pretend_are_refused_or_kept_as_they_are() {
    let node = Config::cards().start();
    let mut bad = paid("1").to_string().into_bytes();
    bad[10] = 0xff;
    invalid(&node, &bad, 400, "body", "not valid JSON");
    let mut bad = with("\"x\":\"y\"").into_bytes();
    bad[6] = 0xff;
    invalid(&node, &bad, 400, "body", "not valid JSON");
    invalid(
        &node,
        of("1,\"shop\":\"\\ud800\""),
        400,
        "body",
        "not valid JSON",
    );
    invalid(
        &node,
        of("1,\"shop\":\"\\udc00\\ud800\""),
        400,
        "body",
        "not valid JSON",
    );
    invalid(
        &node,
        paid("a\u{0}b").to_string(),
        422,
        "id",
        "control character",
    );
    invalid(
        &node,
        paid("a\u{85}b").to_string(),
        422,
        "id",
        "control character",
    );
    invalid(&node, paid("").to_string(), 422, "id", "empty");
    invalid(
        &node,
        paid(&"x".repeat(257)).to_string(),
        422,
        "id",
        "257 bytes long; at most 256",
    );
    invalid(
        &node,
        paid(&"x".repeat(1 << 20)).to_string(),
        422,
        "event",
        "at most 65536",
    );
    // Names are names: they name no file, and come back as they came.
    for id in [
        "../../etc/passwd",
        "\u{202e}gnp",
        "%2e%2e",
        "d1",
        "\" or 1=1",
        "é",
        "e\u{301}",
    ] {
        let answer = node.score(&paid(id)).good();
        assert_eq!(
            (&answer["event"], &answer["disposition"]),
            (&json!(id), &json!("admitted"))
        );
    }
    assert_eq!(node.count("admitted"), 7);
}

#[test]
fn times_that_are_none_are_refused_and_others_are_what_they_say() {
    let node = Config::cards().start();
    let at = |time: Value| paid("1").with("time", time);
    for time in [
        json!(0),
        json!(-1),
        json!(i64::MAX),
        json!(i64::MIN),
        json!(1_748_736_000_000_u64),
        json!(1.5),
    ] {
        invalid(&node, at(time).to_string(), 422, "time", "expected a text");
    }
    for time in [
        "0",
        "2025-06-01",
        "2025-06-01T00:00:00",
        "2025-13-01T00:00:00Z",
        "2025-02-30T00:00:00Z",
        "1748736000",
        "2025-06-01T24:00:01Z",
        "-292277022657-01-27T08:29:52Z",
    ] {
        invalid(&node, at(json!(time)).to_string(), 422, "time", "RFC 3339");
    }
    for (id, time, disposition) in [
        ("old", "2015-06-01T00:00:00Z", "admitted"),
        ("epoch", "1970-01-01T00:00:00Z", "late"),
        ("end", "9999-12-30T00:00:00Z", "future"),
    ] {
        let answer = node.score(&paid(id).with("time", time)).good();
        assert_eq!(answer["disposition"], disposition, "{time}");
    }
    node.score(&paid("now").at(1)).good();
    let (admitted, late, future) = (
        node.count("admitted"),
        node.count("late"),
        node.count("future"),
    );
    assert_eq!((admitted, late, future), (2, 1, 1));
}

#[test]
fn sequences_order_events_of_one_time_whatever_they_do() {
    let node = Config::cards().start();
    let of = |id: &str, sequence: Value| paid(id).with("sequence", sequence);
    for sequence in [
        json!("18446744073709551616"),
        json!(-1),
        json!("1 "),
        json!("0x1"),
        json!(1.5),
        json!(""),
    ] {
        invalid(
            &node,
            of("1", sequence).to_string(),
            422,
            "sequence",
            "unsigned decimal below 2^64",
        );
    }
    // Over both edges where a counter could wrap, falling, with a gap and a repeat, all at one time.
    let sequences = [
        "18446744073709551615",
        "4294967296",
        "4294967295",
        "7",
        "7",
        "0",
    ];
    for (at, sequence) in sequences.iter().enumerate() {
        let event = of(&format!("e{at}"), json!(sequence));
        let answer = node.score_with("?features=true", &event).good();
        assert_eq!(answer["disposition"], "admitted");
        // Each comes before those it follows: it sees itself, and what is below it.
        let below = if at == 4 { 2.0 } else { 1.0 };
        assert_eq!(answer["features"]["card.count"], below, "{sequence}");
    }
    assert_eq!(node.timeline("card", "a")["features"]["count"], 6.0);
}

#[test]
fn an_event_at_the_bound_is_in_time_and_one_beyond_it_is_late() {
    let node = Config::cards().start();
    let score = |id: &str, time: &str| {
        let answer = node.score(&paid(id).with("time", time)).good();
        answer["disposition"].as_str().unwrap().to_owned()
    };
    assert_eq!(score("head", "2025-06-01T12:00:00Z"), "admitted");
    for (id, time, disposition) in [
        ("inside", "2025-06-01T11:00:00.000001Z", "admitted"),
        ("at", "2025-06-01T11:00:00Z", "admitted"),
        ("beyond", "2025-06-01T10:59:59.999999Z", "late"),
        ("floored", "2025-06-01T11:00:00.0000009Z", "admitted"),
    ] {
        assert_eq!(score(id, time), disposition, "{time}");
    }
}

#[test]
fn an_identity_used_again_is_a_duplicate_or_a_conflict_over_a_restart_too() {
    let stored = crate::harness::Stored::cards();
    let node = stored.start();
    assert_eq!(node.score(&paid("1")).good()["disposition"], "admitted");
    let again = |node: &Node| {
        let duplicate = node.score(&paid("1")).good();
        assert_eq!(duplicate["disposition"], "duplicate");
        let respelled = paid("1").to_string().replace("10", "1.0e1");
        let duplicate = node.post("score", "application/json", respelled).good();
        assert_eq!(duplicate["disposition"], "duplicate");
        assert_eq!(
            node.score(&paid("1").of(11)).json(409)["disposition"],
            "conflict"
        );
        assert_eq!(node.timeline("card", "a")["features"]["sum"], 10.0);
    };
    again(&node);
    node.stop();
    again(&stored.start());
}

#[test]
fn a_thousand_events_of_one_time_or_of_time_reversed_come_to_the_same() {
    let sum = |events: &[Event]| {
        let node = Config::cards().start();
        events
            .chunks(100)
            .for_each(|part| drop(node.ingest(part).good()));
        assert_eq!(node.count("admitted"), 1000);
        node.timeline("card", "a")["features"].clone()
    };
    let at_once: Vec<_> = (0..1000).map(|id| paid(&format!("e{id}"))).collect();
    let reversed: Vec<_> = (0..1000)
        .rev()
        .map(|id| {
            let time = format!(
                "2025-06-01T00:{:02}:{:02}.{:03}Z",
                id / 60 % 50,
                id % 60,
                id
            );
            paid(&format!("e{id}")).with("time", time)
        })
        .collect();
    let expected = json!({"count": 1000.0, "remembered": 0.0, "sum": 10_000.0});
    assert_eq!(sum(&at_once), expected);
    assert_eq!(sum(&reversed), expected);
}
