//! What came of the proofs: their rows, the last word of each, as a table for readers and as lines for
//! programs. Must not know how a proof is run.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::thread::available_parallelism;
use std::time::Duration;

use anyhow::{Context, Result};
use foreshore_proof::Row;

/// What came of a run.
pub(crate) struct Table {
    /// The command that ran it.
    pub(crate) command: String,
    /// A row per proof.
    pub(crate) rows: Vec<Row>,
    /// How long all of it took.
    pub(crate) took: Duration,
}

/// The rows of a file of rows: of each proof the last, in the order they began.
pub(crate) fn rows_in(lines: &str) -> Result<Vec<Row>> {
    let mut rows: Vec<Row> = Vec::new();
    for line in lines.lines() {
        let row: Row = serde_json::from_str(line).with_context(|| format!("read row {line}"))?;
        let is_same = |had: &&mut Row| had.part == row.part && had.claim == row.claim;
        match rows.iter_mut().find(is_same) {
            Some(had) => *had = row,
            None => rows.push(row),
        }
    }
    Ok(rows)
}

impl Table {
    /// Writes the table, and its rows beside it.
    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        let lines: Result<Vec<String>, _> = self.rows.iter().map(serde_json::to_string).collect();
        fs::write(folder.join("rows.jsonl"), lines?.join("\n") + "\n")?;
        fs::write(folder.join("table.md"), self.markdown())?;
        Ok(())
    }

    /// The table, with the command that made it.
    pub(crate) fn markdown(&self) -> String {
        let mut text = String::new();
        let held = match self.failed().len() {
            0 => "everything held".to_owned(),
            failed => format!("{failed} did not hold"),
        };
        let cases = self.rows.iter().map(|row| row.cases).sum();
        let cores = available_parallelism().map_or(1, |cores| cores.get());
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "`{}` on {cores} cores: {} proofs, {} cases, in {}; {held}.\n\n\
             | part | claim | cases | counted | held | took |\n\
             | --- | --- | ---: | --- | --- | ---: |\n",
            self.command,
            self.rows.len(),
            grouped(cases),
            spoken(self.took.as_secs_f64())
        );
        for row in &self.rows {
            let counted = row.figures.iter();
            let counted = counted.map(|(what, count)| format!("{what}: {}", grouped(*count)));
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {} | {} |",
                row.part,
                row.claim,
                grouped(row.cases),
                Vec::from_iter(counted).join("; "),
                if row.held { "yes" } else { "**no**" },
                spoken(row.seconds)
            );
        }
        text
    }

    /// A sentence for every proof that did not hold, with the command that runs it alone.
    pub(crate) fn failed(&self) -> Vec<String> {
        let failed = self.rows.iter().filter(|row| !row.held);
        let sentence = |row: &Row| {
            let again = format!("cargo xtask prove --part {}", row.part);
            let only = row.claim.replace(' ', "_");
            let what = match (row.seed, row.seconds > 0.0) {
                (Some(seed), _) => format!("fell at seed {seed}"),
                (None, true) => "fell".to_owned(),
                (None, false) => "ended without a word".to_owned(),
            };
            let seed = row.seed.map(|seed| format!(" --seed {seed}"));
            let seed = seed.unwrap_or_default();
            format!("`{}` {what}; again: {again} --only {only}{seed}", row.claim)
        };
        failed.map(sentence).collect()
    }
}

/// A number with its thousands apart.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A time as one says it.
fn spoken(seconds: f64) -> String {
    match seconds {
        ..100.0 => format!("{seconds:.1} s"),
        _ => format!("{:.1} min", seconds / 60.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(claim: &str, held: bool) -> Row {
        Row {
            part: "order".into(),
            claim: claim.into(),
            cases: 12_345,
            held,
            seconds: if held { 61.25 } else { 0.0 },
            ..Row::default()
        }
    }

    fn table(rows: Vec<Row>) -> Table {
        Table {
            command: "cargo xtask prove".into(),
            rows,
            took: Duration::from_secs(180),
        }
    }

    #[test]
    fn the_last_row_of_a_proof_is_what_came_of_it() {
        let rows = [row("a b", false), row("c", false), row("a b", true)];
        let lines = rows.map(|row| serde_json::to_string(&row).unwrap() + "\n");
        assert_eq!(
            rows_in(&lines.concat()).unwrap(),
            [row("a b", true), row("c", false)]
        );
    }

    #[test]
    fn a_proof_that_left_no_last_row_has_not_held_and_says_how_to_run_it() {
        let failed = table(vec![row("a b", true), row("c d", false)]).failed();
        let expected =
            "`c d` ended without a word; again: cargo xtask prove --part order --only c_d";
        assert_eq!(failed, [expected]);
    }

    #[test]
    fn a_proof_that_fell_at_a_seed_is_run_again_with_it() {
        let fell = Row {
            seed: Some(7),
            seconds: 1.0,
            ..row("c d", false)
        };
        let failed = table(vec![fell]).failed();
        assert!(failed[0].ends_with("--only c_d --seed 7"), "{failed:?}");
    }

    #[test]
    fn the_table_counts_all_cases_and_says_what_held() {
        let mut held = row("a b", true);
        held.figures.insert("power cuts".into(), 1_234_567);
        let text = table(vec![held, row("c", false)]).markdown();
        assert!(
            text.contains("2 proofs, 24,690 cases, in 3.0 min; 1 did not hold."),
            "{text}"
        );
        assert!(
            text.contains("| order | a b | 12,345 | power cuts: 1,234,567 | yes | 61.2 s |"),
            "{text}"
        );
    }
}
