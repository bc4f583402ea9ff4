//! More than the node can take, and the end of its work: what is turned away is told so, what was taken is
//! answered.

use std::io::{Read as _, Write as _};
use std::thread;

use serde_json::json;

use crate::harness::http::{begin, rest};
use crate::harness::node::until;
use crate::harness::place::Folder;
use crate::harness::program::foreshore;
use crate::harness::{Config, Node, paid};

/// A node with room for one waiting request, whose plugin can be told to take its time.
fn narrow() -> Node {
    Config::cards()
        .with("pipelines.cards.limits.queue_max", 1)
        .with("pipelines.cards.limits.call_time", "1s")
        .with("pipelines.cards.limits.breaker_failures", 1000)
        .start()
}

#[test]
fn what_does_not_fit_the_queue_is_shed_and_told_when_to_come_back() {
    let node = narrow();
    let score = |card: usize| {
        let card = format!("card {card}");
        node.score(&paid(&card).by(&card).doing("loop"))
    };
    let replies: Vec<_> = thread::scope(|scope| {
        let sent: Vec<_> = (0..8)
            .map(|card| scope.spawn(move || score(card)))
            .collect();
        sent.into_iter()
            .map(|reply| reply.join().unwrap())
            .collect()
    });
    let (shed, taken): (Vec<_>, Vec<_>) = replies.iter().partition(|reply| reply.status == 503);
    assert!(!shed.is_empty() && !taken.is_empty(), "{replies:?}");
    for reply in &shed {
        assert_eq!(reply.header("retry-after"), Some("1"));
        let said = reply.json(503);
        assert_eq!(said["disposition"], "shed");
        let fix = said["error"]["fix"].as_str().unwrap();
        assert!(fix.contains("sending again is always safe"), "{fix}");
    }
    assert_eq!(node.count("shed"), shed.len() as u64);
    let mut admitted = None;
    until("the pipeline has time to tell its numbers", || {
        admitted = node.sample("foreshore_events_total", "disposition=\"admitted\"");
        admitted.is_some()
    });
    assert_eq!(admitted, Some(taken.len() as f64));
}

#[test]
fn a_pipeline_that_has_used_up_its_processor_time_sheds_until_there_is_more() {
    let node = Config::cards()
        .with("pipelines.cards.limits.cpu", "50ms")
        .start();
    let work = |card: u32| {
        let card = card.to_string();
        // Some tens of milliseconds.
        node.score(&paid(&card).by(&card).doing("work 200000000"))
    };
    let mut cards = 0..;
    let mut shed = None;
    until("the budget is spent", || {
        let reply = work(cards.next().unwrap());
        shed = (reply.status == 503).then_some(reply);
        shed.is_some()
    });
    let shed = shed.unwrap();
    let wait: u64 = shed.header("retry-after").unwrap().parse().unwrap();
    assert!(wait >= 1);
    let said = shed.json(503);
    assert_eq!(said["disposition"], "shed");
    let what = said["error"]["what"].as_str().unwrap();
    assert!(what.contains("limits.cpu"), "{what}");
    let of_budget = || node.metric("foreshore_shed_total", "reason=\"budget\"");
    assert_eq!(of_budget(), 1.0);
    assert_eq!(node.count("shed"), 1);
    assert_eq!(
        node.metric("foreshore_cpu_budget_seconds", ""),
        0.05,
        "as configured"
    );
    until("there is processor time again", || {
        work(cards.next().unwrap()).status == 200
    });
    let received: u64 = ["admitted", "shed"]
        .map(|fate| node.count(fate))
        .iter()
        .sum();
    assert_eq!(received, u64::from(cards.start));
    assert_eq!(of_budget(), node.count("shed") as f64);
}

#[test]
fn a_request_in_flight_is_answered_before_the_node_stops() {
    let node = Config::cards().start();
    let host = node.data.strip_prefix("http://").unwrap();
    let event = paid("1").to_string();
    let head = format!(
        "POST /v1/pipelines/cards/score HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\n\
         expect: 100-continue\r\ncontent-length: {}\r\n\r\n",
        event.len()
    );
    let mut stream = begin(host, head);
    let mut go_on = [0; "HTTP/1.1 100 Continue\r\n\r\n".len()];
    stream.read_exact(&mut go_on).unwrap();
    assert!(
        go_on.starts_with(b"HTTP/1.1 100 "),
        "the node has begun with the request"
    );
    node.terminate();
    until("the node no longer takes requests", || !node.is_ready());
    stream.write_all(event.as_bytes()).unwrap();
    let reply = rest(stream);
    assert!(reply.starts_with("HTTP/1.1 200 OK\r\n"), "{reply}");
    assert!(reply.contains("\"score\":0.01"), "{reply}");
    assert!(
        reply.to_lowercase().contains("connection: close"),
        "{reply}"
    );
    let (code, log) = node.ended();
    assert_eq!(code, Some(0), "{log}");
    assert!(log.contains("stopped"), "{log}");
}

#[test]
fn an_idle_node_stops_at_once_and_well() {
    let node = Config::cards().start();
    assert_eq!(
        node.get_admin("/health/ready").good(),
        json!({"status": "ready"})
    );
    node.score(&paid("1")).good();
    node.terminate();
    assert_eq!(node.ended().0, Some(0));
}

#[test]
fn a_port_that_is_taken_is_named() {
    let node = Config::cards().start();
    let taken = node.data.strip_prefix("http://").unwrap();
    let folder = Folder::new();
    let file = folder.write("node.toml", Config::cards().text());
    foreshore(["serve", "--config", file.to_str().unwrap(), "--data", taken])
        .fails(1, &[&format!("listen on {taken} (server.data)")]);
}
