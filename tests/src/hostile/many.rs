//! Many requests on one connection, many connections, many events of one source: all of them bounded, and what is
//! beyond the bound is told so.

use std::process::Command;

use crate::bad_requests::still_serves;
use crate::harness::node::until;
use crate::harness::program::command;
use crate::harness::{Config, Node, Stored, paid};
use crate::hostile::raw::{Raw, post, scoring};

#[test]
fn a_hundred_requests_at_once_are_answered_one_after_another() {
    let node = Config::cards().start();
    let mut raw = Raw::to(&node);
    let all: String = (0..100)
        .map(|id| scoring(&paid(&format!("p{id}")).at(id)))
        .collect();
    raw.send(all);
    for id in 0..100 {
        let reply = raw.reply().unwrap();
        assert!(
            reply.body.contains(&format!("\"event\":\"p{id}\"")),
            "{id}: {reply:?}"
        );
    }
    assert_eq!(node.count("admitted"), 100);
}

#[test]
fn a_client_that_leaves_amid_a_hundred_requests_harms_nobody() {
    let node = Config::cards().start();
    for round in 0..10 {
        let mut raw = Raw::to(&node);
        // Within the lateness: how much of each is read before its client has left is not known.
        let id = |id: u32| paid(&format!("{round} {id}")).at(id % 50);
        raw.send((0..100).map(|at| scoring(&id(at))).collect::<String>());
        if round % 2 == 0 {
            raw.hang_up();
        }
    }
    // Whatever of them was read is counted once, and sent again it is a duplicate or new.
    let again: Vec<_> = (0..100)
        .map(|at| paid(&format!("0 {at}")).at(at % 50))
        .collect();
    let told = node.ingest(&again).good();
    let of = |name: &str| told["dispositions"][name].as_u64().unwrap();
    assert_eq!(of("admitted") + of("duplicate"), 100, "{told}");
}

#[test]
fn connections_beyond_the_limit_are_turned_away_and_the_next_has_their_place() {
    let node = Config::cards()
        .with("server.connections_max", 4)
        .with("server.header_time", "1h")
        .start();
    let mut idle: Vec<_> = (0..4).map(|_| Raw::to(&node)).collect();
    let mut fifth = Raw::to(&node);
    let reply = fifth.reply().unwrap();
    let error = reply.error(503);
    assert_eq!(error["where"], "connection");
    assert!(
        error["fix"]
            .as_str()
            .unwrap()
            .contains("server.connections_max")
    );
    assert!(reply.head.contains("retry-after: 1\r\n"), "{reply:?}");
    assert!(fifth.is_closed());
    assert!(node.is_ready(), "the admin port has places of its own");
    idle.truncate(3);
    let mut place = || {
        let mut raw = Raw::to(&node);
        raw.send(scoring(&paid("honest")));
        raw.reply().is_some_and(|reply| reply.status == 200)
    };
    until("the place of one that left is free", &mut place);
}

#[test]
fn an_address_has_so_many_connections_and_others_have_the_rest() {
    let node = Config::cards()
        .with("server.connections_per_address_max", 2)
        .with("server.header_time", "1h")
        .start();
    let _first = [Raw::from("127.0.0.2", &node), Raw::from("127.0.0.2", &node)];
    let reply = Raw::from("127.0.0.2", &node).reply().unwrap();
    let fix = reply.error(503)["fix"].clone();
    assert!(
        fix.as_str()
            .unwrap()
            .contains("connections_per_address_max"),
        "{fix}"
    );
    assert!(reply.head.contains("retry-after: 1\r\n"), "{reply:?}");
    let mut other = Raw::from("127.0.0.3", &node);
    other.send(scoring(&paid("honest")));
    assert_eq!(other.reply().unwrap().status, 200);
}

#[test]
fn large_bodies_on_their_way_keep_no_small_ones_out() {
    let node = Config::cards()
        .with("server.bodies_bytes_max", "256KiB")
        .with("server.body_time", "1h")
        .start();
    let mut large = Raw::to(&node);
    large.send(post("content-length: 1000000\r\n\r\n"));
    large.send(" ".repeat(300_000));
    let held = || {
        let page = node.get_admin("/metrics").text;
        let line = page
            .lines()
            .find(|line| line.starts_with("foreshore_body_bytes{port=\"data\"}"));
        line.unwrap()
            .rsplit(' ')
            .next()
            .unwrap()
            .parse::<u64>()
            .unwrap()
    };
    until("most of the room is taken", || held() > 200_000);
    let mut other = Raw::to(&node);
    other.send(post("content-length: 1000000\r\n\r\n"));
    other.send(" ".repeat(300_000));
    let reply = other.reply().unwrap();
    assert!(
        reply.error(503)["fix"]
            .as_str()
            .unwrap()
            .contains("server.bodies_bytes_max")
    );
    assert!(reply.head.contains("retry-after: 1\r\n"), "{reply:?}");
    still_serves(&node);
    drop(large);
    until("the room is free again", || held() == 0);
}

/// The dispositions the node counts of events that were turned away or taken.
fn shed_and_admitted(node: &Node) -> (u64, u64) {
    (node.count("shed"), node.count("admitted"))
}

#[test]
fn a_source_that_sends_too_fast_is_shed_and_others_are_not() {
    let node = Config::cards()
        .with("server.source_rate", 1)
        .with("server.source_burst", 50)
        .start();
    let events: Vec<_> = (0..200).map(|at| paid(&format!("e{at}"))).collect();
    let reply = node.ingest(&events);
    let told = reply.json(429);
    let of = |name: &str| told["dispositions"][name].as_u64().unwrap();
    assert!((50..60).contains(&of("admitted")), "{told}");
    assert_eq!(of("admitted") + of("shed"), 200);
    assert_eq!(
        told["rejected"][0]["reason"],
        "its source sends faster than it may"
    );
    assert!(reply.header("retry-after").is_some());
    assert_eq!(shed_and_admitted(&node), (of("shed"), of("admitted")));
    // By now it may send another one, and on a slow machine more of them.
    let (mut sent, mut one) = (200, reply);
    until("one more is too many", || {
        sent += 1;
        one = node.score(&paid(&format!("e{sent}")));
        one.status == 429
    });
    let said = one.json(429);
    assert_eq!(
        (&said["disposition"], &said["error"]["where"]),
        (&"shed".into(), &"source".into())
    );
    assert!(one.header("retry-after").is_some());
    node.score(&paid("other").told_by("honest")).good();
    let (shed, admitted) = shed_and_admitted(&node);
    assert_eq!(shed + admitted, sent + 1, "every event is accounted for");
}

#[test]
fn a_node_with_few_open_files_keeps_those_its_store_needs() {
    let stored = Stored::cards();
    let mut shell = Command::new("sh");
    let program = command();
    shell
        .args(["-c", "ulimit -n 256 && exec \"$0\" \"$@\""])
        .arg(program.get_program());
    let node = stored.start_by(shell);
    let crowd: Vec<_> = (0..200).map(|_| Raw::to(&node)).collect();
    // Of 256 files the port has 64; those beyond are turned away, and the store writes on.
    until("connections are turned away", || {
        let page = node.get_admin("/metrics").text;
        page.lines().any(|line| {
            let count =
                line.strip_prefix("foreshore_connections_turned_away_total{port=\"data\"} ");
            count.is_some_and(|count| count.parse::<u64>().unwrap() >= 100)
        })
    });
    drop(crowd);
    let mut admitted = 0;
    until("the node takes an honest client's events", || {
        let Some(reply) = node.try_ingest(&paid(&format!("e{admitted}")).at(admitted)) else {
            return false;
        };
        admitted += u32::from(reply.status == 200);
        admitted == 20
    });
    let log = node.stop();
    assert!(log.contains("server.connections_max is lowered"), "{log}");
    let node = stored.start();
    assert_eq!(node.timeline("card", "a")["features"]["count"], 20.0);
}

#[test]
fn followers_beyond_the_limit_are_refused_and_the_next_has_their_place() {
    let node = Config::cards().with("server.followers_max", 1).start();
    let follow = || {
        let mut raw = Raw::to(&node);
        raw.send("GET /v1/pipelines/cards/amendments HTTP/1.1\r\nhost: node\r\n\r\n");
        let reply = raw.reply().unwrap();
        (raw, reply)
    };
    let (first, reply) = follow();
    assert_eq!(reply.status, 200);
    let (_, reply) = follow();
    let error = reply.error(503);
    assert!(
        error["fix"]
            .as_str()
            .unwrap()
            .contains("server.followers_max"),
        "{error}"
    );
    assert!(reply.head.contains("retry-after: 1\r\n"), "{reply:?}");
    drop(first);
    until("the place of one that left is free", || {
        follow().1.status == 200
    });
}

#[test]
fn requests_beyond_the_limit_are_refused_and_slow_ones_do_not_count() {
    let node = Config::cards()
        .with("server.requests_max", 1)
        .with("server.body_time", "1h")
        .with("pipelines.cards.limits.call_time", "1s")
        .start();
    // On their way, not there: neither is answered yet.
    let _slow: Vec<_> = (0..5)
        .map(|_| {
            let mut raw = Raw::to(&node);
            raw.send(post("content-length: 9\r\n\r\n"));
            raw
        })
        .collect();
    let mut rounds = 0..;
    until("a request is refused while another is answered", || {
        // Whose request is there first is not known: if it is not this one, this one is the refused.
        let round = rounds.next().unwrap().to_string();
        let mut held = Raw::to(&node);
        held.send(scoring(&paid(&round).by(&round).doing("loop")));
        let reply = node.score(&paid("other").by("b"));
        let held = held.reply().unwrap();
        assert!([200, 503].contains(&held.status), "{held:?}");
        if reply.status == 503 {
            assert_eq!(held.status, 200, "one of the two has the place");
            let error = &reply.json(503)["error"];
            assert_eq!(error["where"], "node");
            assert!(
                error["fix"]
                    .as_str()
                    .unwrap()
                    .contains("server.requests_max"),
                "{error}"
            );
            assert_eq!(reply.header("retry-after"), Some("1"));
        }
        reply.status == 503
    });
    assert_eq!(
        node.count("shed"),
        0,
        "no event was read of what was refused"
    );
    node.score(&paid("after").by("c")).good();
}
