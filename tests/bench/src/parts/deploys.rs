//! Deploys of another model while requests come by a schedule. Gives how long each took, and what the requests felt of
//! it: none may be dropped.

use std::thread;
use std::time::Duration;

use foreshore_load::Verdict;

use super::Bench;
use crate::arms::foreshore::Setup;
use crate::report::{Section, Table};

const PART: &str = "deploys";
const NAME: &str = "another model";

/// Requests a second while it is deployed, and connections they come on: a load that the node is well able to bear.
const RATE: f64 = 500.0;
const CONNECTIONS: usize = 8;

/// Deploys in one load.
const DEPLOYS: usize = 4;

/// Measures deploys.
pub fn run(bench: &mut Bench) -> anyhow::Result<Section> {
    let setup = Setup::new(&bench.root, &bench.folder, "deploys")?;
    let mut node = setup.start(bench.cores.server)?;
    node.arm.remember(&bench.rows)?;
    let pause = bench.plan.ceiling_time;
    for _ in 0..bench.plan.rounds {
        let admin = node.admin;
        let (report, took) = thread::scope(|scope| {
            let deploys = scope.spawn(|| {
                let mut took = Vec::new();
                for nth in 0..DEPLOYS {
                    thread::sleep(pause);
                    // The last one is the example's own again.
                    let model = ["forest-model", "fraud-model"][nth % 2];
                    let changed = setup.clone().plugin("models.logistic", model);
                    took.push(changed.deploy(admin)?);
                }
                anyhow::Ok(took)
            });
            let time = pause * (2 * DEPLOYS as u32);
            let report = node.arm.load(&bench.rows, CONNECTIONS, Some(RATE), time);
            (report, deploys.join())
        });
        let took = took.map_err(|_| anyhow::anyhow!("a deploy panicked"))??;
        let longest = took.into_iter().max().unwrap_or_default();
        let dropped = report.sent() - report.count(Verdict::Good);
        for (what, value) in [
            ("longest deploy, ms", millis(longest)),
            ("requests", report.sent() as f64),
            ("dropped", dropped as f64),
            ("p50, ms", millis(report.latency(0.5))),
            ("longest wait, ms", millis(report.latency(1.0))),
        ] {
            bench.figures.note(PART, NAME, 0.0, what, value);
        }
    }
    let mut table = Table::new(["", "median (least to most)"]);
    for figure in bench.figures.iter().filter(|figure| figure.part == PART) {
        table.row([figure.what.to_owned(), figure.spread().to_string()]);
    }
    Ok(Section::new("Deploys")
        .saying(format!(
            "{DEPLOYS} deploys in a load of {RATE} requests a second, each of another model: 200 trees, the logistic one. A \
             deploy is as long as it is until the new pipeline answers; its component is compiled once, then cached."
        ))
        .saying(table))
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
