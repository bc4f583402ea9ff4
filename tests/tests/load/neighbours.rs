//! A pipeline beside one whose plugin takes all it can get: its clients must hardly notice.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use foreshore_load::{Load, Report, Verdict, machine, process};
use foreshore_proof::sized;

use crate::harness::{Config, Node};
use crate::work::{judge, load, median, payments, turns};
use crate::{alone, proof, tell_stolen};

/// 95 % of the time that a call of one row has by default.
const GREEDY_CALL: Duration = Duration::from_micros(19_000);

/// Greedy calls asked for in a second: more than one processor can make.
const GREEDY_RATE: f64 = 100.0;

/// Requests to the neighbour in a second.
const RATE: f64 = 300.0;

/// Two pipelines under the limits a node has by default, but that the greedy one's breaker stays closed: it never
/// fails.
fn two() -> Node {
    let mut config = Config::cards().and_cards_as("others");
    for pipeline in ["cards", "others"] {
        for limit in ["deadline", "call_time"] {
            config = config.without(&format!("pipelines.{pipeline}.limits.{limit}"));
        }
    }
    config
        .with("pipelines.cards.limits.breaker_failures", 1_000_000)
        .start()
}

/// The neighbour's load of one round.
fn quiet(node: &Node, round: String, time: Duration) -> Report {
    let load = Load {
        rate: Some(RATE),
        ..load(node, "others", 8, time)
    };
    load.run(payments(round, 0), judge)
}

#[test]
fn a_plugin_that_uses_all_of_its_deadline_leaves_its_neighbour_in_peace() {
    let _alone = alone();
    let mut proof = proof(
        "load",
        "a_plugin_that_uses_all_of_its_deadline_leaves_its_neighbour_in_peace",
    );
    let node = two();
    let turns = turns(&node, GREEDY_CALL);
    let time = Duration::from_secs(sized(2, 10));
    let (mut without, mut with) = (Vec::new(), Vec::new());
    // The first is to warm up.
    quiet(&node, "warm".to_owned(), time);
    let stolen = machine::stolen();
    for round in 0..sized(3, 7) {
        without.push(quiet(&node, format!("without {round}"), time));
        with.push(beside_greed(&node, round, turns, || {
            quiet(&node, format!("with {round}"), time)
        }));
        proof.cases(1);
    }
    tell_stolen(&mut proof, stolen);
    for report in without.iter().chain(&with) {
        let others = [
            Verdict::Shed,
            Verdict::Bad,
            Verdict::Broken,
            Verdict::Unsent,
        ];
        let counts = others.map(|verdict| report.count(verdict));
        // In a quick run, what was due while the whole machine stood still for a moment.
        let most = sized(report.sent() / 20, 0);
        assert!(counts.iter().sum::<u64>() <= most, "{counts:?}");
    }
    for share in [0.5, 0.9, 0.95] {
        let (calm, pressed) = (latency(&without, share), latency(&with, share));
        println!("{share} of them within {calm:.0} us without, {pressed:.0} us with");
    }
    let (calm, pressed) = (latency(&without, 0.99), latency(&with, 0.99));
    let ratio = pressed / calm;
    println!("p99 {calm:.0} us without, {pressed:.0} us with: {ratio:.2} times");
    proof.count("p99 without, us", calm as u64);
    proof.count("p99 with, us", pressed as u64);
    // A quick run is too short for its slowest hundredth to be the node's: one moment in which the machine does
    // something else is all of it. What one thread for both would cost shows in most answers.
    let (share, most) = sized((0.75, 4.0), (0.99, 2.0));
    let ratio = latency(&with, share) / latency(&without, share);
    assert!(ratio <= most, "{ratio:.2} times, at most {most}");
}

/// The latency that this share of a round's answers did not exceed, in microseconds: of the median round.
fn latency(rounds: &[Report], share: f64) -> f64 {
    let latencies = rounds.iter().map(|round| round.latency(share));
    median(latencies.map(|latency| latency.as_secs_f64() * 1e6))
}

/// Does something while the greedy pipeline is asked for more than it can do.
fn beside_greed<T>(node: &Node, round: usize, turns: u64, work: impl FnOnce() -> T) -> T {
    let before = node.metric("foreshore_cpu_seconds_total", "");
    let is_done = AtomicBool::new(false);
    let (done, elapsed) = thread::scope(|scope| {
        let greed = scope.spawn(|| {
            let mut part = 0;
            let mut elapsed = Duration::ZERO;
            while !is_done.load(Ordering::Relaxed) {
                let load = Load {
                    rate: Some(GREEDY_RATE),
                    ..load(node, "cards", 8, Duration::from_millis(500))
                };
                load.run(payments(format!("greed {round} {part}"), turns), judge);
                elapsed += load.time;
                part += 1;
            }
            elapsed
        });
        let done = work();
        is_done.store(true, Ordering::Relaxed);
        (done, greed.join().unwrap())
    });
    let used = node.metric("foreshore_cpu_seconds_total", "") - before;
    println!("the greedy pipeline used {used:.2} s of a processor in {elapsed:?}");
    assert!(
        used > 0.1 * elapsed.as_secs_f64(),
        "it was not greedy at all"
    );
    done
}

#[test]
fn plugins_run_on_their_pipelines_thread_and_on_no_other() {
    let _alone = alone();
    let node = Config::cards().start();
    let turns = turns(&node, Duration::from_millis(10));
    let before = process::threads(node.pid());
    let load = load(&node, "cards", 4, Duration::from_secs(1));
    let report = load.run(payments("work".to_owned(), turns), judge);
    assert!(report.count(Verdict::Good) > 0);
    let after = process::threads(node.pid());
    // Threads that have ended meanwhile are told no more.
    let used = |name: &str| {
        let before = before.get(name).copied().unwrap_or_default();
        after[name].saturating_sub(before)
    };
    let all: Duration = after.keys().map(|name| used(name)).sum();
    let own = used("pipeline-cards");
    // What is left is HTTP, and the clock of the plugins.
    assert!(own > all / 2, "{own:?} of {all:?}: {after:?}");
    let http: Duration = after
        .keys()
        .filter(|name| name.starts_with("tokio"))
        .map(|name| used(name))
        .sum();
    let calls = Duration::from_millis(10) * report.count(Verdict::Good) as u32;
    assert!(
        http < calls / 2,
        "{http:?} on the HTTP threads, for calls of {calls:?}"
    );
}
