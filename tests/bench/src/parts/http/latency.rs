//! Latency at half of the ceiling: requests by a fixed schedule, counted from when they were due. The floor is asked
//! as often as the product, and the disk is asked for what every durable answer waits for.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::time::Instant;

use anyhow::Context as _;
use foreshore_load::{Histogram, Verdict};

use super::{Arms, Bench, FLOOR, FORESHORE, ceiling};
use crate::figure::mark;
use crate::report::{Section, Table};

const PART: &str = "latency";

/// Connections that the schedule has to spread over.
const CONNECTIONS: usize = 64;

/// Which shares of the answers are told of.
const SHARES: [(&str, f64); 5] = [
    ("p50, us", 0.5),
    ("p90, us", 0.9),
    ("p99, us", 0.99),
    ("p99.9, us", 0.999),
    ("max, us", 1.0),
];

/// Writes of one look at the disk, and bytes of each: about a batch of the log.
const WRITES: u64 = 500;
const WRITE_BYTES: usize = 4 << 10;

/// Measures latencies.
pub(super) fn measure(
    bench: &mut Bench,
    arms: &mut Arms,
    section: Section,
) -> anyhow::Result<Section> {
    let half = |arm: &str| ceiling::best(&bench.figures, arm).map_or(0.0, |best| best.1 / 2.0);
    let names: Vec<String> = arms.all().map(|arm| arm.name.clone()).collect();
    let rates: Vec<f64> = names
        .iter()
        .map(|name| half(if name == FLOOR { FORESHORE } else { name }))
        .collect();
    for _ in 0..bench.plan.rounds {
        note_disk(bench)?;
        for (arm, rate) in arms.all().zip(&rates) {
            let time = bench.plan.latency_time;
            let report = arm.load(&bench.rows, CONNECTIONS, Some(*rate), time);
            let mut note = |what, value| bench.figures.note(PART, &arm.name, 0.5, what, value);
            for (what, share) in SHARES {
                note(what, report.latency(share).as_secs_f64() * 1e6);
            }
            note("requests/s", *rate);
            let good = report.count(Verdict::Good) as f64;
            note("not good, %", 100.0 * (1.0 - good / report.sent() as f64));
        }
    }
    let mut table = Table::new(
        ["arm", "requests/s"]
            .into_iter()
            .chain(SHARES.map(|share| share.0)),
    );
    for name in ["disk"].into_iter().chain(names.iter().map(String::as_str)) {
        let cell = |what| {
            let figure = bench.figures.find(PART, name, 0.5, what);
            figure.map_or_else(|| "-".to_owned(), |figure| figure.spread().to_string())
        };
        let rate = bench.figures.find(PART, name, 0.5, "requests/s");
        let rate = rate.map_or_else(|| "-".to_owned(), |rate| mark(rate.spread().median.round()));
        let shares = SHARES.map(|(what, _)| cell(what));
        table.row([name.to_owned(), rate].into_iter().chain(shares));
    }
    Ok(section
        .saying("### At half of it")
        .saying(format!(
            "Requests by a schedule over {CONNECTIONS} connections, at half of each arm's own ceiling; the floor is \
             asked as often as foreshore. Disk: one write of {WRITE_BYTES} bytes and one `fdatasync`, from the same \
             processor."
        ))
        .saying(table))
}

/// How long the disk takes for what a commit asks of it.
fn note_disk(bench: &mut Bench) -> anyhow::Result<()> {
    let path = bench.folder.join("disk");
    let file = File::create(&path).with_context(|| format!("create {}", path.display()))?;
    let content = vec![7; WRITE_BYTES];
    // What is preallocated, as a segment of the log is, costs a sync no change of the file's length.
    file.write_all_at(&vec![0; WRITE_BYTES * WRITES as usize], 0)?;
    file.sync_all()?;
    let mut times = Histogram::<u64>::new(3)?;
    for write in 0..WRITES {
        let started = Instant::now();
        file.write_all_at(&content, write * WRITE_BYTES as u64)?;
        file.sync_data()?;
        times.record(started.elapsed().as_nanos() as u64)?;
    }
    for (what, share) in SHARES {
        let micros = times.value_at_quantile(share) as f64 / 1e3;
        bench.figures.note(PART, "disk", 0.5, what, micros);
    }
    Ok(())
}
