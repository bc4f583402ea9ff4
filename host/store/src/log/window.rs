//! The part of a segment that is in memory: records are looked at through it, in few large reads. Takes
//! offsets, gives bytes, headers and records. Must not know their order.

use std::sync::Arc;

use super::error::Flaw;
use super::frame::{self, HEAD, Head, PAYLOAD_MAX, Raw};
use crate::disk::{DiskError, DiskFile};

/// A part of a file.
pub(super) struct Window {
    file: Arc<dyn DiskFile>,
    chunk: usize,
    start: u64,
    bytes: Vec<u8>,
}

impl Window {
    /// Nothing of a file yet; `chunk` bytes are read at once.
    pub(super) fn new(file: Arc<dyn DiskFile>, chunk: usize) -> Window {
        Window {
            file,
            chunk,
            start: 0,
            bytes: Vec::new(),
        }
    }

    /// Bytes of the file: `length` of them, fewer only where it ends.
    pub(super) fn bytes(&mut self, offset: u64, length: usize) -> Result<&[u8], DiskError> {
        if self.held(offset, length).is_none() {
            self.bytes.resize(length.max(self.chunk), 0);
            let read = self.file.read_at(offset, &mut self.bytes)?;
            self.bytes.truncate(read);
            self.start = offset;
        }
        let end = self.held(offset, length);
        Ok(end.unwrap_or(&self.bytes))
    }

    /// The header at an offset, without a look at its truth.
    pub(super) fn head(&mut self, offset: u64) -> Result<Result<Head, Flaw>, DiskError> {
        let bytes = self.bytes(offset, HEAD)?;
        Ok(match Head::read(bytes) {
            None => Err(Flaw::Ends),
            Some(_) if bytes.iter().all(|byte| *byte == 0) => Err(Flaw::Blank),
            Some(head) if head.length as usize > PAYLOAD_MAX => Err(Flaw::Length(head.length)),
            Some(head) => Ok(head),
        })
    }

    /// The record at an offset, its checksum verified in a segment.
    pub(super) fn record(
        &mut self,
        segment: u64,
        offset: u64,
    ) -> Result<Result<Raw<'_>, Flaw>, DiskError> {
        let size = match self.head(offset)? {
            Ok(head) => frame::size(head.length as usize),
            Err(flaw) => return Ok(Err(flaw)),
        };
        // A length made of noise must not cost the memory it claims.
        if size > self.chunk && offset + size as u64 > self.file.len()? {
            return Ok(Err(Flaw::Ends));
        }
        let bytes = self.bytes(offset, size)?;
        if bytes.len() < size {
            return Ok(Err(Flaw::Ends));
        }
        Ok(frame::verify(segment, bytes))
    }

    /// The record at an offset, if all of it is in memory already.
    pub(super) fn record_held(&self, segment: u64, offset: u64) -> Option<Result<Raw<'_>, Flaw>> {
        let head = Head::read(self.held(offset, HEAD)?)?;
        let bytes = self.held(offset, frame::size(head.length as usize))?;
        Some(frame::verify(segment, bytes))
    }

    /// The length of the file.
    pub(super) fn file_length(&self) -> Result<u64, DiskError> {
        self.file.len()
    }

    /// Forgets what was read: the file may have changed.
    pub(super) fn forget(&mut self) {
        self.bytes.clear();
    }

    fn held(&self, offset: u64, length: usize) -> Option<&[u8]> {
        let from = usize::try_from(offset.checked_sub(self.start)?).ok()?;
        self.bytes.get(from..from.checked_add(length)?)
    }
}
