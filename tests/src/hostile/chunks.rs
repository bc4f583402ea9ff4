//! Chunked bodies that are none: each is refused as the body it is, and the connection closed.

use crate::bad_requests::still_serves;
use crate::harness::{Config, paid};
use crate::hostile::raw::{Raw, post, refused};

/// A request with these bytes as its chunked body.
fn chunked(body: &str) -> String {
    format!("{}{body}", post("transfer-encoding: chunked\r\n\r\n"))
}

#[test]
fn a_body_in_chunks_is_a_body() {
    let node = Config::cards().start();
    let event = paid("1").to_string();
    let (head, tail) = event.split_at(7);
    let body = format!("7\r\n{head}\r\n{:X}\r\n{tail}\r\n0\r\n\r\n", tail.len());
    let mut raw = Raw::to(&node);
    for disposition in ["admitted", "duplicate"] {
        raw.send(chunked(&body));
        let reply = raw.reply().unwrap();
        assert_eq!(reply.status, 200);
        assert!(reply.body.contains(disposition), "{reply:?}");
    }
}

#[test]
fn chunks_that_two_readers_could_cut_in_two_ways_are_refused() {
    let node = Config::cards().start();
    for (body, what) in [
        ("2;a=b\r\n{}\r\n0\r\n\r\n", "no extensions"),
        (
            "2;a=\"\r\n0\r\n\r\nGET / HTTP/1.1\r\n\"\r\n{}\r\n0\r\n\r\n",
            "no extensions",
        ),
        ("2 \r\n{}\r\n0\r\n\r\n", "no extensions"),
        ("0x2\r\n{}\r\n0\r\n\r\n", "no extensions"),
        ("+2\r\n{}\r\n0\r\n\r\n", "no extensions"),
        ("-2\r\n{}\r\n0\r\n\r\n", "no extensions"),
        ("\r\n{}\r\n0\r\n\r\n", "no extensions"),
        ("000000002\r\n{}\r\n0\r\n\r\n", "at most 8 digits"),
        ("10000000000000002\r\n{}\r\n0\r\n\r\n", "at most 8 digits"),
        ("2\n{}\r\n0\r\n\r\n", "no extensions"),
        ("2\r\n{}\n0\r\n\r\n", "where its size says"),
        ("2\r\n{}}\r\n0\r\n\r\n", "where its size says"),
        ("2\r\n{}0\r\n\r\n", "where its size says"),
        ("2\r\n{}\r\n0\r\nx: y\r\n\r\n", "trailers"),
        ("2\r\n{}\r\n0\r\ncontent-length: 9\r\n\r\n", "trailers"),
    ] {
        refused(&node, chunked(body), 400, "body", what);
    }
    still_serves(&node);
}

#[test]
fn a_chunk_that_announces_more_than_a_body_may_be_is_refused() {
    let node = Config::cards()
        .with("server.body_bytes_max", "1KiB")
        .start();
    let body = format!("FFFFFFFF\r\n{}", "x".repeat(3000));
    refused(&node, chunked(&body), 413, "body", "larger than 1024 bytes");
    still_serves(&node);
}

#[test]
fn a_body_without_its_last_chunk_is_waited_for_no_longer_than_any() {
    let node = Config::cards().with("server.body_time", "100ms").start();
    let event = paid("unfinished").to_string();
    let body = format!("{:x}\r\n{event}\r\n", event.len());
    refused(&node, chunked(&body), 408, "body", "not there within 100ms");
    still_serves(&node);
}
