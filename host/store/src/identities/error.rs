//! What can be wrong with a file of identities, and what to do about it. All of it is in the segment too: a
//! file that is missing or damaged is written anew.

use std::path::PathBuf;

use crate::disk::DiskError;

/// Why the identities of a segment cannot be had from their file.
#[derive(Clone, Debug, thiserror::Error)]
pub enum IdentitiesError {
    /// The disk refuses, or has no such file.
    #[error(transparent)]
    Disk(#[from] DiskError),
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
    #[error("{} is damaged: {flaw}; its log segment says the same and it is written anew from there", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        flaw: Flaw,
    },
}

impl IdentitiesError {
    /// Whether reading the segment and writing the file anew is the answer: it is missing or damaged.
    pub fn asks_for_rebuilding(&self) -> bool {
        match self {
            IdentitiesError::Disk(error) => error.is_missing(),
            IdentitiesError::Newer { .. } => false,
            IdentitiesError::Damaged { .. } => true,
        }
    }
}

/// What is wrong with a file of identities.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// Another kind of file, or its beginning is damaged.
    #[error("its first 8 bytes are not those of a file of identities")]
    Magic,
    /// It ends too early or too late.
    #[error("{found} bytes where {stated} belong")]
    Length {
        /// Bytes it should have, as far as it says.
        stated: u64,
        /// Bytes it has.
        found: u64,
    },
    /// Other bytes.
    #[error("checksum {found:08x} where {stated:08x} belongs")]
    Checksum {
        /// The checksum it should have.
        stated: u32,
        /// The checksum of its bytes.
        found: u32,
    },
    /// It is of an older format.
    #[error("it is of format {0}, which is no longer read")]
    Older(u32),
    /// It belongs to another segment, or to an earlier state of it.
    #[error("it is of LSN {} to {}, its segment of LSN {} to {}", found.0, found.1, expected.0, expected.1)]
    Segment {
        /// First and last LSN of the segment.
        expected: (u64, u64),
        /// First and last LSN it says.
        found: (u64, u64),
    },
}
