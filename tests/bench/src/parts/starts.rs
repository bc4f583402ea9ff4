//! From a start to a first answer: with plugins compiled anew and from the cache, and after a kill with many
//! timelines to be found again. Gives times, and what memory they left.

use std::fs;
use std::time::Instant;

use anyhow::Context as _;

use super::Bench;
use crate::arms::foreshore::{Node, Setup};
use crate::figure::mark;
use crate::report::{Section, Table};
use crate::rows::Course;

const PART: &str = "starts";
const READY: &str = "ready, ms";
const FIRST: &str = "first score, ms";

/// Timelines in one request, each of an event of its own.
const BATCH: u64 = 1_000;

/// Measures starts.
pub fn run(bench: &mut Bench) -> anyhow::Result<Section> {
    for _ in 0..bench.plan.rounds {
        let compiled = bench.folder.join("compiled");
        drop(fs::remove_dir_all(&compiled));
        let compiled = compiled.display().to_string();
        for name in ["plugins compiled", "plugins cached"] {
            let setup = Setup::new(&bench.root, &bench.folder, name)?
                .with("store.compiled", compiled.clone());
            start(bench, &setup, name, 0, Course::default())?;
        }
    }
    let timelines = killed(bench)?;
    let columns = [READY, FIRST, "memory, MiB"];
    let mut table = Table::new(["start"].into_iter().chain(columns));
    for arm in bench.figures.arms(PART, READY) {
        let cell = |what| {
            let figure = bench.figures.find(PART, arm, 0.0, what);
            figure.map_or_else(|| "-".to_owned(), |figure| figure.spread().to_string())
        };
        table.row([arm.to_owned()].into_iter().chain(columns.map(cell)));
    }
    Ok(Section::new("Starts")
        .saying(format!(
            "From the start of the process until it is ready, and until the answer to the first score request. The \
             node that was killed had some {} timelines.",
            mark(timelines)
        ))
        .saying(table))
}

/// Starts a node that knows so many payments of a course, and asks for the score of the next.
fn start(
    bench: &mut Bench,
    setup: &Setup,
    name: &str,
    known: u64,
    course: Course,
) -> anyhow::Result<Node> {
    let started = Instant::now();
    let mut node = setup.start(bench.cores.server)?;
    (node.arm.sent, node.arm.course) = (known, course);
    let ready = node.took.as_secs_f64() * 1e3;
    node.arm
        .score(&bench.rows)
        .with_context(|| format!("score: {name}"))?;
    let first = started.elapsed().as_secs_f64() * 1e3;
    let memory = node.arm.server.memory() as f64 / f64::from(1 << 20);
    for (what, value) in [(READY, ready), (FIRST, first), ("memory, MiB", memory)] {
        bench.figures.note(PART, name, 0.0, what, value);
    }
    Ok(node)
}

/// Kills a node with many timelines, over and over; gives how many it had.
fn killed(bench: &mut Bench) -> anyhow::Result<f64> {
    let setup = Setup::new(&bench.root, &bench.folder, "killed")?;
    let mut node = setup.start(bench.cores.server)?;
    // Every payment has a customer of its own.
    let customers = bench.plan.restarted_timelines;
    node.arm.course = bench.rows.crowd(customers);
    node.arm.ingest(&bench.rows, customers, BATCH)?;
    node.settled()?;
    let (known, course) = (node.arm.sent, node.arm.course);
    node.arm.server.kill()?;
    for round in 0..bench.plan.rounds as u64 {
        start(bench, &setup, "after SIGKILL", known + round, course)?
            .arm
            .server
            .kill()?;
    }
    Ok((course.customers + course.terminals) as f64)
}
