//! What can be wrong with a checkpoint, where in which file, and what to do about it. Must not know what is
//! done.

use std::path::PathBuf;

use crate::cold::{BODY_BYTES_MAX, Flaw, Key};
use crate::disk::DiskError;

/// Why a checkpoint cannot be written or read.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The disk refuses.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// Another kind of file, or its first bytes are damaged.
    #[error("{} is no checkpoint of foreshore: its first 8 bytes are others", .0.display())]
    NotOne(PathBuf),
    /// It is newer than this program.
    #[error(
        "{} was written by a newer foreshore (format {found}, this one knows up to {known}); run that \
         version", path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The newest format known.
        known: u32,
    },
    /// It is not what was written.
    #[error(
        "{} is damaged at byte {offset}: {fault}; use an older checkpoint, or restore this one from a backup",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where what is damaged begins.
        offset: u64,
        /// What is damaged.
        fault: Fault,
    },
    /// Its writer was given a key that is not above the one before.
    #[error(
        "timeline {key} does not come after the one before it: a checkpoint is written in order"
    )]
    Unordered {
        /// The key.
        key: Key,
    },
    /// No record can be that long.
    #[error(
        "timeline {key} has a body of {body} bytes; at most {BODY_BYTES_MAX} are kept: bound the plugin's state"
    )]
    TooLong {
        /// The key.
        key: Key,
        /// Bytes of the body.
        body: usize,
    },
}

/// What of a checkpoint is damaged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It ends too early, or a length in it is wrong.
    #[error("{wanted} bytes belong here, and {left} are left")]
    Short {
        /// Bytes that belong there.
        wanted: u64,
        /// Bytes that are there.
        left: u64,
    },
    /// A part has another checksum.
    #[error("the {part} has checksum {found:08x} where {stated:08x} belongs")]
    Checksum {
        /// Head, index, trailer or file.
        part: &'static str,
        /// The checksum it should have.
        stated: u32,
        /// The checksum of its bytes.
        found: u32,
    },
    /// A part does not hold what it should.
    #[error("the {0} makes no sense")]
    Nonsense(&'static str),
    /// A timeline's record.
    #[error("the record of timeline {key}: {flaw}")]
    Record {
        /// Which.
        key: Key,
        /// What is wrong with it.
        flaw: Flaw,
    },
    /// A timeline stands before one it belongs after.
    #[error("timeline {0} is out of order")]
    Order(Key),
    /// There are more timelines, or fewer.
    #[error("{found} timelines where {stated} belong")]
    Count {
        /// How many there should be.
        stated: u64,
        /// How many there are.
        found: u64,
    },
}
