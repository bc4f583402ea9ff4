//! Requests no client should send: each is told what was wrong, where, and what to do, and costs nobody else
//! anything.

use std::net::Shutdown;

use serde_json::json;

use crate::harness::http::{begin, rest, send_unfinished};
use crate::harness::{Config, Node, paid};

const JSON: &str = "application/json";

/// After all that was refused, the node takes what is good.
#[track_caller]
pub(crate) fn still_serves(node: &Node) {
    let host = node.data.strip_prefix("http://").unwrap();
    let event = paid("after").to_string();
    // In one piece: a node may give a body less time than a busy machine takes between two.
    let request = format!(
        "POST /v1/pipelines/cards/score HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\
         content-type: {JSON}\r\ncontent-length: {}\r\n\r\n{event}",
        event.len()
    );
    let reply = send_unfinished(host, request);
    assert!(reply.starts_with("HTTP/1.1 200 "), "{reply:?}");
    assert!(reply.contains("\"score\":0.01,"), "{reply:?}");
    assert_eq!(node.count("admitted"), 1);
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
    let reply = send_unfinished(host, chunked);
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
    let head = format!(
        "POST /v1/pipelines/cards/score HTTP/1.1\r\nhost: node\r\ncontent-type: {JSON}\r\n\
         content-length: 100\r\n\r\n{{"
    );
    // Of a node that would wait for the rest: what it tells is told of the end.
    let node = Config::cards().start();
    let cut = begin(node.data.strip_prefix("http://").unwrap(), &head);
    cut.shutdown(Shutdown::Write).unwrap();
    // The connection is cut: there may be nobody left to be told.
    let cut = rest(cut);
    assert!(cut.is_empty() || cut.starts_with("HTTP/1.1 400 "), "{cut}");
    still_serves(&node);
    let node = Config::cards().with("server.body_time", "50ms").start();
    let slow = send_unfinished(node.data.strip_prefix("http://").unwrap(), &head);
    assert!(slow.starts_with("HTTP/1.1 408 "), "{slow}");
    assert!(slow.contains("server.body_time"), "{slow}");
    still_serves(&node);
}
