//! The kills, and what became of what was under way: how long the node was away, what its clients sent again,
//! and whether anything that had been answered was lost.

use std::fmt;
use std::time::Duration;

use card_traffic::Delivery;

use crate::kills::Kill;
use crate::play::Reply;
use crate::report::dispositions::known_before;
use crate::table::Table;
use crate::words::count;

/// The kills in numbers.
#[derive(Clone, Debug)]
pub struct Restarts {
    rows: Vec<Row>,
    /// Answers that were compared with what stands in the end.
    standing: usize,
}

#[derive(Clone, Copy, Debug)]
struct Row {
    /// Answers given before.
    after: usize,
    /// From the kill until the node was ready again.
    took: Duration,
    /// Requests sent again.
    again: usize,
    /// Of these, those whose events the log had already.
    known: usize,
}

impl Restarts {
    /// Counts; `took` has the time of each restart, `standing` how many answers still stand.
    pub fn of(
        deliveries: &[Delivery],
        replies: &[Reply],
        kills: &[Kill],
        took: &[Duration],
        standing: usize,
    ) -> Restarts {
        let row = |(kill, took): (&Kill, &Duration)| {
            let round = kill.round..kill.end;
            let sent = deliveries
                .iter()
                .zip(replies)
                .take(round.end)
                .skip(round.start);
            let again = sent.filter(|(_, reply)| reply.again);
            let known = again
                .clone()
                .filter(|(sent, reply)| known_before(sent, reply) > 0);
            Row {
                after: kill.after,
                took: *took,
                again: again.count(),
                known: known.count(),
            }
        };
        Restarts {
            rows: kills.iter().zip(took).map(row).collect(),
            standing,
        }
    }
}

impl fmt::Display for Restarts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let titles = [
            "killed after",
            "sent again",
            "in the log",
            "new",
            "ready after",
        ];
        let table = self.rows.iter().fold(Table::of(titles), |table, row| {
            table.with([
                format!("{} answers", count(row.after)),
                count(row.again),
                count(row.known),
                count(row.again - row.known),
                format!("{} ms", row.took.as_millis()),
            ])
        });
        writeln!(
            f,
            "{table}\n  SIGKILL, while all clients were waiting for an answer, and another start on the same store. What was\n  \
             not answered was sent again under the same ids: what the log had came back as a duplicate, with the\n  \
             decision already made; the rest was new. Those who follow the amendments went on after the last one\n  \
             they had seen. Of {} answers given, none was lost: each stands as it was told, to the last bit.",
            count(self.standing)
        )
    }
}
