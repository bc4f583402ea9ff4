//! What a look through a log tells: each thing that is not as it was written, by its place, and the sum.

use std::path::{Path, PathBuf};

use foreshore_timeline::Lsn;

use super::error::LogError;

/// Something that is not as it was written.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The file, or the folder if a file is missing.
    pub file: PathBuf,
    /// Where in it, in bytes.
    pub offset: u64,
    /// The record that should be there.
    pub lsn: Lsn,
    /// Whether a node would start all the same: an index is made again, a torn end is cut off.
    pub harmless: bool,
    /// What is wrong, and what to do.
    pub error: LogError,
}

/// What is told while a log is looked through.
#[derive(Clone, Debug)]
pub enum Progress<'a> {
    /// A segment was read to its end.
    Segment {
        /// Its file.
        file: &'a Path,
        /// Records of it that are sound, up to the first that is not.
        records: u64,
        /// Bytes of it that were read.
        bytes: u64,
    },
    /// Something is wrong.
    Finding(&'a Finding),
}

/// What was looked through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Segments.
    pub segments: u64,
    /// Sound records.
    pub records: u64,
    /// Bytes.
    pub bytes: u64,
    /// Findings that would keep a node from starting or answering.
    pub damaged: u64,
    /// Findings that would not.
    pub harmless: u64,
}
