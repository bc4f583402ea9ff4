//! Events that are none, or do not hold: each is refused by name, counted, and told what would be right.

use serde_json::json;

use crate::bad_requests::still_serves;
use crate::harness::{Config, Event, paid};

const JSON: &str = "application/json";

/// What a refused event is told.
struct Refused {
    body: Vec<u8>,
    status: u16,
    place: &'static str,
    what: &'static str,
}

fn refused(
    body: impl Into<Vec<u8>>,
    status: u16,
    place: &'static str,
    what: &'static str,
) -> Refused {
    Refused {
        body: body.into(),
        status,
        place,
        what,
    }
}

fn invalid(event: Event, place: &'static str, what: &'static str) -> Refused {
    refused(event.to_string(), 422, place, what)
}

/// Every event is refused as said and counted as invalid, and nothing else changes.
#[track_caller]
fn check(events: impl IntoIterator<Item = Refused>) {
    let node = Config::cards().start();
    let mut count = 0;
    for Refused {
        body,
        status,
        place,
        what,
    } in events
    {
        count += 1;
        let shown = String::from_utf8_lossy(&body).into_owned();
        let reply = node.post("score", JSON, body).json(status);
        assert_eq!(reply["disposition"], "invalid", "{shown}");
        let error = &reply["error"];
        assert_eq!(error["where"], place, "{shown}: {error}");
        assert!(
            error["what"].as_str().unwrap().contains(what),
            "{shown}: {error}"
        );
        assert!(
            error["fix"]
                .as_str()
                .is_some_and(|fix| fix.contains("send")),
            "{shown}: {error}"
        );
        assert_eq!(node.count("invalid"), count, "{shown}");
    }
    still_serves(&node);
}

#[test]
fn what_is_not_json_is_named_as_such() {
    check([
        refused("", 400, "body", "not valid JSON: EOF"),
        refused("not json", 400, "body", "not valid JSON: "),
        refused("{", 400, "body", "not valid JSON: EOF"),
        refused(
            format!("{} {{}}", paid("1")),
            400,
            "body",
            "trailing characters",
        ),
        refused(
            paid("1").to_string().replace("10", "NaN"),
            400,
            "body",
            "not valid JSON: ",
        ),
        refused(
            paid("1").to_string().replace("10", "1e999"),
            400,
            "body",
            "number out of range",
        ),
        refused(b"{\"id\":\"\xff\xfe\"}", 400, "body", "not valid JSON: "),
    ]);
}

#[test]
fn json_that_is_no_event_is_told_what_an_event_is() {
    check([
        refused(
            "[".repeat(1000),
            422,
            "event",
            "expected a CloudEvent as a JSON object",
        ),
        refused("[]", 422, "event", "expected a CloudEvent as a JSON object"),
        refused("12", 422, "event", "expected a CloudEvent as a JSON object"),
        refused("{}", 422, "source", "missing; every event names its source"),
        invalid(
            paid("1").with("data", 5),
            "event",
            "expected `data` as a JSON object",
        ),
        invalid(paid(""), "id", "empty; every event names"),
        invalid(paid("1").with("id", 5), "id", "expected a text"),
        invalid(paid(&"x".repeat(300)), "id", "300 bytes long; at most 256"),
        invalid(paid("a\nb"), "id", "holds a control character"),
        invalid(
            paid("1").with("type", "payed"),
            "type",
            "it takes paid, topped-up",
        ),
        invalid(
            paid("1").with("time", "yesterday"),
            "time",
            "not an RFC 3339 time: `yesterday`",
        ),
        invalid(
            paid("1").with("time", json!(null)),
            "time",
            "missing; events are ordered",
        ),
        invalid(
            paid("1").with("time", "2025-06-01T00:00:00"),
            "time",
            "not an RFC 3339 time",
        ),
        invalid(
            paid("1").with("sequence", -1),
            "sequence",
            "expected an unsigned decimal",
        ),
        invalid(
            paid("1").with("specversion", "0.3"),
            "specversion",
            "expected \"1.0\"",
        ),
        invalid(
            paid("1").with("data_base64", "eA=="),
            "data_base64",
            "binary data is not taken",
        ),
    ]);
}

#[test]
fn a_field_that_does_not_hold_is_named_with_what_would() {
    check([
        invalid(
            paid("1").of("ten"),
            "data.amount",
            "expected a number, found a text",
        ),
        invalid(
            paid("1").of(json!([1])),
            "data.amount",
            "expected a number, found an array",
        ),
        invalid(
            paid("1").without("amount"),
            "data.amount",
            "missing; events of this type need",
        ),
        invalid(
            paid("1").of(json!(null)),
            "data.amount",
            "missing; events of this type need",
        ),
        invalid(
            paid("1").of(-0.5),
            "data.amount",
            "-0.5 is below the smallest allowed, 0 EUR",
        ),
        invalid(
            paid("1").of(1e300),
            "data.amount",
            "is above the largest allowed, 100000 EUR",
        ),
        invalid(
            paid("1").with_data("card", 5),
            "data.card",
            "expected a text, found a number",
        ),
        invalid(
            paid("1").with_data("items", 1.5),
            "data.items",
            "whole number up to 2^53, found 1.5",
        ),
        invalid(
            paid("1").with_data("items", 9_007_199_254_740_993_i64),
            "data.items",
            "beyond 2^53; declare the field as text",
        ),
        invalid(
            paid("1").with_data("online", 1),
            "data.online",
            "expected true or false",
        ),
        invalid(
            paid("1").with_data("country", "DE"),
            "data.country",
            "`DE` is not allowed; one of FR, IT",
        ),
        invalid(
            paid("1").with_data("shop", "a shop with a long name"),
            "data.shop",
            "23 bytes long; at most 16",
        ),
        invalid(
            paid("1").with_data("ammount", 5),
            "data.ammount",
            "did you mean `amount`?",
        ),
        refused(
            paid("1")
                .to_string()
                .replace("\"amount\":10", "\"amount\":10,\"amount\":11"),
            422,
            "data.amount",
            "given twice; keep one",
        ),
    ]);
}
