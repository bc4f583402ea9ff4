//! Heads that are none, or that two readers could read in two ways: each is refused by name, and the connection
//! closed, so that nothing behind it is ever taken for a request.

use crate::bad_requests::still_serves;
use crate::harness::{Config, paid};
use crate::hostile::raw::{Raw, post, refused, scoring};

#[test]
fn heads_beyond_the_limits_are_refused_and_their_senders_get_to_read_why() {
    let node = Config::cards().start();
    let many = format!("{}{}\r\n", post(""), "a: b\r\n".repeat(99));
    refused(&node, &many, 431, "head", "more than 100 headers");
    let flood = format!("{}{}\r\n", post(""), "a: b\r\n".repeat(10_000));
    refused(&node, &flood, 431, "head", "longer than 16384 bytes");
    let long = format!("{}a: {}\r\n\r\n", post(""), "b".repeat(1 << 20));
    refused(&node, &long, 431, "head", "longer than 16384 bytes");
    let target = format!("GET /{} HTTP/1.1\r\nhost: node\r\n\r\n", "a".repeat(70_000));
    refused(&node, &target, 414, "path", "longer than 8192 bytes");
    let just = format!("GET /{} HTTP/1.1\r\nhost: node\r\n\r\n", "a".repeat(8192));
    refused(&node, &just, 414, "path", "longer than 8192 bytes");
    still_serves(&node);
}

#[test]
fn lengths_that_are_none_are_refused() {
    let node = Config::cards().start();
    let length = "header content-length";
    for (headers, what) in [
        ("content-length: -5\r\n", "not a number"),
        ("content-length: +5\r\n", "not a number"),
        ("content-length: 5 5\r\n", "not a number"),
        ("content-length: 5, 5\r\n", "not a number"),
        ("content-length: 0x5\r\n", "not a number"),
        ("content-length: 5.0\r\n", "not a number"),
        ("content-length:\r\n", "not a number"),
        ("content-length: 18446744073709551616\r\n", "not a number"),
        (
            "content-length: 5\r\ncontent-length: 5\r\n",
            "more than once",
        ),
        (
            "content-length: 5\r\ncontent-length: 6\r\n",
            "more than once",
        ),
    ] {
        let bytes = format!("{}{headers}\r\nhello", post(""));
        refused(&node, bytes, 400, length, what);
    }
    refused(
        &node,
        format!("{}content-length : 5\r\n\r\nhello", post("")),
        400,
        "head",
        "not `name: value`",
    );
    // A number, but of more bytes than there will ever be: the body is refused, not the head.
    for length in ["9223372036854775808", "18446744073709551613"] {
        let bytes = format!("{}content-length: {length}\r\n\r\n", post(""));
        refused(&node, bytes, 413, "body", "larger than 4194304 bytes");
    }
    still_serves(&node);
}

#[test]
fn a_body_framed_in_two_ways_is_refused_and_nothing_behind_it_is_a_request() {
    let node = Config::cards().start();
    let encoding = "header transfer-encoding";
    let smuggled = scoring(&paid("smuggled"));
    for (headers, what) in [
        (
            "content-length: 5\r\ntransfer-encoding: chunked\r\n",
            "both given",
        ),
        (
            "transfer-encoding: chunked\r\ncontent-length: 5\r\n",
            "both given",
        ),
        (
            "transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n",
            "`chunked`, once",
        ),
        (
            "transfer-encoding: identity\r\ntransfer-encoding: chunked\r\n",
            "`chunked`, once",
        ),
        (
            "transfer-encoding: chunked, identity\r\n",
            "`chunked`, once",
        ),
        (
            "transfer-encoding: identity, chunked\r\n",
            "`chunked`, once",
        ),
        ("transfer-encoding: gzip, chunked\r\n", "`chunked`, once"),
        ("transfer-encoding: xchunked\r\n", "`chunked`, once"),
        ("transfer-encoding: identity\r\n", "`chunked`, once"),
        ("transfer-encoding:\u{b}chunked\r\n", "not `name: value`"),
    ] {
        let place = if what.starts_with("not") {
            "head"
        } else {
            encoding
        };
        let bytes = format!("{}{headers}\r\n0\r\n\r\n{smuggled}", post(""));
        refused(&node, bytes, 400, place, what);
    }
    let old =
        "POST /v1/pipelines/cards/score HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n";
    refused(&node, old, 400, encoding, "`chunked`, once");
    still_serves(&node);
}

#[test]
fn lines_that_do_not_end_as_lines_do_are_refused() {
    let node = Config::cards().start();
    for (bytes, what) in [
        ("GET / HTTP/1.1\nhost: node\n\n", "does not end in CRLF"),
        ("GET / HTTP/1.1\r\nhost: node\n\r\n", "does not end in CRLF"),
        (
            "GET / HTTP/1.1\r\nhost: node\rx: y\r\n\r\n",
            "does not end in CRLF",
        ),
        (
            "GET / HTTP/1.1\r\nhost: node\r\nx: a\r\n b\r\n\r\n",
            "folded",
        ),
        (
            "GET / HTTP/1.1\r\nhost: node\r\nx: a\r\n\tb\r\n\r\n",
            "folded",
        ),
        (
            "GET / HTTP/1.1\r\nhost: node\r\nx\r\n\r\n",
            "not `name: value`",
        ),
        (
            "GET / HTTP/1.1\r\nhost: node\r\nx y: z\r\n\r\n",
            "not `name: value`",
        ),
        (
            "GET / HTTP/1.1\r\nhost: node\r\nx: a\u{0}b\r\n\r\n",
            "not `name: value`",
        ),
    ] {
        refused(&node, bytes, 400, "head", what);
    }
    still_serves(&node);
}

#[test]
fn what_is_not_http_1_1_is_refused_by_name() {
    let node = Config::cards().start();
    for (bytes, status, place, what) in [
        (
            &b"\r\n\r\n\x01"[..],
            400,
            "connection",
            "not an HTTP request",
        ),
        (
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
            400,
            "connection",
            "not an HTTP request",
        ),
        (
            b"hello\r\n\r\n",
            400,
            "request line",
            "METHOD TARGET HTTP/1.1",
        ),
        (
            b"GET /\r\n\r\n",
            400,
            "request line",
            "METHOD TARGET HTTP/1.1",
        ),
        (
            b"GET  / HTTP/1.1\r\nhost: n\r\n\r\n",
            400,
            "request line",
            "METHOD TARGET",
        ),
        (
            b"GET / HTTP/9.9\r\nhost: n\r\n\r\n",
            505,
            "request line",
            "HTTP/1.1 only",
        ),
        (
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            505,
            "request line",
            "HTTP/1.1 only",
        ),
        (
            b"CONNECT node:443 HTTP/1.1\r\nhost: n\r\n\r\n",
            400,
            "path",
            "no proxy",
        ),
        (
            b"GET node HTTP/1.1\r\nhost: n\r\n\r\n",
            400,
            "path",
            "no proxy",
        ),
        (
            b"GET /\xff HTTP/1.1\r\nhost: n\r\n\r\n",
            400,
            "path",
            "no proxy",
        ),
        (
            b"GET / HTTP/1.1\r\n\r\n",
            400,
            "header host",
            "not exactly one",
        ),
        (
            b"GET / HTTP/1.1\r\nhost: a\r\nhost: a\r\n\r\n",
            400,
            "header host",
            "not exactly one",
        ),
        (
            b"GET / HTTP/1.1\r\nhost: n\r\nexpect: tea\r\n\r\n",
            417,
            "header expect",
            "100-continue",
        ),
    ] {
        refused(&node, bytes, status, place, what);
    }
    still_serves(&node);
}

#[test]
fn an_http_2_client_is_told_to_speak_1_1_whatever_it_floods_us_with() {
    let node = Config::cards().start();
    let frame = |kind: u8, flags: u8, stream: u32, payload: &[u8]| {
        let mut frame = (payload.len() as u32).to_be_bytes()[1..].to_vec();
        frame.extend([kind, flags]);
        frame.extend(stream.to_be_bytes());
        frame.extend(payload);
        frame
    };
    let floods = [
        // Streams opened and reset; continuations without end; empty data; settings; pings; a window of nothing.
        [
            frame(1, 4, 1, b"\x82\x86\x84"),
            frame(3, 0, 1, &[0, 0, 0, 8]),
        ]
        .concat(),
        frame(9, 0, 1, b"\x00"),
        frame(0, 0, 1, b""),
        frame(4, 0, 0, b""),
        frame(6, 0, 0, &[0; 8]),
        frame(4, 0, 0, &[0, 4, 0, 0, 0, 0]),
        // A header table filled and then named over and over.
        frame(1, 4, 1, &[0xbe; 1000]),
    ];
    for flood in floods {
        let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
        bytes.extend(frame(4, 0, 0, b""));
        (0..1000).for_each(|_| bytes.extend(&flood));
        refused(&node, bytes, 505, "request line", "HTTP/1.1 only");
    }
    still_serves(&node);
}

#[test]
fn an_upgrade_is_not_made_and_a_trace_is_not_told() {
    let node = Config::cards().start();
    let mut raw = Raw::to(&node);
    for upgrade in ["h2c\r\nhttp2-settings: AAMAAABkAAQAAP__", "websocket"] {
        let head = "GET /v1/pipelines/cards/decisions/d1 HTTP/1.1\r\nhost: node\r\nconnection: upgrade\r\n";
        raw.send(format!("{head}upgrade: {upgrade}\r\n\r\n"));
        let reply = raw.reply().unwrap();
        assert!(
            reply.error(404)["what"]
                .as_str()
                .unwrap()
                .contains("no decision d1")
        );
    }
    raw.send("TRACE /v1/pipelines/cards/score HTTP/1.1\r\nhost: node\r\ncookie: secret\r\n\r\n");
    let reply = raw.reply().unwrap();
    assert_eq!(reply.error(405)["what"], "TRACE is not taken here");
    assert!(!reply.body.contains("secret"));
    assert!(reply.head.contains("allow: POST\r\n"), "{reply:?}");
    still_serves(&node);
}

#[test]
fn a_compressed_body_is_refused_before_a_byte_of_it_is_unpacked() {
    let node = Config::cards().start();
    for encoding in ["gzip", "deflate", "br", "zstd", "gzip, identity"] {
        let bytes = format!(
            "{}content-encoding: {encoding}\r\ncontent-length: 4\r\n\r\nbomb",
            post("")
        );
        let mut raw = Raw::to(&node);
        raw.send(bytes);
        let error = raw.reply().unwrap().error(415);
        assert_eq!(error["where"], "header content-encoding");
        assert_eq!(error["what"], format!("`{encoding}` is not taken"));
    }
    still_serves(&node);
}
