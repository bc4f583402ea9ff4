//! Clients that take their time: each has its own, and costs nobody else any.

use std::thread::sleep;
use std::time::Duration;

use crate::bad_requests::still_serves;
use crate::harness::node::until;
use crate::harness::{Config, Node, paid};
use crate::hostile::raw::{Raw, post, scoring};

/// The pace of a client that drips: it is the attack, not a wait for anything.
const DRIP: Duration = Duration::from_millis(20);

/// Sends bytes one by one until the node no longer hears, or they have an end.
fn drip(raw: &mut Raw, bytes: &str) {
    for byte in bytes.as_bytes() {
        if !raw.send([*byte]) {
            return;
        }
        sleep(DRIP);
    }
}

#[test]
fn a_head_that_drips_is_cut_off_at_its_time() {
    let node = Config::cards().with("server.header_time", "1s").start();
    let mut raw = Raw::to(&node);
    drip(&mut raw, &post(""));
    let error = raw.reply().unwrap().error(408);
    assert_eq!(
        (&error["where"], &error["what"]),
        (&"head".into(), &"the head was not there within 1s".into())
    );
    assert!(raw.is_closed());
    still_serves(&node);
}

#[test]
fn a_second_head_that_drips_behind_a_good_request_is_cut_off_too() {
    let node = Config::cards()
        .with("server.header_time", "1s")
        .with("server.idle_time", "1h")
        .start();
    let mut raw = Raw::to(&node);
    raw.send(format!("{}GET /", scoring(&paid("first"))));
    assert_eq!(raw.reply().unwrap().status, 200);
    assert_eq!(raw.reply().unwrap().error(408)["where"], "head");
    assert!(raw.is_closed());
}

#[test]
fn a_body_that_drips_is_cut_off_at_its_time() {
    let node = Config::cards().with("server.body_time", "300ms").start();
    let mut raw = Raw::to(&node);
    raw.send(post("content-length: 1000\r\n\r\n"));
    drip(&mut raw, &" ".repeat(100));
    assert_eq!(
        raw.reply().unwrap().error(408)["what"],
        "not there within 300ms"
    );
    assert!(raw.is_closed());
    still_serves(&node);
}

#[test]
fn a_client_that_expects_to_be_asked_on_and_then_stalls_is_cut_off() {
    let node = Config::cards().with("server.body_time", "200ms").start();
    let mut raw = Raw::to(&node);
    raw.send(post("content-length: 100\r\nexpect: 100-continue\r\n\r\n"));
    assert_eq!(raw.reply().unwrap().status, 100);
    assert_eq!(raw.reply().unwrap().error(408)["where"], "body");
    assert!(raw.is_closed());
    still_serves(&node);
}

#[test]
fn a_connection_that_asks_nothing_is_closed_without_a_word() {
    let node = Config::cards()
        .with("server.header_time", "1s")
        .with("server.idle_time", "1s")
        .start();
    assert!(Raw::to(&node).is_closed(), "one that never asked");
    let mut raw = Raw::to(&node);
    raw.send(scoring(&paid("after")));
    assert_eq!(raw.reply().unwrap().status, 200);
    assert!(raw.is_closed(), "one that asked once");
    assert_eq!(node.count("admitted"), 1);
}

#[test]
fn an_idle_connection_has_longer_than_a_head() {
    let node = Config::cards()
        .with("server.header_time", "300ms")
        .with("server.idle_time", "1h")
        .start();
    let mut raw = Raw::to(&node);
    for id in ["1", "2"] {
        raw.send(scoring(&paid(id)));
        assert_eq!(raw.reply().unwrap().status, 200);
        // Three times as long as a head has: what is shown is that nothing happens.
        sleep(Duration::from_millis(900));
    }
    raw.send(scoring(&paid("3")));
    assert_eq!(raw.reply().unwrap().status, 200);
}

/// How many connections the node has on its data port.
fn connections(node: &Node) -> u64 {
    let page = node.get_admin("/metrics").text;
    let line = page
        .lines()
        .find(|line| line.starts_with("foreshore_connections{port=\"data\"}"));
    line.unwrap().rsplit(' ').next().unwrap().parse().unwrap()
}

#[test]
fn a_client_that_does_not_read_its_answers_is_cut_off() {
    let node = Config::cards().with("server.answer_time", "300ms").start();
    let mut raw = Raw::to(&node);
    // Far more answers than what the system holds of a connection, none of them read.
    let request =
        "GET /v1/pipelines/cards/decisions/d1 HTTP/1.1\r\nhost: node\r\n\r\n".repeat(1000);
    while raw.send(&request) {}
    until("the connection is gone", || connections(&node) == 0);
    still_serves(&node);
}

#[test]
fn a_follower_that_does_not_read_is_cut_off_and_one_that_waits_is_not() {
    let node = Config::cards()
        .with("server.answer_time", "300ms")
        .with("server.idle_time", "200ms")
        .with("pipelines.cards.amend", "all")
        .with("pipelines.cards.amendments_kept", 100_000)
        .start();
    let patient = node.follow();
    let events = (0..200).map(|at| paid(&format!("e{at}")).at(1 + at % 50).of(0.5));
    events.for_each(|event| assert_eq!(node.score(&event).status, 200));
    let mut rounds = 0;
    let mut idle = Raw::to(&node);
    idle.send("GET /v1/pipelines/cards/amendments?from=0 HTTP/1.1\r\nhost: node\r\n\r\n");
    until("the follower that does not read is gone", || {
        // It comes before them all: an amendment for each of them.
        rounds += 1;
        let first = paid(&format!("before {rounds}")).of(0.1);
        assert_eq!(node.score(&first).status, 200);
        // The patient one is there for as long as it reads.
        connections(&node) == 1
    });
    assert_eq!(patient.next().event, "amendment");
}
