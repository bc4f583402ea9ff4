//! What is on the disk when all is over, what it took to get there, and that it is sound. Takes the node's last
//! numbers and what the commands found; must not know how anything is stored.

use std::fmt;

use card_traffic::Delivery;

use crate::kills::Kill;
use crate::metrics::Metrics;
use crate::store::Checked;
use crate::table::Table;
use crate::words::count;

/// What is kept, in numbers.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Events in the log.
    events: usize,
    /// Of what can be made again from the log.
    cold_bytes: usize,
    /// Events sent since the node was last started, and how often the disk was asked for them.
    since: usize,
    syncs: usize,
    checked: Checked,
    /// What a replay of the log said.
    replayed: String,
}

impl Kept {
    /// Counts: by the node's numbers before it stopped, and what was found afterwards.
    pub fn of(
        deliveries: &[Delivery],
        kills: &[Kill],
        metrics: &Metrics,
        checked: Checked,
        replayed: String,
    ) -> Kept {
        let logged = ["admitted", "conflict", "late", "future"];
        let events = logged.map(|fate| {
            let label = format!("disposition=\"{fate}\"");
            metrics.sum("foreshore_events_total", &label)
        });
        let last = kills.last().map_or(0, |kill| kill.after);
        let since = deliveries.iter().skip(last);
        Kept {
            events: events.iter().sum::<f64>() as usize,
            cold_bytes: metrics.sum("foreshore_store_cold_bytes", "") as usize,
            since: since.map(|delivery| delivery.events.len()).sum(),
            syncs: metrics.sum("foreshore_store_fsyncs_total", "") as usize,
            checked,
            replayed,
        }
    }
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Checked {
            records,
            bytes,
            timelines,
        } = self.checked;
        let megabytes = |bytes: usize| format!("{:.1} MB", bytes as f64 / 1e6);
        let titles = ["on the disk", "in all", "an event", "what it is"];
        let table = Table::of(titles)
            .with_remarks()
            .with([
                "log".into(),
                megabytes(bytes),
                format!("{} bytes", bytes / self.events.max(1)),
                "events, decisions, all that they saw".into(),
            ])
            .with([
                "timelines".into(),
                megabytes(self.cold_bytes),
                String::new(),
                "with a journal of bounded size; lost, they are made again from the log".into(),
            ]);
        writeln!(
            f,
            "{table}\n  1,000 events asked the disk for {} syncs: what arrives while one is under way shares the next.\n  \
             `foreshore store check` read {} records and {timelines} timelines: nothing is damaged.\n  \
             `foreshore replay --from-log` made every decision again:\n  {}.",
            self.syncs * 1_000 / self.since.max(1),
            count(records),
            self.replayed
        )
    }
}
