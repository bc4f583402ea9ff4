//! CSV or NDJSON, told by a file's ending. Knows nothing of what the file holds.

use std::path::Path;

use anyhow::bail;

/// How a file of events or rows is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A header line, then a line of comma-separated cells per event or row.
    Csv,
    /// A JSON object per line.
    Ndjson,
}

impl Format {
    /// The format of a file.
    ///
    /// # Errors
    /// When its ending is of neither format.
    pub fn of(path: &Path) -> anyhow::Result<Format> {
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("csv") => Ok(Format::Csv),
            Some("ndjson" | "jsonl") => Ok(Format::Ndjson),
            _ => bail!(
                "{}: the format is told by the ending; name the file .csv, .ndjson or .jsonl",
                path.display()
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_tells_the_format() {
        let format = |name: &str| Format::of(Path::new(name)).map_err(|error| error.to_string());
        assert_eq!(format("a/rows.csv"), Ok(Format::Csv));
        assert_eq!(format("rows.ndjson"), Ok(Format::Ndjson));
        assert_eq!(format("rows.jsonl"), Ok(Format::Ndjson));
        assert_eq!(
            format("rows.json").unwrap_err(),
            "rows.json: the format is told by the ending; name the file .csv, .ndjson or .jsonl"
        );
    }
}
