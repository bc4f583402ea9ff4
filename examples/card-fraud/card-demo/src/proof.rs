//! The proof: every final decision against `foreshore replay` of the sorted archive. Takes what the node
//! settled and the rows of the replay; gives how much of it is the same, to the bit.

use std::collections::HashMap;

use anyhow::{Context as _, ensure};

use crate::finals::Settled;
use crate::wire::Revision;

/// Columns that say which event a row is about.
const IDENTITY: [&str; 3] = ["source", "id", "time"];

/// Differences told in full; one is enough to fail.
const DIFFERENCES_MAX: usize = 10;

/// What was compared, and what differs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Proof {
    /// Decisions compared.
    pub decisions: usize,
    /// Decisions with the same score, outcome and numbers that the model saw.
    pub equal: usize,
    /// Cells compared: scores, outcomes, numbers.
    pub cells: usize,
    /// The first differences, one line each.
    pub differences: Vec<String>,
}

impl Proof {
    /// Compares every settled decision with its row of the replay's CSV.
    ///
    /// # Errors
    /// When the text is no replay's, or does not hold exactly one row per decision.
    pub fn of(settled: &[Settled], csv: &str) -> anyhow::Result<Proof> {
        let mut lines = csv
            .lines()
            .map(|line| line.split(',').collect::<Vec<&str>>());
        let header = lines.next().unwrap_or_default();
        let place = |name| header.iter().position(|column| *column == name);
        let source = place("source").context("the replay has no column `source`")?;
        let id = place("id").context("the replay has no column `id`")?;
        let rows: HashMap<(&str, &str), Vec<&str>> = lines
            .filter_map(|row| Some(((*row.get(source)?, *row.get(id)?), row)))
            .collect();
        ensure!(
            rows.len() == settled.len(),
            "the replay has {} rows, expected {}, one per final decision",
            rows.len(),
            settled.len()
        );
        let mut proof = Proof::default();
        for settled in settled {
            let attempt = &settled.attempt;
            let row = rows.get(&(attempt.source.as_str(), attempt.id.as_str()));
            let row = row.with_context(|| {
                format!(
                    "the replay has no row about {} of {}",
                    attempt.id, attempt.source
                )
            })?;
            proof.compare(settled, header.iter().copied().zip(row.iter().copied()));
        }
        Ok(proof)
    }

    /// Whether nothing differs.
    pub fn holds(&self) -> bool {
        self.equal == self.decisions
    }

    fn compare<'a>(&mut self, settled: &Settled, row: impl Iterator<Item = (&'a str, &'a str)>) {
        let cells: Vec<(&str, &str)> = row.filter(|(name, _)| !IDENTITY.contains(name)).collect();
        let says = &settled.last;
        let mut differ: Vec<String> = cells
            .iter()
            .filter(|(name, cell)| !is_same(says, name, cell))
            .map(|(name, cell)| {
                format!(
                    "{}: {name} is {cell:?} in the replay",
                    settled.decision.decision
                )
            })
            .collect();
        // All numbers of the vector, and the score and the outcome besides.
        if cells.len() != says.features.len() + 2 {
            differ.push(format!("{}: other numbers", settled.decision.decision));
        }
        self.decisions += 1;
        self.equal += usize::from(differ.is_empty());
        self.cells += cells.len();
        let room = DIFFERENCES_MAX.saturating_sub(self.differences.len());
        self.differences.extend(differ.into_iter().take(room));
    }
}

/// Whether a revision says what stands in a cell of this column.
fn is_same(says: &Revision, name: &str, cell: &str) -> bool {
    let number = match name {
        "outcome" => return says.verdict.outcome.to_string() == cell,
        "score" => says.verdict.score,
        feature => match says.features.get(feature) {
            Some(number) => *number,
            None => return false,
        },
    };
    match (number, cell) {
        (None, "") => true,
        (Some(number), cell) => {
            (cell.parse()).is_ok_and(|cell: f64| cell.to_bits() == number.to_bits())
        }
        (None, _) => false,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use card_traffic::{Kind, Settings, Traffic};
    use serde_json::json;

    use super::*;

    fn settled(score: f64) -> Settled {
        let traffic = Traffic::generate(&Settings::small());
        let mut sorted = traffic.sorted().into_iter();
        let attempt = sorted.find(|event| event.kind == Kind::Attempted).unwrap();
        let last = json!({
            "revision": 1, "score": score, "outcome": "review", "reasons": [],
            "features": {"event.amount": 12.5, "customer.mean_30d": null}
        });
        let decision = json!({
            "decision": "d1", "finality": "final", "published": null, "revisions": [last.clone()]
        });
        Settled {
            attempt: Arc::new(attempt.clone()),
            decision: serde_json::from_value(decision).unwrap(),
            last: serde_json::from_value(last).unwrap(),
        }
    }

    fn csv(settled: &Settled, cells: &str) -> String {
        let (source, id) = (&settled.attempt.source, &settled.attempt.id);
        format!(
            "source,id,time,event.amount,customer.mean_30d,score,outcome\n{source},{id},T,{cells}\n"
        )
    }

    #[test]
    fn a_decision_equals_its_row_to_the_bit() {
        let score = 0.1 + 0.2;
        let settled = settled(score);
        let proof = |cells: &str| {
            let csv = csv(&settled, cells);
            Proof::of(std::slice::from_ref(&settled), &csv).unwrap()
        };
        let same = proof(&format!("12.5,,{score},review"));
        assert!(same.holds());
        assert_eq!((same.decisions, same.equal, same.cells), (1, 1, 4));
        for (cells, column) in [
            ("12.5,,0.3,review", "score"),
            ("12.5,,,review", "score"),
            ("12.5,0,0.30000000000000004,review", "customer.mean_30d"),
            ("12.5,,0.30000000000000004,approve", "outcome"),
        ] {
            let other = proof(cells);
            assert!(!other.holds());
            assert!(
                other.differences[0].starts_with(&format!("d1: {column} is")),
                "{other:?}"
            );
        }
    }

    #[test]
    fn a_replay_of_something_else_is_refused() {
        let settled = settled(0.5);
        let refused = |csv: &str| {
            let proof = Proof::of(std::slice::from_ref(&settled), csv);
            proof.unwrap_err().to_string()
        };
        assert_eq!(refused("a,b\n"), "the replay has no column `source`");
        assert!(refused("source,id\n").starts_with("the replay has 0 rows, expected 1"));
        assert!(refused("source,id\nt,1\n").starts_with("the replay has no row about"));
    }
}
