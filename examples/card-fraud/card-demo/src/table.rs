//! Rows of words and numbers in aligned columns. Takes cells; gives lines; must not know what
//! they say.

use std::fmt;

/// Space between columns.
const GAP: usize = 3;

/// A table: the first column to the left, the others to the right.
#[derive(Clone, Debug, Default)]
pub struct Table {
    rows: Vec<Vec<String>>,
    remarks: bool,
}

impl Table {
    /// A table with these column titles.
    pub fn of<const COLUMNS: usize>(titles: [&str; COLUMNS]) -> Table {
        Table {
            rows: vec![titles.map(str::to_owned).to_vec()],
            remarks: false,
        }
    }

    /// The table with a last column of remarks, to the left.
    #[must_use]
    pub fn with_remarks(self) -> Table {
        Table {
            remarks: true,
            ..self
        }
    }

    /// The table with one more row.
    #[must_use]
    pub fn with<const COLUMNS: usize>(mut self, cells: [String; COLUMNS]) -> Table {
        self.rows.push(cells.to_vec());
        self
    }

    fn width(&self, column: usize) -> usize {
        let lengths = self.rows.iter().filter_map(|row| row.get(column));
        lengths.map(|cell| cell.chars().count()).max().unwrap_or(0)
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, row) in self.rows.iter().enumerate() {
            let mut line = String::from("  ");
            for (column, cell) in row.iter().enumerate() {
                let width = self.width(column);
                let is_remark = self.remarks && column + 1 == row.len();
                line += &match column {
                    0 => format!("{cell:<width$}"),
                    _ if is_remark => format!("{:GAP$}{cell:<width$}", ""),
                    _ => format!("{cell:>width$}", width = width + GAP),
                };
            }
            writeln!(f, "{}", line.trim_end())?;
            if number == 0 {
                writeln!(f, "  {}", "-".repeat(line.chars().count() - 2))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_under_their_titles() {
        let table = Table::of(["kind", "payments", "share"])
            .with(["stolen card", "1,234", "12.5 %"].map(String::from))
            .with(["none", "7", "-"].map(String::from));
        assert_eq!(
            table.to_string(),
            "  kind          payments    share\n  \
             -------------------------------\n  \
             stolen card      1,234   12.5 %\n  \
             none                 7        -\n"
        );
    }
}
