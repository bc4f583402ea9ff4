//! Requests no client should send: each is told what was wrong, where, and what to do, and costs nobody else
//! anything.

use serde_json::json;

use crate::harness::http::send_raw;
use crate::harness::{Config, Event, Node, paid};

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

#[track_caller]
fn still_serves(node: &Node) {
    assert_eq!(node.score(&paid("after")).good()["score"], 0.01);
    assert_eq!(node.count("admitted"), 1);
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

#[test]
fn requests_that_fit_no_path_are_told_what_does() {
    let node = Config::cards().start();
    let score = "/v1/pipelines/cards/score";
    let event = paid("1").to_string();
    for (method, path, media, status, place, what, fix) in [
        (
            "POST",
            "/v1/pipelines/crads/score",
            JSON,
            404,
            "path",
            "`crads`",
            "did you mean `cards`?",
        ),
        (
            "POST",
            "/v1/pipelines/cards/scores",
            JSON,
            404,
            "path",
            "nothing at",
            "did you mean /v1/pipelines/{pipeline}/score?",
        ),
        (
            "POST",
            "/",
            JSON,
            404,
            "path",
            "nothing at `/`",
            "this port serves",
        ),
        (
            "GET",
            "/metrics",
            JSON,
            404,
            "path",
            "`/metrics`",
            "admin port",
        ),
        (
            "PUT",
            score,
            JSON,
            405,
            "method",
            "PUT is not taken here",
            "use POST",
        ),
        (
            "POST",
            score,
            "text/plain",
            415,
            "header content-type",
            "`text/plain` is not taken here",
            JSON,
        ),
        (
            "POST",
            score,
            "application/cloudevents-batch+json",
            415,
            "header content-type",
            "is not taken here",
            JSON,
        ),
        (
            "POST",
            "/v1/pipelines/cards/events",
            JSON,
            415,
            "header content-type",
            "`application/json`",
            "application/x-ndjson",
        ),
        (
            "POST",
            "/v1/pipelines/cards/score?feature=true",
            JSON,
            400,
            "query",
            "`feature` is not a parameter",
            "did you mean `features`?",
        ),
        (
            "POST",
            "/v1/pipelines/cards/score?features=yes",
            JSON,
            400,
            "query",
            "`features` is `yes`",
            "true or false",
        ),
        (
            "POST",
            "/v1/pipelines/cards/score?features=true&features=true",
            JSON,
            400,
            "query",
            "given twice",
            "keep one",
        ),
    ] {
        let reply = node.send_to(method, path, &[("content-type", media)], &event);
        let error = &reply.json(status)["error"];
        assert_eq!(error["where"], place, "{method} {path}: {error}");
        assert!(
            error["what"].as_str().unwrap().contains(what),
            "{method} {path}: {error}"
        );
        assert!(
            error["fix"].as_str().unwrap().contains(fix),
            "{method} {path}: {error}"
        );
    }
    let wrong_method = node.send_to("DELETE", score, &[], "");
    assert_eq!(
        (wrong_method.status, wrong_method.header("allow")),
        (405, Some("POST"))
    );
    assert_eq!(
        node.send_to("HEAD", "/v1/pipelines/cards/decisions/d1", &[], "")
            .status,
        405
    );
    assert_eq!(node.count("invalid"), 0, "no event was read");
    still_serves(&node);
}

#[test]
fn a_body_over_the_limit_is_not_read_to_its_end() {
    let node = Config::cards()
        .with("server.body_bytes_max", "1KiB")
        .start();
    let long = paid("1").with_data("does", "x".repeat(2000)).to_string();
    for path in ["score", "events"] {
        let media = if path == "score" {
            JSON
        } else {
            "application/x-ndjson"
        };
        let error = &node.post(path, media, &long).json(413)["error"];
        assert_eq!(error["what"], "larger than 1024 bytes");
        assert!(
            error["fix"]
                .as_str()
                .unwrap()
                .contains("server.body_bytes_max"),
            "{error}"
        );
    }
    let host = node.data.strip_prefix("http://").unwrap();
    let chunked = format!(
        "POST /v1/pipelines/cards/score HTTP/1.1\r\nhost: {host}\r\ncontent-type: {JSON}\r\n\
         transfer-encoding: chunked\r\n\r\n7d0\r\n{}\r\n0\r\n\r\n",
        "x".repeat(2000)
    );
    let reply = send_raw(host, chunked);
    assert!(reply.starts_with("HTTP/1.1 413 "), "{reply:?}");
    still_serves(&node);
}

#[test]
fn a_compressed_body_is_refused() {
    let node = Config::cards().start();
    let headers = [("content-type", JSON), ("content-encoding", "gzip")];
    let error = &node.send("POST", "score", &headers, "x").json(415)["error"];
    assert_eq!(
        (&error["where"], &error["what"]),
        (
            &json!("header content-encoding"),
            &json!("`gzip` is not taken")
        )
    );
}

#[test]
fn a_body_that_ends_too_soon_or_comes_too_slowly_is_told_so() {
    let node = Config::cards().with("server.body_time", "50ms").start();
    let host = node.data.strip_prefix("http://").unwrap();
    let head = format!(
        "POST /v1/pipelines/cards/score HTTP/1.1\r\nhost: {host}\r\ncontent-type: {JSON}\r\n\
         content-length: 100\r\n\r\n{{"
    );
    // The connection is cut: there may be nobody left to be told.
    let cut = send_raw(host, &head);
    assert!(cut.is_empty() || cut.starts_with("HTTP/1.1 400 "), "{cut}");
    let slow = crate::harness::http::send_unfinished(host, &head);
    assert!(slow.starts_with("HTTP/1.1 408 "), "{slow}");
    assert!(slow.contains("server.body_time"), "{slow}");
    still_serves(&node);
}

#[test]
fn what_is_not_http_is_turned_away() {
    let node = Config::cards().start();
    let host = node.data.strip_prefix("http://").unwrap();
    for bytes in [
        "\r\n\r\nhello\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "\u{0}\u{1}\u{2}\r\n\r\n",
    ] {
        let reply = send_raw(host, bytes);
        assert!(
            reply.is_empty() || reply.starts_with("HTTP/1.1 4"),
            "{bytes:?}: {reply}"
        );
    }
    still_serves(&node);
}
