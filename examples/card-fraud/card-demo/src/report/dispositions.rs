//! Every event and what became of it: as the generator foresaw it, as the node answered, and as the node's
//! own metrics count it.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::ensure;
use card_traffic::Delivery;

use crate::metrics::Metrics;
use crate::play::Reply;
use crate::table::Table;
use crate::wire::Disposition;
use crate::words::count;

/// The three counts of each disposition.
#[derive(Clone, Debug)]
pub struct Dispositions(Vec<(Disposition, [usize; 3])>);

impl Dispositions {
    /// Counts, and holds every reply to what was foreseen for its delivery.
    ///
    /// # Errors
    /// When an event met another fate than foreseen, or was counted otherwise than answered.
    pub fn of(
        deliveries: &[Delivery],
        replies: &[Reply],
        metrics: &Metrics,
    ) -> anyhow::Result<Dispositions> {
        let mut totals: BTreeMap<Disposition, [usize; 3]> =
            Disposition::ALL.map(|fate| (fate, [0; 3])).into();
        for (delivery, reply) in deliveries.iter().zip(replies) {
            let (foreseen, answered) = (foreseen(delivery), reply.dispositions());
            ensure!(
                foreseen == answered,
                "found {answered:?}, expected {foreseen:?}, for what arrived at {}:\n{}",
                delivery.arrival,
                delivery.body()
            );
            for (column, counts) in [foreseen, answered].iter().enumerate() {
                for (fate, count) in counts {
                    totals.entry(*fate).or_default()[column] += count;
                }
            }
        }
        for (fate, counts) in &mut totals {
            let label = format!("disposition=\"{}\"", fate.name());
            counts[2] = metrics.sum("foreshore_events_total", &label) as usize;
            let [foreseen, answered, counted] = *counts;
            ensure!(
                foreseen == answered && answered == counted,
                "{}: foreseen {foreseen}, answered {answered}, counted {counted}; expected the same",
                fate.name()
            );
        }
        Ok(Dispositions(totals.into_iter().collect()))
    }
}

fn foreseen(delivery: &Delivery) -> BTreeMap<Disposition, usize> {
    let mut counts = BTreeMap::new();
    for sent in &delivery.events {
        *counts.entry(sent.disposition.into()).or_default() += 1;
    }
    counts
}

/// Why an event meets this fate.
fn meaning(fate: Disposition) -> &'static str {
    match fate {
        Disposition::Admitted => "taken into its timelines",
        Disposition::Duplicate => "sent before, the same",
        Disposition::Conflict => "sent before, with another amount",
        Disposition::Late => "more than a day behind its timelines",
        Disposition::Future => "from a clock a year ahead",
        Disposition::Invalid => "damaged on the way",
        Disposition::Shed => "turned away under load",
    }
}

impl fmt::Display for Dispositions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let titles = [
            "disposition",
            "foreseen",
            "answered",
            "in /metrics",
            "meaning",
        ];
        let mut sums = [0; 3];
        let mut table = Table::of(titles).with_remarks();
        for (fate, counts) in &self.0 {
            for (sum, count) in sums.iter_mut().zip(counts) {
                *sum += count;
            }
            let [foreseen, answered, counted] = counts.map(count);
            let row = [
                fate.name().into(),
                foreseen,
                answered,
                counted,
                meaning(*fate).into(),
            ];
            table = table.with(row);
        }
        let [foreseen, answered, counted] = sums.map(count);
        table
            .with([
                "together".into(),
                foreseen,
                answered,
                counted,
                String::new(),
            ])
            .fmt(f)
    }
}
