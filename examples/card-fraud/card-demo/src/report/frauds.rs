//! The frauds, and how many of them were caught: by kind, at once and after the amendments. Caught is what
//! was not approved.

use std::collections::BTreeMap;
use std::fmt;

use card_traffic::Fraud;

use crate::finals::Settled;
use crate::table::Table;
use crate::told::Told;
use crate::wire::Outcome;
use crate::words::{count, share};

/// Payments that were answered at once, by what they truly were.
#[derive(Clone, Debug)]
pub struct Frauds(BTreeMap<Option<Fraud>, Caught>);

/// How many payments of a kind were caught.
#[derive(Clone, Copy, Debug, Default)]
struct Caught {
    payments: usize,
    at_once: usize,
    in_the_end: usize,
}

impl Frauds {
    /// Counts, given what every payment truly was.
    pub fn of(
        settled: &[Settled],
        told: &Told<'_>,
        truth: &BTreeMap<String, Option<Fraud>>,
    ) -> Frauds {
        let mut kinds: BTreeMap<Option<Fraud>, Caught> = BTreeMap::new();
        for settled in settled {
            let Some(word) = told.about(&settled.attempt) else {
                continue;
            };
            let kind = truth.get(&settled.attempt.data.payment).copied().flatten();
            let caught = kinds.entry(kind).or_default();
            caught.payments += 1;
            caught.at_once += usize::from(is_caught(word.first.said.verdict.outcome));
            caught.in_the_end += usize::from(is_caught(settled.last.verdict.outcome));
        }
        Frauds(kinds)
    }

    fn of_kind(&self, kind: Option<Fraud>) -> Caught {
        self.0.get(&kind).copied().unwrap_or_default()
    }
}

fn is_caught(outcome: Outcome) -> bool {
    outcome != Outcome::Approve
}

impl Caught {
    fn and(self, other: Caught) -> Caught {
        Caught {
            payments: self.payments + other.payments,
            at_once: self.at_once + other.at_once,
            in_the_end: self.in_the_end + other.in_the_end,
        }
    }

    fn row(self, name: &str) -> [String; 6] {
        [
            name.to_owned(),
            count(self.payments),
            count(self.at_once),
            share(self.at_once, self.payments),
            count(self.in_the_end),
            share(self.in_the_end, self.payments),
        ]
    }
}

impl fmt::Display for Frauds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let titles = [
            "in truth",
            "answered",
            "caught at once",
            "share",
            "after amendments",
            "share",
        ];
        let kinds = Fraud::ALL.map(|kind| (kind.name(), self.of_kind(Some(kind))));
        let frauds = kinds
            .iter()
            .fold(Caught::default(), |sum, (_, caught)| sum.and(*caught));
        let table = kinds
            .iter()
            .fold(Table::of(titles), |table, (name, caught)| {
                table.with(caught.row(name))
            });
        let honest = self.of_kind(None);
        table
            .with(frauds.row("all frauds"))
            .with(honest.row("honest"))
            .fmt(f)
    }
}
