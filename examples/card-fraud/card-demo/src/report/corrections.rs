//! What late events changed: how many answers got another score, how many of these changes were told, and
//! whether those who were told believe what is final.

use std::fmt;

use anyhow::ensure;

use crate::finals::Settled;
use crate::metrics::Metrics;
use crate::table::Table;
use crate::told::Told;
use crate::wire::{Amendment, Outcome};
use crate::words::{count, share};

/// The corrections in numbers.
#[derive(Clone, Debug)]
pub struct Corrections {
    /// Events that took a place below others of a timeline.
    displacing: usize,
    /// Events folded again for it.
    displaced: usize,
    /// Payments answered at once.
    answered: usize,
    /// Of these, those that have another score by now.
    rescored: usize,
    /// Amendments, by the outcome before (row) and after.
    amendments: [[usize; 3]; 3],
}

impl Corrections {
    /// Counts, and holds what was told to what is final.
    ///
    /// # Errors
    /// When somebody was left believing in an outcome that is not the final one.
    pub fn of(
        settled: &[Settled],
        told: &Told<'_>,
        amendments: &[Amendment],
        metrics: &Metrics,
    ) -> anyhow::Result<Corrections> {
        let (mut answered, mut rescored) = (0, 0);
        for settled in settled {
            let Some(word) = told.about(&settled.attempt) else {
                continue;
            };
            let verdict = settled.last.verdict;
            ensure!(
                word.outcome == verdict.outcome,
                "decision {} came to be {}, but its asker was left with {}",
                word.decision,
                verdict.outcome,
                word.outcome
            );
            answered += 1;
            rescored += usize::from(word.first.said.verdict.score != verdict.score);
        }
        let changed = |old, new| {
            let of = |amendment: &&Amendment| {
                (amendment.old.outcome, amendment.new.outcome) == (old, new)
            };
            amendments.iter().filter(of).count()
        };
        Ok(Corrections {
            displacing: metrics.sum("foreshore_displacing_events_total", "") as usize,
            displaced: metrics.sum("foreshore_displaced_events_total", "") as usize,
            answered,
            rescored,
            amendments: Outcome::ALL.map(|old| Outcome::ALL.map(|new| changed(old, new))),
        })
    }
}

impl fmt::Display for Corrections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Corrections {
            displacing,
            displaced,
            answered,
            rescored,
            amendments,
        } = *self;
        let told = amendments.iter().flatten().sum();
        writeln!(
            f,
            "  Since the last start an event took its place before others of a timeline {} times, and {} were folded\n  \
             again after it. {} of {} answers ({}) have another score by now. Where that changed the\n  \
             outcome, an amendment was sent: {}.\n",
            count(displacing),
            count(displaced),
            count(rescored),
            count(answered),
            share(rescored, answered),
            count(told),
        )?;
        let [approve, review, decline] = Outcome::ALL.map(|outcome| format!("now {outcome}"));
        let titles = [
            "amendments",
            approve.as_str(),
            review.as_str(),
            decline.as_str(),
        ];
        let rows = Outcome::ALL.into_iter().zip(amendments);
        let table = rows.fold(Table::of(titles), |table, (outcome, after)| {
            let [approve, review, decline] = after.map(count);
            table.with([format!("was {outcome}"), approve, review, decline])
        });
        writeln!(
            f,
            "{table}\n  First answers and amendments together are the final outcomes: {} of {}.",
            count(answered),
            count(answered)
        )
    }
}
