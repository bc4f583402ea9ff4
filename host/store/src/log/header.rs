//! How a segment begins: which one it is, what it follows, and the preamble that lets it be read alone.
//! Takes and gives the bytes at the start of the file.

use std::path::Path;
use std::sync::Arc;

use foreshore_timeline::Lsn;

use super::error::{Flaw, LogError};
use crate::disk::DiskFile;

/// How every segment begins.
const MAGIC: &[u8; 8] = b"forelog\n";

/// The version of a segment's form.
pub(super) const FORMAT: u32 = 1;

/// Bytes before the preamble.
const FIXED: usize = 40;

/// Where the checksum stands.
const CHECKSUM: usize = 36;

/// The start of a segment.
#[derive(Clone, Debug)]
pub(super) struct Header {
    /// What tells its records from those of any other segment.
    pub(super) id: u64,
    /// Its first record.
    pub(super) first: Lsn,
    /// The checksum of the seal before it; 0 for the first segment.
    pub(super) previous: u32,
    /// What the pipeline was at its start.
    pub(super) preamble: Arc<[u8]>,
}

impl Header {
    /// Its bytes on disk.
    pub(super) fn size(&self) -> u64 {
        (FIXED + self.preamble.len()).next_multiple_of(8) as u64
    }

    /// The bytes.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let length = u32::try_from(self.preamble.len()).unwrap_or(u32::MAX);
        let mut bytes = Vec::with_capacity(FIXED + self.preamble.len() + 8);
        bytes.extend(MAGIC);
        bytes.extend(FORMAT.to_le_bytes());
        bytes.extend(length.to_le_bytes());
        bytes.extend(self.id.to_le_bytes());
        bytes.extend(self.first.0.to_le_bytes());
        bytes.extend(self.previous.to_le_bytes());
        bytes.extend([0; 4]);
        bytes.extend_from_slice(&self.preamble);
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        let sum = checksum(&bytes);
        if let Some(place) = bytes.get_mut(CHECKSUM..FIXED) {
            place.copy_from_slice(&sum.to_le_bytes());
        }
        bytes
    }

    /// Reads the start of a segment that its name says begins with `first`.
    pub(super) fn read(file: &dyn DiskFile, path: &Path, first: Lsn) -> Result<Header, LogError> {
        let damaged = |flaw| LogError::Damaged {
            file: path.to_owned(),
            offset: 0,
            lsn: first,
            flaw,
        };
        let mut fixed = [0; FIXED];
        if file.read_at(0, &mut fixed)? < FIXED {
            return Err(damaged(Flaw::Ends));
        }
        let word = |at: usize| fixed.get(at..).and_then(|bytes| bytes.first_chunk());
        let word = |at: usize| word(at).copied().map_or(0, u32::from_le_bytes);
        let long = |at: usize| u64::from(word(at)) | (u64::from(word(at + 4)) << 32);
        if !fixed.starts_with(MAGIC) {
            return Err(damaged(Flaw::Foreign));
        }
        if word(8) > FORMAT {
            return Err(LogError::Newer {
                file: path.to_owned(),
                format: word(8),
                known: FORMAT,
            });
        }
        let length = word(12) as usize;
        if length as u64 > file.len()? {
            return Err(damaged(Flaw::Length(word(12))));
        }
        let mut bytes = vec![0; (FIXED + length).next_multiple_of(8)];
        if file.read_at(0, &mut bytes)? < bytes.len() {
            return Err(damaged(Flaw::Ends));
        }
        if checksum(&bytes) != word(CHECKSUM) {
            return Err(damaged(Flaw::Checksum));
        }
        if Lsn(long(24)) != first {
            return Err(damaged(Flaw::Lsn(Lsn(long(24)))));
        }
        Ok(Header {
            id: long(16),
            first,
            previous: word(32),
            preamble: bytes.get(FIXED..FIXED + length).unwrap_or_default().into(),
        })
    }
}

/// The id of the segment that follows one with this id, or of a log's first segment by its folder: no two
/// segments that could be taken for each other have the same.
pub(super) fn next_id(before: u64, first: Lsn, previous: u32) -> u64 {
    let mut mixed = before ^ first.0.rotate_left(32) ^ u64::from(previous);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// What the id of a log's first segment is made from.
pub(super) fn first_id(folder: &Path) -> u64 {
    let path = folder.as_os_str().as_encoded_bytes();
    u64::from(crc32c::crc32c(path)) << 32 | path.len() as u64
}

/// The checksum of a whole header, the place of the checksum left out.
fn checksum(bytes: &[u8]) -> u32 {
    let before = crc32c::crc32c(bytes.get(..CHECKSUM).unwrap_or_default());
    crc32c::crc32c_append(before, bytes.get(FIXED..).unwrap_or_default())
}
