//! Events that come late: score requests of which some are, how long they may be late, and a terminal that many share.
//! Each arm is a node of its own, all in turn. Gives their ceilings, and their latencies at one rate.

use foreshore_event::Span;
use foreshore_load::Verdict;

use super::Bench;
use crate::arms::foreshore::{Node, Setup};
use crate::figure::{Spread, mark};
use crate::plan::Plan;
use crate::report::{Section, Table};
use crate::rows::{Course, Rows};

const PART: &str = "late";
const ANSWERS: &str = "answers/s";
const P99: &str = "p99, us";

/// Connections of a load.
const CONNECTIONS: usize = 64;

/// Payments between one and the next of its terminal, of ten of which a late one is behind, in the mean.
const DISPLACED: f64 = 10.0;

/// Terminals of a world in which many customers share each.
const FEW_TERMINALS: usize = 10;

/// How late some of their payments come, in the mean.
const HOURS: Span = Span(2 * 3_600 * Span::SECOND.0);

/// A node with what it is sent.
struct Lane {
    node: Node,
    /// Whether its terminals are few.
    shares: bool,
}

/// Measures what lateness costs.
pub fn run(bench: &mut Bench) -> anyhow::Result<Section> {
    let shared = Rows::new(&Plan {
        terminals: FEW_TERMINALS,
        ..bench.plan.clone()
    })?;
    let mut lanes = lanes(bench, &shared)?;
    for _ in 0..bench.plan.rounds {
        for lane in &mut lanes {
            let rows = if lane.shares { &shared } else { &bench.rows };
            let report = lane
                .node
                .arm
                .load(rows, CONNECTIONS, None, bench.plan.ceiling_time);
            let arm = lane.node.arm.name.clone();
            bench
                .figures
                .note(PART, &arm, 0.0, ANSWERS, report.goodput());
        }
    }
    // One rate for all: what the slowest has no trouble with.
    let slowest = bench
        .figures
        .of(PART, ANSWERS)
        .map(|figure| figure.spread().median);
    let rate = slowest.fold(f64::INFINITY, f64::min) / 2.0;
    for _ in 0..bench.plan.rounds {
        for lane in &mut lanes {
            let rows = if lane.shares { &shared } else { &bench.rows };
            let time = bench.plan.latency_time;
            let report = lane.node.arm.load(rows, CONNECTIONS, Some(rate), time);
            let arm = lane.node.arm.name.clone();
            let mut note = |what, value| bench.figures.note(PART, &arm, 0.0, what, value);
            note("p50, us", report.latency(0.5).as_secs_f64() * 1e6);
            note(P99, report.latency(0.99).as_secs_f64() * 1e6);
            let bad = report.sent() - report.count(Verdict::Good);
            note("not good, %", 100.0 * bad as f64 / report.sent() as f64);
        }
    }
    for lane in &lanes {
        let metrics = lane.node.metrics()?;
        let (displacing, displaced) = (
            metrics.sum("foreshore_displacing_events_total", ""),
            metrics.sum("foreshore_displaced_events_total", ""),
        );
        let arm = &lane.node.arm.name;
        let mut note = |what, value| bench.figures.note(PART, arm, 0.0, what, value);
        note(
            "displaced events per late one",
            displaced / displacing.max(1.0),
        );
        note("amendments", metrics.sum("foreshore_amendments_total", ""));
    }
    Ok(section(bench, rate))
}

fn lanes(bench: &Bench, shared: &Rows) -> anyhow::Result<Vec<Lane>> {
    let behind = DISPLACED * bench.plan.terminals as f64;
    let in_order = Course::default();
    let late = |late, behind| Course {
        late,
        behind,
        ..in_order
    };
    let kinds = [
        ("in order, 24h", "24h", in_order, false),
        ("in order, 1h", "1h", in_order, false),
        ("in order, 1s", "1s", in_order, false),
        ("5 % late", "24h", late(0.05, behind), false),
        ("20 % late", "24h", late(0.2, behind), false),
        ("few terminals", "24h", in_order, true),
        (
            "few terminals, 1 % hours late",
            "24h",
            late(0.01, shared.within(HOURS)),
            true,
        ),
    ];
    let mut lanes = Vec::new();
    for (name, lateness, course, shares) in kinds {
        let setup = Setup::new(&bench.root, &bench.folder, name)?
            .pipeline("features.customer.lateness", lateness)
            .pipeline("features.terminal.lateness", lateness);
        let mut node = setup.start(bench.cores.server)?;
        node.arm.course = course;
        node.arm
            .remember(if shares { shared } else { &bench.rows })?;
        lanes.push(Lane { node, shares });
    }
    Ok(lanes)
}

fn section(bench: &Bench, rate: f64) -> Section {
    let columns = [
        ANSWERS,
        "p50, us",
        P99,
        "displaced events per late one",
        "amendments",
    ];
    let mut table = Table::new(["arm"].into_iter().chain(columns));
    for arm in bench.figures.arms(PART, ANSWERS) {
        let cell = |what| {
            let figure = bench.figures.find(PART, arm, 0.0, what);
            figure
                .map_or(Spread::of([]), |figure| figure.spread())
                .to_string()
        };
        table.row([arm.to_owned()].into_iter().chain(columns.map(cell)));
    }
    Section::new("Late events")
        .saying(format!(
            "Score requests over {CONNECTIONS} connections: as many as there can be, then {} a second for all. Late \
             ones are behind by {DISPLACED} payments of their terminal in the mean. Few terminals: {FEW_TERMINALS}, \
             shared by all customers; of the last, some payments come hours late.",
            mark(rate.round())
        ))
        .saying(table)
}
