//! What a trace showed of a plugin: how it was folded or scored, how large and how fast, and what is
//! wrong with it.

use std::fmt;

use serde::Serialize;

use crate::check::finding::Findings;
use crate::check::timing::Timing;

/// What a trace showed.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// Lines of the trace.
    pub rows: usize,
    /// Timelines they make; none for a model.
    pub timelines: Option<usize>,
    /// Bytes of the largest state; none for a model.
    pub state_bytes_max: Option<usize>,
    /// Bytes of the state after the last event; none for a model.
    pub state_bytes_last: Option<usize>,
    /// How long calls took.
    #[serde(flatten)]
    pub timing: Timing,
    /// What is wrong.
    pub findings: Findings,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.timelines {
            Some(timelines) => {
                writeln!(f, "  trace    {} events, {timelines} timelines", self.rows)?
            }
            None => writeln!(f, "  trace    {} rows", self.rows)?,
        }
        if let (Some(most), Some(last)) = (self.state_bytes_max, self.state_bytes_last) {
            writeln!(
                f,
                "  bytes    {most} of state at most, {last} after the last event"
            )?;
        }
        let Timing {
            row_ns,
            largest_rows,
            largest_ns,
        } = self.timing;
        let micros = |nanoseconds: u64| nanoseconds as f64 / 1e3;
        writeln!(
            f,
            "  time     {:.1} us a row (median, warm), {largest_rows} rows at once in {:.1} us",
            micros(row_ns),
            micros(largest_ns)
        )?;
        match (self.findings.count, self.timelines) {
            (0, Some(_)) => writeln!(
                f,
                "  good     as expected, and the same bytes after every rollback, in batches and on fresh instances"
            ),
            (0, None) => {
                writeln!(
                    f,
                    "  good     as expected, and the same bits in any order, in batches and on fresh instances"
                )
            }
            _ => write!(f, "{}", self.findings),
        }
    }
}
