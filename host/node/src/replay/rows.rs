//! Decisions to rows: which event, every number its models saw, what they said. Numbers are written in the
//! shortest form that reads back to the same bits, so that two replays can be compared as files.

use std::fmt::Write as _;
use std::io::{self, Write};

use foreshore_core::{Decision, Pipeline, Revision};

use crate::replay::format::Format;

/// Writes rows.
pub struct Rows<W: Write> {
    out: W,
    format: Format,
    columns: Vec<String>,
    /// The row being written.
    row: String,
}

/// What stands in one place of a row.
enum Cell<'a> {
    Text(&'a str),
    /// A number; NaN and none are missing.
    Number(Option<f64>),
}

impl<W: Write> Rows<W> {
    /// Starts with the header, where the format has one.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn start(out: W, format: Format, pipeline: &Pipeline) -> io::Result<Rows<W>> {
        let columns = columns(pipeline);
        let mut rows = Rows {
            out,
            format,
            columns,
            row: String::new(),
        };
        if format == Format::Csv {
            let header: Vec<String> = rows.columns.clone();
            rows.csv(header.iter().map(|name| Cell::Text(name)));
            rows.out.write_all(rows.row.as_bytes())?;
        }
        Ok(rows)
    }

    /// Writes what a decision last said; one that said nothing has no row.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&mut self, decision: &Decision) -> io::Result<()> {
        let Some(says) = decision.current() else {
            return Ok(());
        };
        let time = decision.event.time().to_string();
        let cells = cells(decision, says, &time);
        self.row.clear();
        match self.format {
            Format::Csv => self.csv(cells),
            Format::Ndjson => self.json(cells)?,
        }
        self.out.write_all(self.row.as_bytes())
    }

    /// What was written to.
    pub fn into_inner(self) -> W {
        self.out
    }

    fn csv<'a>(&mut self, cells: impl Iterator<Item = Cell<'a>>) {
        for (at, cell) in cells.enumerate() {
            if at > 0 {
                self.row.push(',');
            }
            match cell {
                Cell::Text(text) if text.contains([',', '"', '\n', '\r']) => {
                    self.row.push('"');
                    self.row.push_str(&text.replace('"', "\"\""));
                    self.row.push('"');
                }
                Cell::Text(text) => self.row.push_str(text),
                Cell::Number(number) => self.number(number, ""),
            }
        }
        self.row.push('\n');
    }

    fn json<'a>(&mut self, cells: impl Iterator<Item = Cell<'a>>) -> io::Result<()> {
        for (at, cell) in cells.enumerate() {
            self.row.push(if at == 0 { '{' } else { ',' });
            self.row += &serde_json::to_string(&self.columns[at])?;
            self.row.push(':');
            match cell {
                Cell::Text(text) => self.row += &serde_json::to_string(text)?,
                Cell::Number(number) => self.number(number, "null"),
            }
        }
        self.row.push_str("}\n");
        Ok(())
    }

    fn number(&mut self, number: Option<f64>, missing: &str) {
        match number {
            // Unlike `{}`, `{:?}` writes 1e300 as it stands here. Writing to a string cannot fail.
            Some(number) if number.is_finite() => drop(write!(self.row, "{number:?}")),
            _ => self.row.push_str(missing),
        }
    }
}

fn columns(pipeline: &Pipeline) -> Vec<String> {
    let names =
        |names: &[&str]| -> Vec<String> { names.iter().map(|&name| name.to_owned()).collect() };
    let mut columns = names(&["source", "id", "time"]);
    columns.extend(pipeline.layout.names().iter().cloned());
    columns.extend(names(&["score", "outcome"]));
    // The first model's score is the one that decides.
    let recorded = pipeline.models.iter().skip(1);
    columns.extend(recorded.map(|model| format!("model.{}", model.name)));
    columns
}

/// A row's cells, in the order of the columns.
fn cells<'a>(
    decision: &'a Decision,
    says: &'a Revision,
    time: &'a str,
) -> impl Iterator<Item = Cell<'a>> {
    let event = &decision.event;
    let about = [event.source(), event.id(), time].map(Cell::Text);
    let vector = says.vector.iter().map(|number| Cell::Number(Some(*number)));
    let verdict = [Cell::Number(says.score()), Cell::Text(says.outcome.name())];
    let recorded = says.scores.iter().skip(1).map(|score| Cell::Number(*score));
    about
        .into_iter()
        .chain(vector)
        .chain(verdict)
        .chain(recorded)
}
