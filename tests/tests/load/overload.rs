//! Ten times as much as the node can take: it goes on at the pace it has, tells the others when to come back, and
//! is itself again at once.

use std::time::Duration;

use foreshore_load::{Load, Report, Verdict, machine, process};
use foreshore_proof::sized;

use crate::harness::stored::Stored;
use crate::harness::{Config, Node};
use crate::work::{judge, load, median, payments, turns};
use crate::{alone, proof, tell_stolen};

/// How many times as much as it can take.
const TIMES: f64 = 10.0;

/// Connections that bring it; enough for all that wait to be answered.
const CROWD: usize = 256;

/// Connections that keep the node busy without ever asking too much of it.
const FEW: usize = 4;

/// How long it may take to recover.
const RECOVERY: Duration = Duration::from_secs(5);

/// What an admitted event may leave in memory: its timeline, its decision, its identity.
const BYTES_PER_EVENT: u64 = 8 << 10;

/// What connections, queues and batches may take, however much is offered.
const BYTES_BESIDES: u64 = 64 << 20;

/// A node with a store whose plugin takes a good part of its request's time: a debug build has to be given more to
/// do, so that the plugin is what there is too little of, not the HTTP threads.
fn node(stored: &Stored) -> (Node, u64) {
    let node = stored.start();
    let turns = turns(&node, call());
    (node, turns)
}

fn call() -> Duration {
    match cfg!(debug_assertions) {
        true => Duration::from_millis(8),
        false => Duration::from_millis(2),
    }
}

fn stored() -> Stored {
    // Of the default's proportion to an honest call, but for the machine's other work.
    let deadline = format!("{}ms", 25 * call().as_millis());
    let config = Config::cards()
        .with("pipelines.cards.limits.deadline", deadline)
        .with("pipelines.cards.limits.call_time", "1s");
    Stored::of(&config)
}

/// As much as the node can do.
fn peak(node: &Node, round: String, turns: u64, time: Duration) -> Report {
    load(node, "cards", FEW, time).run(payments(round, turns), judge)
}

#[test]
fn ten_times_what_a_node_can_take_costs_it_no_more_than_a_fifth() {
    let _alone = alone();
    let mut proof = proof(
        "load",
        "ten_times_what_a_node_can_take_costs_it_no_more_than_a_fifth",
    );
    let stored = stored();
    let (node, turns) = node(&stored);
    let calm = Duration::from_secs(sized(2, 10));
    let flood = Duration::from_secs(sized(4, 60));
    let (mut peaks, mut floods, mut recoveries) = (Vec::new(), Vec::new(), Vec::new());
    let mut most = 0;
    let before = (process::memory(node.pid()), node.count("admitted"));
    let stolen = machine::stolen();
    for round in 0..sized(1, 3) {
        let sustained = peak(&node, format!("peak {round}"), turns, calm);
        let load = Load {
            rate: Some(TIMES * sustained.goodput()),
            ..load(&node, "cards", CROWD, flood)
        };
        let bodies = payments(format!("flood {round}"), turns);
        let (memory, flooded) = process::watching_memory(node.pid(), || load.run(bodies, judge));
        most = most.max(memory);
        let after = peak(&node, format!("after {round}"), turns, RECOVERY);
        recoveries.push(recovery(&after, sized(0.4, 0.8) * sustained.goodput()));
        tell(&sustained, &flooded);
        peaks.push(sustained);
        floods.push(flooded);
        proof.cases(1);
    }
    tell_stolen(&mut proof, stolen);
    let goodput = |reports: &[Report]| median(reports.iter().map(Report::goodput));
    let kept = goodput(&floods) / goodput(&peaks);
    proof.count("percent of the peak kept", (100.0 * kept) as u64);
    let recovered = recoveries.iter().max().copied().unwrap_or_default();
    println!("kept {kept:.2} of the peak; recovered within {recovered:?}");
    proof.count("ms until recovered", recovered.as_millis() as u64);
    let admitted = node.count("admitted") - before.1;
    let grown = most.saturating_sub(before.0);
    println!(
        "{admitted} events admitted; {} MiB more in memory, from {} MiB",
        grown >> 20,
        before.0 >> 20
    );
    proof.count("MiB more in memory", grown >> 20);

    for flooded in &floods {
        // Calls that were under way while the whole machine stood still for a moment: rare where it does little else.
        let late = flooded.count(Verdict::Good) / sized(20, 10_000);
        let (bad, broken) = (flooded.count(Verdict::Bad), flooded.count(Verdict::Broken));
        assert!(bad <= late && broken == 0, "{bad} bad, {broken} broken");
        assert!(
            flooded.count(Verdict::Shed) > flooded.count(Verdict::Good),
            "it was no flood"
        );
    }
    // A quick run measures for seconds, on a machine that may do something else in half of them. A node that works
    // at what nobody waits for any more keeps nothing at all.
    let least = sized(0.25, 0.8);
    assert!(kept >= least, "{kept:.2} of the peak, at least {least}");
    assert!(recovered < RECOVERY, "not itself again after {RECOVERY:?}");
    let bound = BYTES_BESIDES + BYTES_PER_EVENT * admitted;
    assert!(
        grown <= bound,
        "{grown} bytes more in memory, at most {bound}"
    );
}

/// When the node was itself again: the end of the first quarter of a second as good as this.
fn recovery(after: &Report, good: f64) -> Duration {
    let window = Duration::from_millis(250);
    let starts = (0..)
        .map(|at| at * window)
        .take_while(|start| *start + window <= RECOVERY);
    let mut well = starts.filter(|start| after.goodput_within(*start, *start + window) >= good);
    well.next().map_or(RECOVERY, |start| start + window)
}

fn tell(peak: &Report, flood: &Report) {
    let ms = |report: &Report, share| report.latency(share).as_secs_f64() * 1e3;
    println!(
        "peak {:.0}/s (p50 {:.1} ms, p99 {:.1} ms); offered {:.0}/s: good {:.0}/s (p50 {:.1} ms, p99 {:.1} ms), shed \
         {}, bad {}, broken {}, never sent {}",
        peak.goodput(),
        ms(peak, 0.5),
        ms(peak, 0.99),
        flood.offered(),
        flood.goodput(),
        ms(flood, 0.5),
        ms(flood, 0.99),
        flood.count(Verdict::Shed),
        flood.count(Verdict::Bad),
        flood.count(Verdict::Broken),
        flood.count(Verdict::Unsent),
    );
}
