//! The frauds, and who was looked at: by kind, at once and in the end. Looked at is what is not approved.

use std::collections::BTreeMap;
use std::fmt;

use card_traffic::Fraud;

use crate::finals::Settled;
use crate::table::Table;
use crate::told::Told;
use crate::wire::Outcome;
use crate::words::{count, share};

/// Payments by what they truly were.
#[derive(Clone, Debug)]
pub struct Frauds(BTreeMap<Option<Fraud>, Seen>);

/// How many payments of a kind were looked at.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    payments: usize,
    /// Of all of them, in the end.
    looked_at: usize,
    /// Those whose terminal asked at once.
    asked: usize,
    /// Of these, at once.
    looked_at_once: usize,
}

impl Frauds {
    /// Counts, given what every payment truly was.
    pub fn of(
        settled: &[Settled],
        told: &Told<'_>,
        truth: &BTreeMap<String, Option<Fraud>>,
    ) -> Frauds {
        let mut kinds: BTreeMap<Option<Fraud>, Seen> = BTreeMap::new();
        for settled in settled {
            let kind = truth.get(&settled.attempt.data.payment).copied().flatten();
            let seen = kinds.entry(kind).or_default();
            seen.payments += 1;
            seen.looked_at += usize::from(is_looked_at(settled.last.verdict.outcome));
            if let Some(word) = told.about(&settled.attempt) {
                seen.asked += 1;
                seen.looked_at_once += usize::from(is_looked_at(word.first.said.verdict.outcome));
            }
        }
        Frauds(kinds)
    }

    /// The kinds of fraud together.
    fn all(&self) -> Seen {
        let frauds = self.0.iter().filter(|(kind, _)| kind.is_some());
        frauds.fold(Seen::default(), |all, (_, seen)| Seen {
            payments: all.payments + seen.payments,
            looked_at: all.looked_at + seen.looked_at,
            asked: all.asked + seen.asked,
            looked_at_once: all.looked_at_once + seen.looked_at_once,
        })
    }
}

fn is_looked_at(outcome: Outcome) -> bool {
    outcome != Outcome::Approve
}

impl Seen {
    fn row(self, name: &str) -> [String; 6] {
        [
            name.to_owned(),
            count(self.asked),
            share(self.looked_at_once, self.asked),
            count(self.payments),
            count(self.looked_at),
            share(self.looked_at, self.payments),
        ]
    }
}

impl fmt::Display for Frauds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let titles = [
            "payments",
            "asked at once",
            "stopped",
            "all",
            "stopped in the end",
            "share",
        ];
        let mut table = Table::of(titles);
        for kind in Fraud::ALL {
            let seen = self.0.get(&Some(kind)).copied().unwrap_or_default();
            table = table.with(seen.row(kind.name()));
        }
        let honest = self.0.get(&None).copied().unwrap_or_default();
        table
            .with(self.all().row("all frauds"))
            .with(honest.row("honest"))
            .fmt(f)
    }
}
