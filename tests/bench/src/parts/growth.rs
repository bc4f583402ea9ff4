//! What grows with what: keys, displacement of late events, size of a state, plugins, pipelines, processors. Every
//! point is a node of its own that is measured and gone before the next one starts. Gives curves of throughput,
//! latency and memory.

use foreshore_event::Span;
use foreshore_load::Verdict;

use super::Bench;
use crate::arms::foreshore::{Node, Setup};
use crate::report::{Plot, Scale, Section, by_arm};
use crate::rows::Course;

const PART: &str = "growth";
const ANSWERS: &str = "answers/s";
const P99: &str = "p99, us";
const MEMORY: &str = "memory, MiB";
const DISK: &str = "disk, MiB";

/// Connections of a load: few, so that latency is not the queue's.
const CONNECTIONS: usize = 4;

/// Connections of a load that is to keep two processors busy.
const MANY_CONNECTIONS: usize = 64;

/// Customers whose states grow: enough to be asked in turn.
const HOARDERS: u64 = 20;

/// How late a payment may come in the example, nearly: a little of it is left over.
const LATENESS: Span = Span(23 * 3_600 * Span::SECOND.0);

/// Events that a terminal may have within lateness: more than a day's, were they all one terminal's.
const FORESHORE_MAX: i64 = 100_000;

/// Events in a request of what is put in before.
const BATCH: u64 = 1_000;

/// Measures what grows.
pub fn run(bench: &mut Bench) -> anyhow::Result<Section> {
    for measure in [keys, displacement, states, plugins, pipelines, processors] {
        measure(bench)?;
    }
    let mut section = Section::new("Growth").saying(format!(
        "Score requests over {CONNECTIONS} connections, as fast as they come back; memory and disk after them. Keys: \
         customers, of whom always the one pays who has not for longest. Displacement: of one payment in twenty, in \
         payments of its terminal. State: of a third plugin that keeps all of a customer's payments, by how many there were \
         before, 16 bytes each. Plugins: of one pipeline. Pipelines: of one node, of which one is asked. Processors: of a node \
         over {MANY_CONNECTIONS} connections; the second is the client's, too."
    ));
    for what in [ANSWERS, P99, MEMORY, DISK] {
        let table = by_arm(&bench.figures, PART, what, "at");
        section = section.saying(format!("### {what}")).saying(table);
    }
    let plot = Plot::by_arm(&bench.figures, PART, P99, "at", Scale::Powers);
    Ok(section.showing("growth", plot))
}

/// Customers, each with a timeline, who pay in turn: the one who pays has not paid for longest.
fn keys(bench: &mut Bench) -> anyhow::Result<()> {
    for &keys in bench.plan.keys {
        let course = bench.rows.crowd(keys);
        let setup = Setup::new(&bench.root, &bench.folder, "keys")?;
        point(bench, "keys", keys as f64, &setup, course, keys)?;
    }
    Ok(())
}

/// One payment in twenty late, by so many of its terminal in the mean. The more that are, the fewer terminals: a late
/// one is by twice as many at most, and a day's payments are as many as can be within lateness.
fn displacement(bench: &mut Bench) -> anyhow::Result<()> {
    let day = bench.rows.within(LATENESS) as u64;
    for &events in bench.plan.displacements {
        let terminals = (day / (2 * events)).clamp(1, bench.plan.terminals as u64);
        let course = Course {
            late: 0.05,
            behind: (events * terminals) as f64,
            terminals,
            ..Course::default()
        };
        let setup = Setup::new(&bench.root, &bench.folder, "displacement")?
            .pipeline("features.terminal.foreshore_max", FORESHORE_MAX);
        let before = 2 * events * terminals;
        point(bench, "displacement", events as f64, &setup, course, before)?;
    }
    Ok(())
}

/// A third plugin whose state has so many payments of each of a few customers.
fn states(bench: &mut Bench) -> anyhow::Result<()> {
    for &payments in bench.plan.states {
        let setup = Setup::new(&bench.root, &bench.folder, "state")?
            .copied("features.customer", "features.hoarder")
            .plugin("features.hoarder", "hoarder")
            .pipeline("limits.state", "1MiB");
        let course = Course {
            customers: HOARDERS,
            ..Course::default()
        };
        let before = payments * HOARDERS;
        point(bench, "state", payments as f64, &setup, course, before)?;
    }
    Ok(())
}

/// The customers' plugin under so many names more.
fn plugins(bench: &mut Bench) -> anyhow::Result<()> {
    // The example has two.
    for &plugins in bench
        .plan
        .multiples
        .iter()
        .filter(|multiple| **multiple >= 2)
    {
        let mut setup = Setup::new(&bench.root, &bench.folder, "plugins")?;
        for nth in 2..plugins {
            setup = setup.copied("features.customer", &format!("features.again{nth}"));
        }
        point(
            bench,
            "plugins",
            plugins as f64,
            &setup,
            Course::default(),
            0,
        )?;
    }
    Ok(())
}

/// The same pipeline under so many names, of which one is asked.
fn pipelines(bench: &mut Bench) -> anyhow::Result<()> {
    for &pipelines in bench
        .plan
        .multiples
        .iter()
        .filter(|multiple| **multiple <= 4)
    {
        let mut setup = Setup::new(&bench.root, &bench.folder, "pipelines")?;
        for nth in 1..pipelines {
            setup = setup.beside(&format!("again{nth}"));
        }
        point(
            bench,
            "pipelines",
            pipelines as f64,
            &setup,
            Course::default(),
            0,
        )?;
    }
    Ok(())
}

/// A node on one processor, and on both that there are.
fn processors(bench: &mut Bench) -> anyhow::Result<()> {
    let both = [bench.cores.server, bench.cores.client];
    for count in 1..=bench.cores.count() {
        let setup = Setup::new(&bench.root, &bench.folder, "processors")?;
        let mut node = setup.start_on(&both[..count])?;
        let at = count as f64;
        measure(bench, "processors", at, &setup, &mut node, MANY_CONNECTIONS)?;
    }
    Ok(())
}

/// Measures one node, with so many events put in before.
fn point(
    bench: &mut Bench,
    curve: &str,
    at: f64,
    setup: &Setup,
    course: Course,
    before: u64,
) -> anyhow::Result<()> {
    let mut node = setup.start(bench.cores.server)?;
    node.arm.course = course;
    if before > 0 {
        node.arm.ingest(&bench.rows, before, BATCH.min(before))?;
        node.settled()?;
    }
    measure(bench, curve, at, setup, &mut node, CONNECTIONS)
}

/// Measures a node that is there.
fn measure(
    bench: &mut Bench,
    curve: &str,
    at: f64,
    setup: &Setup,
    node: &mut Node,
    connections: usize,
) -> anyhow::Result<()> {
    for _ in 0..bench.plan.rounds {
        let report = node
            .arm
            .load(&bench.rows, connections, None, bench.plan.ceiling_time);
        let mut note = |what, value| bench.figures.note(PART, curve, at, what, value);
        note(ANSWERS, report.goodput());
        note(P99, report.latency(0.99).as_secs_f64() * 1e6);
        note(
            "not good",
            (report.sent() - report.count(Verdict::Good)) as f64,
        );
    }
    let mebibytes = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    let (memory, disk) = (node.arm.server.memory(), super::bytes(&setup.store())?);
    bench
        .figures
        .note(PART, curve, at, MEMORY, mebibytes(memory));
    bench.figures.note(PART, curve, at, DISK, mebibytes(disk));
    Ok(())
}
