//! Every event and what became of it: as the generator foresaw it, as the node answered, and as the node's
//! own metrics count it.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::ensure;
use card_traffic::Delivery;

use crate::kills::Kill;
use crate::metrics::Metrics;
use crate::play::Reply;
use crate::table::Table;
use crate::wire::Disposition;
use crate::words::count;

/// The counts of each disposition.
#[derive(Clone, Debug)]
pub struct Dispositions {
    rows: Vec<(Disposition, Counts)>,
    /// Events that came back as duplicates because the log had them before they could be answered.
    known: usize,
    kills: usize,
}

/// Events of one disposition.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    foreseen: usize,
    answered: usize,
    /// By the node that runs, of all in the log or of those that it met itself.
    counted: usize,
}

impl Dispositions {
    /// Counts, and holds every reply to what was foreseen for its delivery.
    ///
    /// # Errors
    /// When an event met another fate than foreseen, or was counted otherwise than answered.
    pub fn of(
        deliveries: &[Delivery],
        replies: &[Reply],
        kills: &[Kill],
        metrics: &Metrics,
    ) -> anyhow::Result<Dispositions> {
        let mut rows: BTreeMap<Disposition, Counts> = Disposition::ALL
            .map(|fate| (fate, Counts::default()))
            .into();
        let (mut met, mut known) = (BTreeMap::new(), 0);
        // In the round of a kill nothing but new events is foreseen: what else came there came afterwards.
        let since = kills.last().map_or(0, |kill| kill.round);
        for (at, (delivery, reply)) in deliveries.iter().zip(replies).enumerate() {
            let (foreseen, answered) = (foreseen(delivery), first_met(delivery, reply));
            ensure!(
                foreseen == answered,
                "found {answered:?}, expected {foreseen:?}, for what arrived at {}:\n{}",
                delivery.arrival,
                delivery.body()
            );
            foreseen
                .iter()
                .for_each(|(fate, count)| rows.entry(*fate).or_default().foreseen += count);
            answered
                .iter()
                .for_each(|(fate, count)| rows.entry(*fate).or_default().answered += count);
            known += known_before(delivery, reply);
            if at >= since {
                add(&mut met, reply.dispositions());
            }
        }
        for (fate, counts) in &mut rows {
            let label = format!("disposition=\"{}\"", fate.name());
            counts.counted = metrics.sum("foreshore_events_total", &label) as usize;
            let expected = match is_logged(*fate) {
                true => counts.answered,
                false => met.get(fate).copied().unwrap_or(0),
            };
            ensure!(
                counts.counted == expected,
                "{}: counted {}, expected {expected} by the answers",
                fate.name(),
                counts.counted
            );
        }
        Ok(Dispositions {
            rows: rows.into_iter().collect(),
            known,
            kills: kills.len(),
        })
    }
}

fn foreseen(delivery: &Delivery) -> BTreeMap<Disposition, usize> {
    let mut counts = BTreeMap::new();
    let fates = delivery
        .events
        .iter()
        .map(|sent| (sent.disposition.into(), 1));
    add(&mut counts, fates);
    counts
}

/// What the events of a delivery met when the node first had them: one that had been admitted before its
/// answer was lost is a duplicate when it is sent again.
fn first_met(delivery: &Delivery, reply: &Reply) -> BTreeMap<Disposition, usize> {
    let (mut met, known) = (reply.dispositions(), known_before(delivery, reply));
    if known > 0 {
        add(&mut met, [(Disposition::Admitted, known)]);
        met.entry(Disposition::Duplicate)
            .and_modify(|count| *count -= known);
        met.retain(|_, count| *count > 0);
    }
    met
}

/// How many events of a request sent again the node had already, beyond those sent as duplicates.
pub fn known_before(delivery: &Delivery, reply: &Reply) -> usize {
    let duplicates = |counts: BTreeMap<Disposition, usize>| {
        counts.get(&Disposition::Duplicate).copied().unwrap_or(0)
    };
    match reply.again {
        true => duplicates(reply.dispositions()).saturating_sub(duplicates(foreseen(delivery))),
        false => 0,
    }
}

fn add(
    counts: &mut BTreeMap<Disposition, usize>,
    more: impl IntoIterator<Item = (Disposition, usize)>,
) {
    for (fate, count) in more {
        *counts.entry(fate).or_default() += count;
    }
}

/// Whether the log has it, so that its count goes on after a restart.
fn is_logged(fate: Disposition) -> bool {
    match fate {
        Disposition::Admitted | Disposition::Conflict | Disposition::Late | Disposition::Future => {
            true
        }
        Disposition::Duplicate | Disposition::Invalid | Disposition::Shed => false,
    }
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
        let (mut foreseen, mut answered) = (0, 0);
        let mut table = Table::of(titles).with_remarks();
        for (fate, counts) in &self.rows {
            foreseen += counts.foreseen;
            answered += counts.answered;
            let mark = if is_logged(*fate) { ' ' } else { '*' };
            table = table.with([
                fate.name().into(),
                count(counts.foreseen),
                count(counts.answered),
                format!("{}{mark}", count(counts.counted)),
                meaning(*fate).into(),
            ]);
        }
        let none = String::new;
        let together = [
            "together".into(),
            count(foreseen),
            count(answered),
            none(),
            none(),
        ];
        writeln!(f, "{}", table.with(together))?;
        writeln!(
            f,
            "  * What leaves no trace in the log is counted since the process began, which was killed {} times:\n  \
             as many as its clients were answered since, {} of them events sent again that the log had already.",
            self.kills, self.known
        )
    }
}
