//! Minutes at half of the ceiling: what checkpoints, changes of segments and the node's own housekeeping do to the
//! slowest answers. One durable node, one schedule. Gives the tail, and how it came along.

use std::time::Duration;

use anyhow::ensure;
use foreshore_load::{Histogram, Verdict};

use super::Bench;
use crate::arms::foreshore::Setup;
use crate::figure::mark;
use crate::report::{Plot, Scale, Section, by_arm};

const PART: &str = "long";

/// Connections of the load.
const CONNECTIONS: usize = 64;

/// The time is looked at in so many portions.
const PORTIONS: u32 = 20;

/// Measures the tail of a long load.
pub fn run(bench: &mut Bench) -> anyhow::Result<Section> {
    let setup = Setup::new(&bench.root, &bench.folder, "long")?;
    let mut node = setup.start(bench.cores.server)?;
    node.arm.remember(&bench.rows)?;
    let most = (0..bench.plan.rounds).map(|_| {
        let report = node
            .arm
            .load(&bench.rows, CONNECTIONS, None, bench.plan.ceiling_time);
        report.goodput()
    });
    let rate = most.fold(0.0, f64::max) / 2.0;
    let portion = bench.plan.long_time / PORTIONS;
    let mut all = Histogram::<u64>::new(3)?;
    for number in 1..=PORTIONS {
        let report = node.arm.load(&bench.rows, CONNECTIONS, Some(rate), portion);
        let at = (number * portion).as_secs_f64();
        let mut note = |arm, value| bench.figures.note(PART, arm, at, "us", value);
        for (share, name) in [(0.5, "p50"), (0.99, "p99"), (0.999, "p99.9"), (1.0, "max")] {
            note(name, report.latency(share).as_secs_f64() * 1e6);
        }
        let bad = report.sent() - report.count(Verdict::Good);
        ensure!(bad == 0, "{bad} answers were not good");
        all.add(report.latencies())?;
    }
    let ms = |share| Duration::from_nanos(all.value_at_quantile(share)).as_secs_f64() * 1e3;
    Ok(Section::new("A long time at half of the ceiling")
        .saying(format!(
            "{} requests a second for {} s: p99 {:.2} ms, p99.9 {:.2} ms, the slowest {:.2} ms. By seconds since it \
             began, in microseconds:",
            mark(rate.round()),
            bench.plan.long_time.as_secs(),
            ms(0.99),
            ms(0.999),
            ms(1.0),
        ))
        .saying(by_arm(&bench.figures, PART, "us", "s"))
        .showing("long", Plot::by_arm(&bench.figures, PART, "us", "s", Scale::Powers)))
}
