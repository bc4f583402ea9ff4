//! Decode and validate together, as tables: what comes in, what comes out.

use super::*;
use crate::schema::{Field, Kind, Required, TypeIndex};
use crate::{Event, validate};

fn schema(unknown: Unknown) -> Schema {
    let amount = Field {
        unit: Some("EUR".into()),
        required: Required::For(vec![TypeIndex(0)]),
        min: Some(0.0),
        max: Some(1e6),
        ..Field::new("amount", Kind::Number)
    };
    let country = Field {
        allowed: vec!["IT".into(), "FR".into()],
        ..Field::new("country", Kind::Text)
    };
    let fields = vec![
        amount,
        country,
        Field {
            text_bytes_max: 8,
            ..Field::new("card", Kind::Text)
        },
        Field::new("count", Kind::Integer),
        Field::new("online", Kind::Boolean),
    ];
    Schema::new(vec!["paid".into(), "seen".into()], fields, unknown).unwrap()
}

fn event(unknown: Unknown, json: &str) -> Result<Event, String> {
    let schema = schema(unknown);
    let draft = decode(&schema, json.as_bytes()).map_err(|error| error.to_string())?;
    validate(&schema, draft).map_err(|invalid| invalid.to_string())
}

/// An event of type `paid` with this data.
fn paid(data: &str) -> String {
    format!(
        r#"{{"id":"7","source":"till","type":"paid","time":"2026-03-01T00:00:00Z","data":{data}}}"#
    )
}

#[track_caller]
fn check_invalid(json: &str, expected: &str) {
    let found = event(Unknown::Reject, json)
        .map(|event| format!("{event:?}"))
        .unwrap_err();
    assert!(
        found.contains(expected),
        "{json}\nfound:    {found}\nexpected: {expected}"
    );
}

#[test]
fn an_event_becomes_a_typed_row() {
    let json = r#"{"specversion":"1.0","data":{"count":3,"amount":12.5,"card":"a\u0062c","online":true},
        "time":"2026-03-01T00:00:00.0000019Z","type":"paid","sequence":"18446744073709551615",
        "source":"till","id":"7","traceparent":"00-1"}"#;
    let event = event(Unknown::Reject, json).unwrap();
    assert_eq!(
        (event.source(), event.id(), event.kind()),
        ("till", "7", TypeIndex(0))
    );
    assert_eq!(event.time().to_string(), "2026-03-01T00:00:00.000001Z");
    assert_eq!(event.sequence(), Some(u64::MAX));
    assert_eq!(event.numbers(), [12.5, 3.0, 1.0]);
    assert_eq!((event.text(0), event.text(1)), (None, Some("abc")));
}

#[test]
fn missing_numbers_are_nan_and_missing_text_is_not_empty_text() {
    let event = event(
        Unknown::Reject,
        &paid(r#"{"amount":0,"card":"","count":null}"#),
    )
    .unwrap();
    assert!(event.numbers()[1].is_nan());
    assert_eq!((event.text(0), event.text(1)), (None, Some("")));
}

#[test]
fn the_digest_counts_content_not_spelling() {
    let digest = |data: &str| event(Unknown::Reject, &paid(data)).unwrap().digest();
    let plain = digest(r#"{"amount":1,"card":"x"}"#);
    assert_eq!(
        plain,
        digest(r#"{ "card":"\u0078", "amount":1.0, "count":null }"#)
    );
    assert_eq!(digest(r#"{"amount":0.0}"#), digest(r#"{"amount":-0.0}"#));
    assert_ne!(plain, digest(r#"{"amount":2,"card":"x"}"#));
    assert_ne!(
        digest(r#"{"amount":1}"#),
        digest(r#"{"amount":1,"card":""}"#)
    );
}

#[test]
fn unknown_fields_are_kept_ignored_or_rejected() {
    let json = paid(r#"{"amount":1,"zip":[1,{"a":2}],"amonut":2}"#);
    let kept = event(Unknown::Keep, &json).unwrap();
    assert_eq!(kept.extra(), Some(r#"{"amonut":2,"zip":[1,{"a":2}]}"#));
    assert_eq!(event(Unknown::Ignore, &json).unwrap().extra(), None);
    check_invalid(&json, "data.zip: not a field of this pipeline");
    check_invalid(&paid(r#"{"amonut":2}"#), "did you mean `amount`?");
}

#[test]
fn faults_name_the_field_and_what_would_be_right() {
    check_invalid(
        &paid(r#"{"amount":"12"}"#),
        "data.amount: expected a number, found a text",
    );
    check_invalid(
        &paid(r#"{"amount":[1]}"#),
        "data.amount: expected a number, found an array",
    );
    check_invalid(
        &paid(r#"{"amount":{"a":1}}"#),
        "expected a number, found an object",
    );
    check_invalid(
        &paid("{}"),
        "data.amount: missing; events of this type need this number",
    );
    check_invalid(
        &paid(r#"{"amount":-1}"#),
        "-1 is below the smallest allowed, 0 EUR",
    );
    check_invalid(
        &paid(r#"{"amount":1e7}"#),
        "above the largest allowed, 1000000 EUR",
    );
    check_invalid(
        &paid(r#"{"amount":1,"count":9007199254740993}"#),
        "beyond 2^53; declare the field as text",
    );
    check_invalid(
        &paid(r#"{"amount":1,"count":1.5}"#),
        "expected a whole number",
    );
    check_invalid(
        &paid(r#"{"amount":1,"online":1}"#),
        "data.online: expected true or false",
    );
    check_invalid(
        &paid(r#"{"amount":1,"card":"123456789"}"#),
        "data.card: 9 bytes long; at most 8",
    );
    check_invalid(
        &paid(r#"{"amount":1,"country":"DE"}"#),
        "`DE` is not allowed; one of IT, FR",
    );
    check_invalid(
        &paid(r#"{"amount":1,"amount":1}"#),
        "data.amount: given twice",
    );
    check_invalid(&paid("7"), "expected `data` as a JSON object");
    check_invalid("[]", "expected a CloudEvent as a JSON object");
    check_invalid("{}", "source: missing");
    check_invalid(r#"{"source":"s","id":""}"#, "id: empty");
    check_invalid(r#"{"source":"s","id":5}"#, "id: expected a text");
    check_invalid(
        "{\"source\":\"s\",\"id\":\"a\\u0000\"}",
        "id: holds a control character",
    );
    check_invalid(
        r#"{"source":"s","id":"1"}"#,
        "type: missing; one of paid, seen",
    );
    check_invalid(
        r#"{"source":"s","id":"1","type":"payed"}"#,
        "`payed` is not a type of this pipeline",
    );
    check_invalid(r#"{"source":"s","id":"1","type":"seen"}"#, "time: missing");
    check_invalid(
        r#"{"source":"s","id":"1","type":"seen","time":"noon"}"#,
        "time: not an RFC 3339 time",
    );
    check_invalid(
        r#"{"source":"s","id":"1","type":"seen","time":"2026-03-01T00:00:00Z","sequence":-1}"#,
        "sequence: expected",
    );
    check_invalid(r#"{"specversion":"0.3"}"#, "specversion: expected");
    check_invalid(r#"{"data_base64":"aa"}"#, "data_base64: binary data");
}

#[test]
fn what_is_passed_over_is_nested_so_deep_and_no_deeper() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let field = |value: &str| paid(&format!(r#"{{"amount":1,"more":{value}}}"#));
    let attribute = |value: &str| {
        let before = format!("{{\"trace\":{value},");
        paid(r#"{"amount":1}"#).replacen('{', &before, 1)
    };
    for unknown in [Unknown::Keep, Unknown::Ignore] {
        event(unknown, &field(&nested(32))).unwrap();
        let found = event(unknown, &field(&nested(33))).unwrap_err();
        assert_eq!(found, "data.more: nested more than 32 deep; send it flat");
    }
    event(Unknown::Reject, &attribute(&nested(32))).unwrap();
    check_invalid(&attribute(&nested(33)), "trace: nested more than 32 deep");
    // Brackets within a text are text.
    let text = format!(r#"{{"amount":1,"more":"\"{}"}}"#, "[".repeat(100));
    event(Unknown::Keep, &paid(&text)).unwrap();
}

#[test]
fn an_event_is_so_long_and_no_longer() {
    let of = |bytes: usize| {
        let short = paid(r#"{"amount":1}"#);
        format!("{short}{}", " ".repeat(bytes - short.len()))
    };
    event(Unknown::Reject, &of(64 << 10)).unwrap();
    check_invalid(
        &of((64 << 10) + 1),
        "event: 65537 bytes long; at most 65536",
    );
}

#[test]
fn what_a_sender_wrote_is_not_told_back_at_any_length() {
    let long = "é".repeat(20_000);
    for json in [
        format!("\"{long}\""),
        paid(&format!("{{\"{long}\":1}}")),
        paid(&format!(r#"{{"amount":1,"country":"{long}"}}"#)),
        paid("{}").replace("paid", &long),
        paid("{}").replace("2026", &long),
    ] {
        let found = event(Unknown::Reject, &json).unwrap_err();
        assert!(found.len() < 1100, "{} bytes", found.len());
    }
}

#[test]
fn an_attribute_that_is_passed_over_is_utf_8_too() {
    let mut json = paid(r#"{"amount":1}"#).into_bytes();
    json.splice(1..1, *b"\"trace\":\"\xff\",");
    let schema = schema(Unknown::Reject);
    let error = decode(&schema, &json).unwrap_err().to_string();
    assert_eq!(error, "not valid JSON: not UTF-8 from byte 11");
}

#[test]
fn text_that_is_not_json_is_told_by_place() {
    check_invalid("{\"id\":", "not valid JSON: EOF while parsing");
    check_invalid("{} {}", "not valid JSON: trailing characters");
    check_invalid(&paid(r#"{"amount":NaN}"#), "not valid JSON");
    check_invalid(&paid(r#"{"amount":1e400}"#), "number out of range");
    check_invalid("\u{feff}{}", "not valid JSON");
    let schema = schema(Unknown::Reject);
    let error = decode(&schema, b"{\"id\":\"\xff\"}").unwrap_err();
    assert_eq!(error.to_string(), "not valid JSON: not UTF-8 from byte 8");
    let deep = format!("{{\"data\":{{\"amount\":{}", "[".repeat(50_000));
    assert!(decode(&schema, deep.as_bytes()).is_err());
}
