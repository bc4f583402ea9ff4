//! What the log refuses: which file, which place, which record, and what to do. Must not know what the
//! records mean.

use std::path::PathBuf;

use foreshore_timeline::Lsn;

use crate::disk::DiskError;

/// What is wrong with bytes that should be a record or a header.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// The file is too short for it.
    #[error("the file ends here")]
    Ends,
    /// Nothing was ever written here.
    #[error("there are only zeros")]
    Blank,
    /// Its length cannot be.
    #[error("a length of {0} bytes is not possible")]
    Length(u32),
    /// Its bytes are not those that were written.
    #[error("the checksum does not match")]
    Checksum,
    /// Another record stands in its place.
    #[error("record {} stands in its place", .0.0)]
    Lsn(Lsn),
    /// It was written after another record than the one before it.
    #[error("it does not follow the record before it")]
    Chain,
    /// It has a version this program does not know.
    #[error("its format is {0}")]
    Version(u32),
    /// A file of another kind has the name of a segment.
    #[error("it does not begin like a segment of a log")]
    Foreign,
    /// A segment was sealed, and yet another one should have followed or did not.
    #[error("the segment is not closed by a seal, but another follows")]
    Unsealed,
    /// The file beside a segment that tells where its records are cannot be used.
    #[error("the index of the segment cannot be used; it is rebuilt when the node starts")]
    Index,
}

/// What a log refuses.
#[derive(Clone, Debug, thiserror::Error)]
pub enum LogError {
    /// The disk failed.
    #[error("{0}; check the disk, its mount and its permissions, then start again")]
    Disk(#[from] DiskError),
    /// There is no space for the next segment. Nothing was written: the call can be repeated once there is.
    #[error("no space for the next segment of {bytes} bytes in {}: free space on its disk", folder.display())]
    Full {
        /// The folder of the log.
        folder: PathBuf,
        /// The bytes the segment needs.
        bytes: u64,
    },
    /// Bytes are not what was written.
    #[error(
        "{} is damaged at byte {offset}, where record {} should be: {flaw}; \
         restore the store from a backup (`foreshore store restore`), or see all damage with \
         `foreshore store check`", file.display(), lsn.0
    )]
    Damaged {
        /// The file.
        file: PathBuf,
        /// Where in it, in bytes.
        offset: u64,
        /// The record that should be there.
        lsn: Lsn,
        /// What is wrong.
        flaw: Flaw,
    },
    /// A segment is not there.
    #[error(
        "the segment with records {} to {} is missing in {}: put the file back, or restore the store \
         from a backup (`foreshore store restore`)", first.0,
        last.map_or("an unknown end".to_owned(), |last| last.0.to_string()), folder.display()
    )]
    Missing {
        /// The folder of the log.
        folder: PathBuf,
        /// The first record that is missing.
        first: Lsn,
        /// The last one, if anything tells.
        last: Option<Lsn>,
    },
    /// A file is of a format this program does not know.
    #[error(
        "{} was written by a newer foreshore (format {format}, this one knows up to {known}): \
         run that version, or restore a backup of this one", file.display()
    )]
    Newer {
        /// The file.
        file: PathBuf,
        /// Its format.
        format: u32,
        /// The newest format known here.
        known: u32,
    },
    /// No such record.
    #[error("record {} is not in the log, which holds {} to {}", lsn.0, first.0, last.0)]
    Absent {
        /// The record asked for.
        lsn: Lsn,
        /// The first record there is.
        first: Lsn,
        /// The last record there is.
        last: Lsn,
    },
    /// A record is not the next one.
    #[error("record {} cannot be appended: {} is next", given.0, expected.0)]
    Gap {
        /// The next record.
        expected: Lsn,
        /// The one given.
        given: Lsn,
    },
    /// A record cannot be stored as it is.
    #[error(
        "record {} cannot be appended: kind {kind} with {bytes} bytes, where kinds are below 255 and \
         a record has up to 67108864 bytes", lsn.0
    )]
    Unfit {
        /// The record.
        lsn: Lsn,
        /// Its kind.
        kind: u8,
        /// Bytes of its payload.
        bytes: usize,
    },
}
