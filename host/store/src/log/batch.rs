//! What is appended between two commits, as the bytes of one write. Takes records, gives bytes whose
//! checksums hold in one segment. Must not know files.

use foreshore_event::Time;
use foreshore_timeline::Lsn;

use super::frame::{self, Head, SEAL, VERSION};
use super::index::Index;

/// Records that wait to be written.
#[derive(Default)]
pub(super) struct Batch {
    bytes: Vec<u8>,
}

impl Batch {
    /// Adds a record. What it is chained to is not known before the segment is.
    pub(super) fn push(&mut self, lsn: Lsn, kind: u8, time: Time, payload: &[u8]) {
        let head = Head {
            length: u32::try_from(payload.len()).unwrap_or(u32::MAX),
            kind,
            version: VERSION,
            unsynced: 0,
            lsn,
            time,
            previous: 0,
            checksum: 0,
        };
        head.write(&mut self.bytes);
        self.bytes.extend_from_slice(payload);
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
    }

    /// Chains the records to the one before them, in a segment, with `synced` the last durable record.
    /// Gives the checksum of the last.
    pub(super) fn chain(&mut self, segment: u64, previous: u32, synced: Lsn) -> u32 {
        let (mut offset, mut previous) = (0, previous);
        while let Some(head) = self.bytes.get(offset..).and_then(Head::read) {
            let end = offset + frame::size(head.length as usize);
            let Some(record) = self.bytes.get_mut(offset..end) else {
                break;
            };
            let unsynced = head.lsn.0.saturating_sub(1 + synced.0);
            let unsynced = u16::try_from(unsynced).unwrap_or(u16::MAX);
            previous = frame::link(record, segment, previous, unsynced);
            offset = end;
        }
        previous
    }

    /// The headers of the records, in order.
    pub(super) fn heads(&self) -> impl Iterator<Item = Head> + '_ {
        let mut offset = 0;
        std::iter::from_fn(move || {
            let head = self.bytes.get(offset..).and_then(Head::read)?;
            offset += frame::size(head.length as usize);
            Some(head)
        })
    }

    /// The bytes to write.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Forgets the records, and keeps their memory.
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
    }
}

/// The seal of a segment, and its checksum. It says nothing that the index does not, so that a seal lost to
/// a power cut can be written again, byte for byte.
pub(super) fn seal(segment: u64, index: &Index) -> (Batch, u32) {
    let mut seal = Batch::default();
    seal.push(index.end, SEAL, index.newest, &[]);
    let chain = seal.chain(segment, index.chain, Lsn(index.end.0 - 1));
    (seal, chain)
}
