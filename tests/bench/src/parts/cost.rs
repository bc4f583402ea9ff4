//! What a decision costs: processor time by thread and by plugin, syncs and bytes, memory and disk per key, from one
//! node under a steady load. Gives a table; what it comes to a month is the reader's own (`docs/PERFORMANCE.md`).

use std::path::Path;

use foreshore_load::Verdict;

use super::Bench;
use crate::arms::foreshore::{Metrics, Setup};
use crate::report::{Section, Table};

const PART: &str = "cost";

/// Connections of the load.
const CONNECTIONS: usize = 64;

/// Measures what decisions cost.
pub fn run(bench: &mut Bench) -> anyhow::Result<Section> {
    let setup = Setup::new(&bench.root, &bench.folder, "cost")?;
    let mut node = setup.start(bench.cores.server)?;
    node.arm.remember(&bench.rows)?;
    node.arm
        .load(&bench.rows, CONNECTIONS, None, bench.plan.ceiling_time);
    for _ in 0..bench.plan.rounds {
        let (metrics, threads) = (node.metrics()?, node.arm.server.threads());
        let report = node
            .arm
            .load(&bench.rows, CONNECTIONS, None, bench.plan.ceiling_time);
        let (after, now) = (node.metrics()?, node.arm.server.threads());
        let answers = report.count(Verdict::Good) as f64;
        let mut note = |arm: &str, what, value| bench.figures.note(PART, arm, 0.0, what, value);
        for (thread, time) in now {
            let used = time - threads.get(&thread).copied().unwrap_or_default();
            note(
                &format!("thread `{thread}`"),
                "us per decision",
                used.as_secs_f64() * 1e6 / answers,
            );
        }
        let grown = |name: &str, label: &str| after.sum(name, label) - metrics.sum(name, label);
        for plugin in ["features.customer", "features.terminal", "models.logistic"] {
            let label = format!("plugin=\"{plugin}\"");
            let seconds = grown("foreshore_plugin_call_seconds_total", &label);
            note(
                &format!("calls of `{plugin}`"),
                "us per decision",
                seconds * 1e6 / answers,
            );
        }
        note(
            "log",
            "fsyncs per decision",
            grown("foreshore_store_fsyncs_total", "") / answers,
        );
        note(
            "log",
            "records per decision",
            grown("foreshore_store_committed_records_total", "") / answers,
        );
        note(
            "log",
            "bytes per decision",
            grown("foreshore_store_log_bytes", "") / answers,
        );
    }
    node.settled()?;
    let metrics = node.metrics()?;
    at_rest(bench, &metrics, &setup.store())?;
    let mut table = Table::new(["of", "what", "value"]);
    for figure in bench.figures.iter().filter(|figure| figure.part == PART) {
        table.row([
            figure.arm.clone(),
            figure.what.to_owned(),
            figure.spread().to_string(),
        ]);
    }
    Ok(Section::new("What a decision costs").saying(table))
}

/// What keys take when nothing happens.
fn at_rest(bench: &mut Bench, metrics: &Metrics, store: &Path) -> anyhow::Result<()> {
    let timelines = metrics.sum("foreshore_timelines", "");
    let mut note = |arm, what, value| bench.figures.note(PART, arm, 0.0, what, value);
    note("timelines", "in memory", timelines);
    note(
        "timelines",
        "bytes of each in memory",
        metrics.sum("foreshore_timeline_bytes", "") / timelines,
    );
    note("store", "bytes on the disk", super::bytes(store)? as f64);
    Ok(())
}
