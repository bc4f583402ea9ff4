//! Feature rows as `foreshore replay` writes them, with the truth about each. Takes CSV text; gives numbers
//! by column.

use crate::truth::Truth;

/// Columns of a replay that are not inputs.
const NOT_INPUTS: [&str; 5] = ["source", "id", "time", "score", "outcome"];

/// Rows of numbers and what each truly was.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    /// The inputs' names, column by column.
    pub names: Vec<String>,
    /// Row after row, one number per name; NaN is missing.
    pub inputs: Vec<Vec<f64>>,
    /// Row after row, whether it was fraud.
    pub frauds: Vec<bool>,
}

/// A text that is not a replay's, or not of this truth.
#[derive(Debug, thiserror::Error)]
pub enum RowsError {
    /// A column that every replay has is not there.
    #[error("line 1: no column `{0}`; write the file with `foreshore replay --out rows.csv`")]
    Column(&'static str),
    /// A line of another length than the first.
    #[error("line {line}: found {found} values, expected {expected} as in line 1")]
    Length {
        /// Counted from 1.
        line: usize,
        /// Values on it.
        found: usize,
        /// Columns of the file.
        expected: usize,
    },
    /// A row that the truth does not tell of.
    #[error(
        "line {line}: no truth about `{id}` of `{source_name}`; use the truth of the same seed"
    )]
    Unknown {
        /// Counted from 1.
        line: usize,
        /// The row's source.
        source_name: String,
        /// The row's id.
        id: String,
    },
}

impl Rows {
    /// Reads a replay's CSV and joins it with the truth by source and id. Columns that hold any text are
    /// passed over: a model takes numbers.
    ///
    /// # Errors
    /// When the text is no replay's, or the truth is another traffic's.
    pub fn read(csv: &str, truth: &Truth) -> Result<Rows, RowsError> {
        let mut lines = csv
            .lines()
            .map(|line| line.split(',').collect::<Vec<&str>>());
        let header = lines.next().unwrap_or_default();
        let place = |name| {
            let found = header.iter().position(|column| *column == name);
            found.ok_or(RowsError::Column(name))
        };
        let (source_at, id_at) = (place("source")?, place("id")?);
        let mut frauds = Vec::new();
        let mut cells: Vec<Vec<Option<f64>>> = Vec::new();
        for (index, values) in lines.enumerate() {
            let line = index + 2;
            if values.len() != header.len() {
                return Err(RowsError::Length {
                    line,
                    found: values.len(),
                    expected: header.len(),
                });
            }
            let (source, id) = (values[source_at], values[id_at]);
            frauds.push(truth.fraud(source, id).ok_or_else(|| RowsError::Unknown {
                line,
                source_name: source.to_owned(),
                id: id.to_owned(),
            })?);
            cells.push(values.iter().map(|value| number(value)).collect());
        }
        let is_input = |at: &usize| {
            !NOT_INPUTS.contains(&header[*at]) && cells.iter().all(|row| row[*at].is_some())
        };
        let columns: Vec<usize> = (0..header.len()).filter(is_input).collect();
        let inputs = (cells.iter())
            .map(|row| columns.iter().filter_map(|at| row[*at]).collect())
            .collect();
        Ok(Rows {
            names: columns.iter().map(|at| header[*at].to_owned()).collect(),
            inputs,
            frauds,
        })
    }

    /// The values of a column.
    pub fn column(&self, at: usize) -> impl Iterator<Item = f64> + Clone {
        self.inputs.iter().map(move |row| row[at])
    }

    /// The first `share` (0 to 1) of the rows and the rest: the rows of a replay are in order of time, so
    /// this is what was known and what came after.
    pub fn split(mut self, share: f64) -> (Rows, Rows) {
        let at = (self.inputs.len() as f64 * share.clamp(0.0, 1.0)) as usize;
        let rest = Rows {
            names: self.names.clone(),
            inputs: self.inputs.split_off(at),
            frauds: self.frauds.split_off(at),
        };
        (self, rest)
    }
}

/// A cell as a number, NaN if it is empty; none if it is a text (or infinite, which no feature is).
fn number(cell: &str) -> Option<f64> {
    match cell {
        "" => Some(f64::NAN),
        "true" => Some(1.0),
        "false" => Some(0.0),
        other => other
            .parse()
            .ok()
            .filter(|number: &f64| !number.is_infinite()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRUTH: &str = "source,id,payment,fraud\nt,1,p,\nt,2,q,stolen-card\n";
    const ROWS: &str = "source,id,time,customer.spent,event.online,event.country,score,outcome\n\
        t,1,2026-03-01T00:00:00.000000Z,1.5,true,IT,0.1,approve\n\
        t,2,2026-03-01T00:00:01.000000Z,,false,FR,0.2,approve\n";

    fn read(csv: &str) -> Result<Rows, String> {
        Rows::read(csv, &Truth::read(TRUTH).unwrap()).map_err(|error| error.to_string())
    }

    #[test]
    fn rows_are_numbers_with_their_truth() {
        let rows = read(ROWS).unwrap();
        assert_eq!(rows.names, ["customer.spent", "event.online"]);
        assert_eq!(rows.frauds, [false, true]);
        assert_eq!(rows.inputs[0], [1.5, 1.0]);
        assert!(rows.inputs[1][0].is_nan());
        assert_eq!(rows.column(1).collect::<Vec<f64>>(), [1.0, 0.0]);
    }

    #[test]
    fn a_split_keeps_the_order() {
        let (before, after) = read(ROWS).unwrap().split(0.5);
        assert_eq!((before.frauds, after.frauds), (vec![false], vec![true]));
    }

    #[test]
    fn faults_name_their_line() {
        let error = |csv: &str| read(csv).unwrap_err();
        assert!(error("id,score\n").starts_with("line 1: no column `source`"));
        assert_eq!(
            error("source,id\nt,1\nt,2,3\n"),
            "line 3: found 3 values, expected 2 as in line 1"
        );
        assert!(error("source,id\nt,9\n").starts_with("line 2: no truth about `9` of `t`"));
    }
}
