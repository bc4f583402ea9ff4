//! Why a trace cannot be read: which file, which line, what is wrong and what would be right.

use std::path::{Path, PathBuf};

/// A trace that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    /// The file cannot be read at all.
    #[error("cannot read trace {path}: {source}; paths are relative to the plugin's crate")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A line is not what a trace holds.
    #[error("{path}:{line}: {reason}")]
    Line {
        /// The file.
        path: PathBuf,
        /// Its line, from 1.
        line: usize,
        /// What is wrong, and what would be right.
        reason: String,
    },
}

/// The lines of a trace, each parsed, blank ones left out. `parse` takes the line's number and text.
pub(super) fn lines<T>(
    path: &Path,
    mut parse: impl FnMut(usize, &str) -> Result<T, String>,
) -> Result<Vec<T>, TraceError> {
    let text = std::fs::read_to_string(path).map_err(|source| TraceError::File {
        path: path.to_owned(),
        source,
    })?;
    let lines = (1..).zip(text.lines());
    lines
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(line, text)| {
            parse(line, text).map_err(|reason| TraceError::Line {
                path: path.to_owned(),
                line,
                reason,
            })
        })
        .collect()
}
