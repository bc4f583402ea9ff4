//! What durability costs at several loads: the example's pipeline, scored over so many connections at once, with
//! `durability = "fsync"` and `"os"` in turn. Prints a table. Run: `cargo bench -p foreshore-tests --bench durability`.

#![allow(
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints its table and has nobody to report a failure to"
)]

/// What the tests stand on.
#[path = "../src"]
mod tests {
    #[allow(dead_code, unused_imports, reason = "this uses a part of it")]
    pub mod harness;
}

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use foreshore_event::Time;
use foreshore_load::{Answer, Load, Report, Verdict};

use tests::harness::stored::Stored;
use tests::harness::{Config, Node, attempted};

/// Connections at once, each with one request at a time.
const LOADS: [usize; 4] = [1, 4, 16, 64];

/// Rounds, of which the median is shown.
const ROUNDS: usize = 5;

/// How long each of them takes.
const TIME: Duration = Duration::from_secs(4);

/// Customers and terminals.
const CUSTOMERS: u64 = 5_000;
const TERMINALS: u64 = 500;

/// What one load came to.
#[derive(Clone, Copy)]
struct Figures {
    answers: f64,
    p50: f64,
    p99: f64,
    syncs: f64,
}

fn main() {
    println!("| connections | durability | scores/s | p50 ms | p99 ms | syncs per 1,000 events |");
    println!("| ---: | --- | ---: | ---: | ---: | ---: |");
    let kinds = ["fsync", "os"].map(|durability| {
        let config = Config::card_fraud().with("store.durability", durability);
        let stored = Stored::of(&config);
        let node = stored.start();
        (durability, stored, node)
    });
    for connections in LOADS {
        let mut figures = [Vec::new(), Vec::new()];
        for round in 0..ROUNDS {
            for ((durability, _, node), figures) in kinds.iter().zip(&mut figures) {
                let round = format!("{durability}-{connections}-{round}");
                figures.push(measure(node, connections, &round));
            }
        }
        for ((durability, ..), figures) in kinds.iter().zip(&figures) {
            let median = |of: fn(&Figures) -> f64| {
                let mut values: Vec<f64> = figures.iter().map(of).collect();
                values.sort_by(f64::total_cmp);
                values[values.len() / 2]
            };
            println!(
                "| {connections} | `\"{durability}\"` | {:.0} | {:.2} | {:.2} | {:.0} |",
                median(|figures| figures.answers),
                median(|figures| figures.p50),
                median(|figures| figures.p99),
                median(|figures| figures.syncs)
            );
        }
    }
}

/// One load on a node.
fn measure(node: &Node, connections: usize, round: &str) -> Figures {
    let load = Load {
        address: node.data.strip_prefix("http://").unwrap().parse().unwrap(),
        path: "/v1/pipelines/card-fraud/score".to_owned(),
        media: "application/json",
        connections,
        rate: None,
        time: TIME,
        requests: None,
    };
    let counters = || {
        let syncs = node.metric("foreshore_store_fsyncs_total", "");
        (syncs, node.count("admitted") as f64)
    };
    let before = counters();
    let report = load.run(|number| payment(round, number), judge);
    let after = counters();
    figures(&report, after.0 - before.0, after.1 - before.1)
}

fn figures(report: &Report, syncs: f64, events: f64) -> Figures {
    let ms = |share| report.latency(share).as_secs_f64() * 1e3;
    Figures {
        answers: report.goodput(),
        p50: ms(0.5),
        p99: ms(0.99),
        syncs: 1e3 * syncs / events,
    }
}

/// A payment that is attempted now.
fn payment(round: &str, number: u64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let spread = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20;
    attempted(&format!("{round}-{number}"))
        .with("time", Time(now.as_micros() as i64).to_string())
        .with_data("customer", format!("c{}", spread % CUSTOMERS))
        .with_data("terminal", format!("t{}", spread / CUSTOMERS % TERMINALS))
        .to_string()
}

fn judge(answer: &Answer) -> Verdict {
    match answer.status {
        200 => Verdict::Good,
        503 => Verdict::Shed,
        _ => Verdict::Bad,
    }
}
