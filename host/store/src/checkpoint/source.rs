//! Reading a part of a checkpoint file from front to back, some at a time, with the checksum of all that
//! was read. Knows lengths only.

use std::path::Path;

use super::error::{CheckpointError, Fault};
use crate::disk::DiskFile;

/// Bytes asked of the disk at once.
const READ_BYTES: usize = 256 << 10;

/// A part of a file.
pub(super) struct Source<'a> {
    path: &'a Path,
    file: &'a dyn DiskFile,
    /// Where the next byte to be taken stands in the file.
    offset: u64,
    /// Where the part ends.
    end: u64,
    /// Bytes read ahead; those up to `taken` are taken.
    ahead: Vec<u8>,
    taken: usize,
    checksum: u32,
}

impl<'a> Source<'a> {
    pub(super) fn new(path: &'a Path, file: &'a dyn DiskFile, offset: u64, end: u64) -> Self {
        Source {
            path,
            file,
            offset,
            end,
            ahead: Vec::new(),
            taken: 0,
            checksum: 0,
        }
    }

    /// Where the next byte stands in the file.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Whether all is taken.
    pub(super) fn is_at_end(&self) -> bool {
        self.offset >= self.end
    }

    /// Moves the end: behind this part comes another.
    pub(super) fn extend_to(&mut self, end: u64) {
        self.end = end;
    }

    /// CRC-32C of all that was taken.
    pub(super) fn checksum(&self) -> u32 {
        self.checksum
    }

    /// The next so many bytes.
    pub(super) fn take(&mut self, wanted: usize) -> Result<&[u8], CheckpointError> {
        let left = self.end.saturating_sub(self.offset);
        if wanted as u64 > left {
            return Err(self.short(wanted, left));
        }
        if self.ahead.len() - self.taken < wanted {
            self.read(wanted, left)?;
        }
        let start = self.taken;
        let available = (self.ahead.len() - start) as u64;
        let Some(bytes) = self.ahead.get(start..start + wanted) else {
            return Err(self.short(wanted, available));
        };
        self.taken += wanted;
        self.offset += wanted as u64;
        self.checksum = crc32c::crc32c_append(self.checksum, bytes);
        Ok(bytes)
    }

    /// Reads on, so that at least `wanted` bytes are ahead, if the file has them.
    fn read(&mut self, wanted: usize, left: u64) -> Result<(), CheckpointError> {
        self.ahead.drain(..self.taken);
        self.taken = 0;
        let had = self.ahead.len();
        let goal = (wanted.max(READ_BYTES) as u64).min(left) as usize;
        self.ahead.resize(goal, 0);
        let from = self.offset + had as u64;
        let read = self.file.read_at(from, self.ahead.split_at_mut(had).1)?;
        self.ahead.truncate(had + read);
        Ok(())
    }

    fn short(&self, wanted: usize, left: u64) -> CheckpointError {
        let wanted = wanted as u64;
        self.damaged(self.offset, Fault::Short { wanted, left })
    }

    pub(super) fn damaged(&self, offset: u64, fault: Fault) -> CheckpointError {
        CheckpointError::Damaged {
            path: self.path.to_path_buf(),
            offset,
            fault,
        }
    }
}
