//! What was answered at once, and how fast: the first answers by outcome, and how long the score requests
//! took, as their clients saw it.

use std::fmt;
use std::time::Duration;

use crate::play::{Played, Reply};
use crate::table::Table;
use crate::told::Told;
use crate::wire::Outcome;
use crate::words::{count, share};

/// Percentiles shown, in thousandths.
const SHOWN: [(&str, usize); 4] = [("p50", 500), ("p90", 900), ("p99", 990), ("p99.9", 999)];

/// The first answers.
#[derive(Clone, Debug)]
pub struct Answers {
    outcomes: [usize; 3],
    /// Sorted.
    times: Vec<Duration>,
    requests: usize,
    took: Duration,
}

impl Answers {
    /// Collects them.
    pub fn of(played: &Played, told: &Told<'_>) -> Answers {
        let first = |outcome| {
            let words = told.words();
            words
                .filter(|word| word.first.said.verdict.outcome == outcome)
                .count()
        };
        let mut times: Vec<Duration> = played
            .replies
            .iter()
            .filter_map(Reply::score_took)
            .collect();
        times.sort();
        Answers {
            outcomes: Outcome::ALL.map(first),
            times,
            requests: played.replies.len(),
            took: played.took,
        }
    }

    /// The time within which so many thousandths of the requests were answered.
    fn within(&self, thousandths: usize) -> Duration {
        let rank = (self.times.len() * thousandths).div_ceil(1_000);
        self.times
            .get(rank.saturating_sub(1))
            .copied()
            .unwrap_or_default()
    }
}

impl fmt::Display for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let asked = self.outcomes.iter().sum();
        let rows = Outcome::ALL.into_iter().zip(self.outcomes);
        let outcomes = rows.fold(
            Table::of(["outcome", "payments", "share"]),
            |table, (outcome, of)| table.with([outcome.to_string(), count(of), share(of, asked)]),
        );
        let latencies = SHOWN.map(|(_, thousandths)| milliseconds(self.within(thousandths)));
        let [p50, p90, p99, p999] = latencies;
        let worst = milliseconds(self.within(1_000));
        let titles = ["score requests", "p50", "p90", "p99", "p99.9", "longest"];
        let row = [count(self.times.len()), p50, p90, p99, p999, worst];
        let seconds = self.took.as_secs_f64();
        writeln!(f, "{outcomes}\n{}", Table::of(titles).with(row))?;
        writeln!(
            f,
            "  All {} requests took {seconds:.1} s over four connections: weeks in seconds, every answer durable\n  \
             before it left, with the generator's client and the node on the same machine. The longest waited\n  \
             for a node that was being started.",
            count(self.requests)
        )
    }
}

fn milliseconds(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1_000.0)
}
