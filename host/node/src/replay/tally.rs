//! What a replay came to, for people: events by disposition, rows, speed, and the first of the lines that
//! were no events.

use std::fmt;
use std::time::Duration;

use foreshore_core::{Counts, Disposition};

use crate::replay::decode::Fault;

/// Lines told one by one; the others are only counted.
const FAULTS_MAX: usize = 20;

/// What a replay came to.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// What became of the events.
    pub counts: Counts,
    /// Rows written.
    pub rows: u64,
    /// The first lines that were no events.
    pub faults: Vec<Fault>,
    /// How long it took.
    pub took: Duration,
}

impl Tally {
    /// Counts lines that were no events.
    pub fn add_faults(&mut self, faults: Vec<Fault>) {
        faults
            .iter()
            .for_each(|_| self.counts.add(Disposition::Invalid));
        let room = FAULTS_MAX.saturating_sub(self.faults.len());
        self.faults.extend(faults.into_iter().take(room));
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for fault in &self.faults {
            writeln!(f, "invalid: {fault}")?;
        }
        let invalid = self.counts.of(Disposition::Invalid);
        let untold = invalid - self.faults.len() as u64;
        if untold > 0 {
            writeln!(f, "invalid: {untold} lines more")?;
        }
        let (received, seconds) = (self.counts.received(), self.took.as_secs_f64());
        write!(f, "{received} events, {} rows in {seconds:.2} s", self.rows)?;
        if seconds > 0.0 {
            write!(f, " ({:.0} events/s)", received as f64 / seconds)?;
        }
        for disposition in Disposition::ALL {
            let count = self.counts.of(disposition);
            if count > 0 {
                write!(f, ", {} {count}", disposition.name())?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_faults_are_told_and_all_are_counted() {
        let mut tally = Tally {
            rows: 7,
            took: Duration::from_secs(2),
            ..Tally::default()
        };
        (0..8).for_each(|_| tally.counts.add(Disposition::Admitted));
        let fault = |line| Fault {
            line,
            reason: "time: missing".into(),
        };
        tally.add_faults((1..=22).map(fault).collect());
        let text = tally.to_string();
        assert!(
            text.starts_with("invalid: line 1: time: missing\n"),
            "{text}"
        );
        assert!(
            text.contains("invalid: line 20: time: missing\ninvalid: 2 lines more\n"),
            "{text}"
        );
        let last = "30 events, 7 rows in 2.00 s (15 events/s), admitted 8, invalid 22";
        assert!(text.ends_with(last), "{text}");
    }
}
