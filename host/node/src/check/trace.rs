//! A trace's lines as JSON objects, with their numbers. Gives the file and the line of whatever is wrong;
//! must not know what a line means.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, anyhow};
use serde_json::{Map, Value};

/// One line of a trace.
pub struct Line {
    /// Its number in the file, from 1.
    pub number: usize,
    /// As it stands.
    pub text: String,
    /// As JSON.
    pub object: Map<String, Value>,
}

/// Reads the lines of a trace, blank ones left out.
///
/// # Errors
/// When the file cannot be read, or a line is not a JSON object.
pub fn read(path: &Path) -> anyhow::Result<Vec<Line>> {
    let text =
        fs::read_to_string(path).with_context(|| format!("read the trace {}", path.display()))?;
    let lines = (1..)
        .zip(text.lines())
        .filter(|(_, line)| !line.trim().is_empty());
    let parsed = lines.map(|(number, text)| {
        let object = serde_json::from_str(text)
            .map_err(|error| at(path, number, &format!("not a JSON object: {error}")))?;
        Ok(Line {
            number,
            text: text.to_owned(),
            object,
        })
    });
    parsed.collect()
}

/// An error in a line.
pub fn at(path: &Path, number: usize, reason: &str) -> anyhow::Error {
    anyhow!("{}:{number}: {reason}", path.display())
}
