//! Tokens: each is good for what the file says, and for nothing else; nothing but a token opens anything.

use std::time::SystemTime;

use foreshore_proof::Proof;
use serde_json::json;

use super::{guarded, refusals, refused, showing};
use crate::harness::http::send_unfinished;
use crate::harness::node::until;
use crate::harness::tokens::Tokens;
use crate::harness::{Config, paid, time};

#[test]
fn a_token_does_what_its_scopes_say_and_nothing_else() {
    let tokens = Tokens::new();
    let all = tokens.give(
        "all",
        "--scope score --scope ingest --scope read --scope admin",
    );
    let given = ["score", "ingest", "read", "admin"].map(|scope| {
        let token = tokens.give(scope, &format!("--scope {scope}"));
        (scope, showing(&token))
    });
    let node = guarded(&tokens).start().bearing(&all);
    let answer = node.score(&paid("1").of(100)).good();
    let decision = format!("decisions/{}", answer["decision"].as_str().unwrap());
    let (event, close) = (
        paid("2").to_string(),
        json!({ "time": time(1) }).to_string(),
    );
    let asked = |token: &str| {
        let shown = |kind| [("authorization", token), ("content-type", kind)];
        let json = shown("application/json");
        let admin = |method, path, body: &str| node.send_admin(method, path, &json, body).status;
        [
            ("score", node.send("POST", "score", &json, &event).status),
            (
                "ingest",
                node.send("POST", "events", &shown("application/x-ndjson"), &event)
                    .status,
            ),
            (
                "read",
                node.send("GET", "timelines/card/a", &json, "").status,
            ),
            ("read", node.send("GET", &decision, &json, "").status),
            (
                "read",
                node.send("GET", "decisions?source=x&id=y", &json, "")
                    .status,
            ),
            (
                "read",
                node.send("GET", "amendments?from=9999", &json, "").status,
            ),
            ("read", admin("GET", "/v1/pipelines", "")),
            ("read", admin("GET", "/metrics", "")),
            ("admin", admin("POST", "/v1/pipelines/cards/close", &close)),
            ("admin", admin("POST", "/v1/pipelines/cards/deploy", "")),
            ("admin", admin("GET", "/v1/pipelines/cards/deploy", "")),
        ]
    };
    for (scope, token) in &given {
        for (needed, status) in asked(token) {
            let is_let_in = ![401, 403].contains(&status);
            assert_eq!(
                is_let_in,
                needed == *scope,
                "{needed} with {scope}: {status}"
            );
        }
    }
    for (needed, status) in asked("Bearer foreshore_0") {
        assert_eq!(status, 401, "{needed}");
    }
}

#[test]
fn what_is_missing_is_named() {
    let tokens = Tokens::new();
    let till = tokens.give("till", "--scope score --pipeline cards");
    let node = guarded(&tokens).and_cards_as("others").start().to("cards");
    let shown = showing(&till);
    let headers = [
        ("authorization", shown.as_str()),
        ("content-type", "application/json"),
    ];
    let event = paid("1").to_string();
    let reply = node.send("GET", "timelines/card/a", &headers, "");
    refused(
        &reply,
        403,
        "scope",
        "`till` does not have the scope `read`",
    );
    let challenge = reply.header("www-authenticate").unwrap();
    assert!(
        challenge.ends_with("error=\"insufficient_scope\", scope=\"read\""),
        "{challenge}"
    );
    let reply = node.send_to("POST", "/v1/pipelines/others/score", &headers, &event);
    refused(&reply, 403, "pipeline", "`others` is none of them");
    // Whether there is such a pipeline is not told either.
    let reply = node.send_to("POST", "/v1/pipelines/nowhere/score", &headers, &event);
    refused(&reply, 403, "pipeline", "`nowhere` is none of them");
    let reply = node.send("POST", "score", &headers[1..], &event);
    refused(&reply, 401, "header authorization", "nobody is named");
    node.send("POST", "score", &headers, &event).good();
}

#[test]
fn what_is_nearly_a_token_opens_nothing() {
    let tokens = Tokens::new();
    let till = tokens.give("till", "--scope score --scope read");
    let digest = tokens
        .text()
        .split('"')
        .find(|text| text.starts_with("sha256:"))
        .unwrap()
        .to_owned();
    let node = guarded(&tokens).start().bearing(&till);
    let (less, more) = (&till[..till.len() - 1], format!("{till}0"));
    let event = paid("1").to_string();
    for (shown, reason) in [
        (showing(less), "unknown"),
        (showing(&more), "unknown"),
        (showing(&till.to_uppercase()), "unknown"),
        (showing(&format!("{till}, {till}")), "unknown"),
        (showing(&till.replace("foreshore_", "")), "unknown"),
        (showing(&digest), "unknown"),
        (showing(digest.trim_start_matches("sha256:")), "unknown"),
        (showing("till"), "unknown"),
        (showing(""), "malformed"),
        (till.clone(), "malformed"),
        (format!("Basic {till}"), "malformed"),
        (format!("Token {till}"), "malformed"),
    ] {
        let before = refusals(&node, reason);
        let headers = [
            ("authorization", shown.as_str()),
            ("content-type", "application/json"),
        ];
        let reply = node.send("POST", "score", &headers, &event);
        assert_eq!(reply.status, 401, "{shown}");
        assert_eq!(refusals(&node, reason), before + 1, "{shown}");
    }
    // Twice the right one is not once the right one, and a query is no place for it.
    let host = node.data.strip_prefix("http://").unwrap();
    let fixed = format!("host: x\r\nconnection: close\r\nauthorization: Bearer {till}\r\n");
    let path = "GET /v1/pipelines/cards/timelines/card/a";
    let twice = send_unfinished(
        host,
        format!("{path} HTTP/1.1\r\n{fixed}authorization: Bearer {till}\r\n\r\n"),
    );
    assert!(twice.starts_with("HTTP/1.1 401 "), "{twice}");
    let query = send_unfinished(
        host,
        format!("{path}?token={till} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"),
    );
    assert!(
        query.starts_with("HTTP/1.1 401 ") && !query.contains(&till),
        "{query}"
    );
    node.send(
        "POST",
        "score",
        &[("content-type", "application/json")],
        &event,
    )
    .good();
}

#[test]
fn a_token_bent_at_random_opens_nothing() {
    let name = "a_token_bent_at_random_opens_nothing";
    let mut proof = Proof::new("clients", "-p foreshore-tests --lib", name);
    let tokens = Tokens::new();
    let till = tokens.give("till", "--scope read");
    let node = guarded(&tokens).start();
    let let_in = |token: &str| {
        let shown = showing(token);
        let reply = node.send("GET", "timelines/card/a", &[("authorization", &shown)], "");
        reply.status != 401
    };
    assert!(let_in(&till));
    proof.seeds(200, |_, seed| {
        let mut random = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut next = |below: usize| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            random as usize % below
        };
        let mut bent = till.clone().into_bytes();
        match next(4) {
            0 => bent.truncate(1 + next(till.len() - 1)),
            1 => bent.insert(next(till.len()), b"0123456789abcdef"[next(16)]),
            2 => bent.swap(next(till.len()), next(till.len())),
            _ => {
                let at = next(till.len());
                bent[at] = b'!' + next(94) as u8;
            }
        }
        let bent = String::from_utf8(bent).unwrap();
        assert_eq!(let_in(&bent), bent == till, "{bent}");
    });
}

#[test]
fn a_token_ends_when_its_time_is_over() {
    let tokens = Tokens::new();
    let read = tokens.give("monitor", "--scope read");
    let over = tokens.give("over", "--scope score --expires 2026-01-01T00:00:00Z");
    let soon = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap()
        .as_secs() as i64
        + 2;
    let soon = foreshore_event::Time(soon * 1_000_000);
    let brief = tokens.give("brief", &format!("--scope read --expires {soon}"));
    let node = guarded(&tokens).start().bearing(&read);
    let ask = |token: &str| {
        node.send(
            "GET",
            "timelines/card/a",
            &[("authorization", &showing(token))],
            "",
        )
    };
    let headers = [
        ("authorization", &*showing(&over)),
        ("content-type", "application/json"),
    ];
    let reply = node.send("POST", "score", &headers, paid("1").to_string());
    refused(
        &reply,
        401,
        "header authorization",
        "`over` has expired at 2026-01-01T00:00:00",
    );
    // A stream that was let in in time ends with it too; on a slow machine it comes too late.
    let shown = showing(&brief);
    let stream = node.send("GET", "amendments", &[("authorization", &shown)], "");
    assert!([200, 401].contains(&stream.status), "{stream:?}");
    assert!(!stream.text.contains("event: "), "{stream:?}");
    until("the brief token is over", || ask(&brief).status == 401);
}

#[test]
fn health_needs_no_token_and_nothing_else_is_open() {
    let tokens = Tokens::new();
    tokens.give("till", "--scope score");
    let node = guarded(&tokens).start();
    assert_eq!(node.get_admin("/health/live").status, 200);
    assert_eq!(node.get_admin("/health/ready").status, 200);
    assert_eq!(node.get_admin("/metrics").status, 401);
    assert_eq!(node.get_admin("/v1/pipelines").status, 401);
    assert_eq!(node.get("amendments").status, 401);
    // What is not there is not there for anybody.
    assert_eq!(node.get_admin("/v1/secrets").status, 404);
}

#[test]
fn a_token_shows_nowhere() {
    let tokens = Tokens::new();
    let all = tokens.give("all", "--scope score --scope read --scope admin");
    let node = guarded(&tokens).start_telling("trace").bearing(&all);
    let secret = all.strip_prefix("foreshore_").unwrap().to_owned();
    let (good, wrong) = (
        showing(&all),
        showing(&all.replace("foreshore_", "Foreshore_")),
    );
    let mut told = String::new();
    for shown in [&good, &wrong, &all] {
        let headers = [
            ("authorization", shown.as_str()),
            ("content-type", "application/json"),
        ];
        told += &node
            .send("POST", "score", &headers, paid("1").to_string())
            .text;
        told += &node.send("POST", "score", &headers, "{").text;
        told += &node.send("POST", "events", &headers, "{").text;
        told += &node
            .send_admin("POST", "/v1/pipelines/cards/close", &headers, "{}")
            .text;
        told += &node
            .send_admin("POST", "/v1/pipelines/cards/deploy", &headers, "")
            .text;
        told += &node.send_admin("GET", "/v1/pipelines", &headers, "").text;
    }
    told += &node.get_admin("/metrics").text;
    told += &tokens.text();
    told += &node.stop();
    assert!(told.contains("refused at the admin port"), "{told}");
    assert!(!told.contains(&secret), "{told}");
}

#[test]
fn without_access_control_a_token_is_passed_over() {
    let node = Config::cards().start();
    for shown in ["Bearer anything", "Basic YTpi", "?"] {
        let headers = [
            ("authorization", shown),
            ("content-type", "application/json"),
        ];
        node.send("POST", "score", &headers, paid("1").to_string())
            .good();
    }
}
