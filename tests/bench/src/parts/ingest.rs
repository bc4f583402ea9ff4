//! Events nobody waits for: NDJSON to the product, in requests of one event to a thousand, in order and late. Each
//! load is a number of events, until all of them are folded. Gives events a second.

use std::time::Instant;

use super::Bench;
use crate::arms::foreshore::Setup;
use crate::report::{Plot, Scale, Section, by_arm};
use crate::rows::Course;

const PART: &str = "ingest";
const EVENTS: &str = "events/s";

/// Most requests of a load: as many small ones as it takes to see what they cost.
const REQUESTS_MAX: u64 = 20_000;

/// Mean displacement of late events, in payments of all timelines: ten of a terminal's, at so many terminals.
const DISPLACED: f64 = 10.0;

/// Measures ingestion.
pub fn run(bench: &mut Bench) -> anyhow::Result<Section> {
    let setup = |name: &str| Setup::new(&bench.root, &bench.folder, name);
    let terminals = bench.plan.terminals as f64;
    let late = |late| Course {
        late,
        behind: DISPLACED * terminals,
        ..Course::default()
    };
    let os = setup("ingest, os")?.with("store.durability", "os");
    let mut nodes = Vec::new();
    for (name, setup, course) in [
        ("in order", setup("ingest")?, late(0.0)),
        ("in order, os", os, late(0.0)),
        ("5 % late", setup("ingest, 5 late")?, late(0.05)),
        ("20 % late", setup("ingest, 20 late")?, late(0.2)),
    ] {
        let mut node = setup.start(bench.cores.server)?;
        node.arm.course = course;
        nodes.push((name, node));
    }
    for &batch in bench.plan.batches {
        let events = bench.plan.ingested.min(REQUESTS_MAX * batch);
        for _ in 0..bench.plan.rounds {
            for (name, node) in &mut nodes {
                let sending = node.arm.ingest(&bench.rows, events, batch)?;
                let folding = Instant::now();
                node.settled()?;
                let took = (sending + folding.elapsed()).as_secs_f64();
                bench
                    .figures
                    .note(PART, name, batch as f64, EVENTS, events as f64 / took);
            }
        }
    }
    let table = by_arm(&bench.figures, PART, EVENTS, "events in a request");
    let plot = Plot::by_arm(
        &bench.figures,
        PART,
        EVENTS,
        "events in a request",
        Scale::Powers,
    );
    Ok(Section::new("Ingestion over HTTP")
        .saying(format!(
            "Payments that get a decision, over a few connections, two timelines an event, until the last is folded. \
             Late ones are displaced by {DISPLACED} payments of their terminal in the mean."
        ))
        .saying(table)
        .showing("ingest", plot))
}
