//! What can be wrong with cold state, and what to do about it. All of it can be rebuilt from checkpoint and
//! log: one damaged record alone, anything worse with an empty folder.

use std::path::PathBuf;

use foreshore_timeline::Lsn;

use super::key::{Family, Place};
use super::state::KEY_BYTES_MAX;
use super::value::BODY_BYTES_MAX;

/// A record that is not what was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cold state: {place} is damaged: {flaw}{}", .lsn.map_or_else(String::new, |lsn| format!("; it says it is as of LSN {}", lsn.0)))]
pub struct Damage {
    /// Which.
    pub place: Place,
    /// The LSN the record itself states, which may be damaged too.
    pub lsn: Option<Lsn>,
    /// What is wrong with it.
    pub flaw: Flaw,
}

/// What is wrong with a record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// Of another length.
    #[error("{found} bytes where {stated} belong")]
    Length {
        /// Bytes it should have.
        stated: u64,
        /// Bytes it has.
        found: u64,
    },
    /// Of a layout unknown here.
    #[error("record version {0}, where 1 belongs")]
    Version(u8),
    /// Other bytes.
    #[error("checksum {found:08x} where {stated:08x} belongs")]
    Checksum {
        /// The checksum it should have.
        stated: u32,
        /// The checksum of its bytes.
        found: u32,
    },
    /// The engine cannot read the block it lies in.
    #[error("its block cannot be read: {0}")]
    Block(String),
    /// Its key names nothing.
    #[error("no key looks like this")]
    Key,
}

/// Why cold state cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum ColdError {
    /// One record is damaged; the others are as good as before. Rebuilding and writing it heals it.
    #[error(transparent)]
    Damaged(#[from] Damage),
    /// It is newer than this program.
    #[error(
        "the cold state in {} was written by a newer foreshore (format {found}, this one knows up to \
         {known}); run that version, or move the folder away: it is rebuilt from the log", .folder.display()
    )]
    Newer {
        /// Where.
        folder: PathBuf,
        /// Its format.
        found: String,
        /// The newest format known.
        known: u32,
    },
    /// It is the state of another log.
    #[error(
        "the cold state in {} belongs to another log ({found}, this one is {expected}); put the right \
         folders together, or move this one away: it is rebuilt from the log", .folder.display()
    )]
    OtherLog {
        /// Where.
        folder: PathBuf,
        /// The log it names, in hexadecimal.
        found: String,
        /// The log it should be of, in hexadecimal.
        expected: String,
    },
    /// Another process has it open.
    #[error("the cold state in {} is in use by another process; stop that one first", .0.display())]
    Locked(PathBuf),
    /// The engine does not come back from opening it.
    #[error(
        "the cold state in {} is damaged where its engine does not expect it; move the folder away: it is \
         rebuilt from the log", .0.display()
    )]
    Unopenable(PathBuf),
    /// The engine failed. Never tried again: what it says it has may not be what is on the disk.
    #[error(
        "the cold state in {} failed: {reason}; check the disk and its free space, and start again; if it \
         fails again, move the folder away: it is rebuilt from the log", .folder.display()
    )]
    Failed {
        /// Where.
        folder: PathBuf,
        /// What the engine says.
        reason: String,
    },
    /// The disk does not let it be used. What is there may be sound.
    #[error(
        "the cold state in {} cannot be used: {reason}; check the folder's permissions and the disk's free space",
        .folder.display()
    )]
    Refused {
        /// Where.
        folder: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// No record can be that long.
    #[error(
        "a timeline of family {} has a key of {key} bytes and a body of {body}; at most {KEY_BYTES_MAX} and \
         {BODY_BYTES_MAX} are kept: bound the key field's text, or the plugin's state", .family.0
    )]
    TooLong {
        /// The timeline's family.
        family: Family,
        /// Bytes of its key.
        key: usize,
        /// Bytes of its body.
        body: usize,
    },
}

impl ColdError {
    /// Whether another folder, rebuilt from checkpoint and log, is the answer.
    pub fn asks_for_rebuilding(&self) -> bool {
        match self {
            ColdError::Damaged(_) | ColdError::Unopenable(_) | ColdError::Failed { .. } => true,
            ColdError::Newer { .. }
            | ColdError::OtherLog { .. }
            | ColdError::Locked(_)
            | ColdError::Refused { .. }
            | ColdError::TooLong { .. } => false,
        }
    }
}
