//! Rows and columns, as markdown.

use std::fmt;

use crate::figure::{Figures, mark};

/// A table.
pub struct Table {
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these columns; the first names its rows.
    pub fn new<S: Into<String>>(columns: impl IntoIterator<Item = S>) -> Table {
        Table {
            columns: columns.into_iter().map(Into::into).collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row.
    pub fn row<S: Into<String>>(&mut self, cells: impl IntoIterator<Item = S>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| {} |", self.columns.join(" | "))?;
        let rules = self.columns.iter().skip(1).map(|_| " ---: |");
        writeln!(f, "| --- |{}", rules.collect::<String>())?;
        for row in &self.rows {
            writeln!(f, "| {} |", row.join(" | "))?;
        }
        Ok(())
    }
}

/// A figure of a part: a row for each place it was measured at, a column for each arm.
pub fn by_arm(figures: &Figures, part: &str, what: &str, places: &str) -> Table {
    let arms = figures.arms(part, what);
    let mut table = Table::new([places].into_iter().chain(arms.iter().copied()));
    for at in figures.places(part, what) {
        let cell = |arm: &&str| {
            let figure = figures.find(part, arm, at, what);
            figure.map_or_else(|| "-".to_owned(), |figure| figure.spread().to_string())
        };
        let cells = arms.iter().map(cell);
        table.row([mark(at)].into_iter().chain(cells));
    }
    table
}
