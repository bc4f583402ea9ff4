//! What a look through a store tells: each thing that is not as it should be, by its place, how far it has
//! come, and the sum. Plain data, for people and as JSON.

use std::path::PathBuf;

use serde::Serialize;

/// Which part of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// The bytes of the log.
    Log,
    /// A record of it.
    Record,
    /// The identities beside a segment.
    Identities,
    /// A checkpoint.
    Checkpoint,
    /// Cold state.
    Cold,
}

/// Something that is not as it should be.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// In which part.
    pub part: Part,
    /// The file, or the folder where no single file is at fault.
    pub file: PathBuf,
    /// Where in it, in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
    /// The log position it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lsn: Option<u64>,
    /// The feature plugin whose timeline it is about, by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// The key of that timeline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Whether a node starts all the same, and loses nothing.
    pub harmless: bool,
    /// What is wrong, and what to do.
    pub message: String,
}

impl Finding {
    /// One about a file as a whole.
    pub(super) fn new(part: Part, file: PathBuf, message: String) -> Finding {
        Finding {
            part,
            file,
            offset: None,
            lsn: None,
            instance: None,
            key: None,
            harmless: false,
            message,
        }
    }
}

/// What is told on the way.
#[derive(Clone, Copy, Debug)]
pub enum Told<'a> {
    /// Something is wrong.
    Finding(&'a Finding),
    /// So much of the log was read.
    Log {
        /// Bytes read.
        bytes: u64,
        /// Of so many.
        of: u64,
    },
    /// So many timelines of cold state were read.
    Cold {
        /// How many.
        timelines: u64,
    },
}

/// What was looked through.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Checked {
    /// The first record of the log.
    pub first: u64,
    /// The last.
    pub last: u64,
    /// Segments.
    pub segments: u64,
    /// Sound records.
    pub records: u64,
    /// Bytes of the log.
    pub bytes: u64,
    /// Checkpoints.
    pub checkpoints: u64,
    /// Timelines in cold state.
    pub timelines: u64,
    /// Trails of decisions in cold state.
    pub trails: u64,
    /// Why cold state was not looked at; none if it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cold_unread: Option<String>,
    /// Findings that keep a node from starting or answering, or that cost it work to heal.
    pub damaged: u64,
    /// Findings that do not.
    pub harmless: u64,
}
