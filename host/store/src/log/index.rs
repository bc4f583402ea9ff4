//! Where the records of a segment are: the offset of every sixteenth, four bytes each, so that memory is a
//! quarter of a byte per record. Takes records in order, gives places; kept beside a sealed segment.

use foreshore_event::Time;
use foreshore_timeline::Lsn;

use super::frame::{HEAD, Head};

/// Records per offset kept.
const STRIDE: u64 = 16;

/// Bytes an offset counts in: records begin at multiples of eight.
const UNIT: u64 = 8;

/// How an index begins.
const MAGIC: &[u8; 8] = b"foreidx\n";

/// The version of an index.
const FORMAT: u32 = 1;

/// Bytes before the offsets.
const FIXED: usize = 64;

/// Where the checksum stands.
const CHECKSUM: usize = 60;

/// Where the records of a segment are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Index {
    /// The first record.
    pub(super) first: Lsn,
    /// The record after the last.
    pub(super) end: Lsn,
    /// The offset after the last record: of the seal, if there is one.
    pub(super) end_offset: u64,
    /// The largest time of a record.
    pub(super) newest: Time,
    /// The checksum of the last record: of the seal, if there is one.
    pub(super) chain: u32,
    offsets: Vec<u32>,
}

impl Index {
    /// No records yet, of a segment whose records begin at an offset.
    pub(super) fn new(first: Lsn, offset: u64, previous: u32) -> Index {
        Index {
            first,
            end: first,
            end_offset: offset,
            newest: Time::MIN,
            chain: previous,
            offsets: Vec::new(),
        }
    }

    /// Adds the next record, which begins where the last one ended.
    pub(super) fn push(&mut self, head: &Head) {
        if (self.end.0 - self.first.0).is_multiple_of(STRIDE) {
            let units = u32::try_from(self.end_offset / UNIT).unwrap_or(u32::MAX);
            self.offsets.push(units);
        }
        self.end = Lsn(self.end.0 + 1);
        self.end_offset += head.size();
        self.newest = self.newest.max(head.time);
        self.chain = head.checksum;
    }

    /// The nearest place at or before a record: the record there, its offset, and the offset where the
    /// next known place or the end is. None if the record is not in the segment.
    pub(super) fn find(&self, lsn: Lsn) -> Option<(Lsn, u64, u64)> {
        if lsn < self.first || lsn >= self.end {
            return None;
        }
        let block = (lsn.0 - self.first.0) / STRIDE;
        let offset = |block: u64| {
            let units = self.offsets.get(usize::try_from(block).ok()?)?;
            Some(u64::from(*units) * UNIT)
        };
        let until = offset(block + 1).unwrap_or(self.end_offset);
        Some((Lsn(self.first.0 + block * STRIDE), offset(block)?, until))
    }

    /// The bytes kept beside a sealed segment.
    pub(super) fn to_bytes(&self, segment: u64) -> Vec<u8> {
        let count = u32::try_from(self.offsets.len()).unwrap_or(u32::MAX);
        let mut bytes = Vec::with_capacity(FIXED + self.offsets.len() * 4);
        bytes.extend(MAGIC);
        bytes.extend(FORMAT.to_le_bytes());
        bytes.extend(count.to_le_bytes());
        bytes.extend(segment.to_le_bytes());
        bytes.extend(self.first.0.to_le_bytes());
        bytes.extend(self.end.0.to_le_bytes());
        bytes.extend(self.newest.0.to_le_bytes());
        bytes.extend(self.end_offset.to_le_bytes());
        bytes.extend(self.chain.to_le_bytes());
        bytes.extend([0; 4]);
        bytes.extend(self.offsets.iter().flat_map(|units| units.to_le_bytes()));
        let sum = checksum(&bytes);
        if let Some(place) = bytes.get_mut(CHECKSUM..FIXED) {
            place.copy_from_slice(&sum.to_le_bytes());
        }
        bytes
    }

    /// The index these bytes are, if they are one of this segment, whole, and of a format known here.
    pub(super) fn from_bytes(bytes: &[u8], segment: u64, first: Lsn) -> Option<Index> {
        let word = |at: usize| Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?));
        let long = |at: usize| Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?));
        let count = word(12)? as usize;
        let whole = bytes.starts_with(MAGIC)
            && word(8)? == FORMAT
            && bytes.len() == FIXED + count * 4
            && word(CHECKSUM)? == checksum(bytes);
        if !whole || long(16)? != segment || long(24)? != first.0 {
            return None;
        }
        let (offsets, _) = bytes.get(FIXED..)?.as_chunks();
        let index = Index {
            first,
            end: Lsn(long(32)?),
            newest: Time(long(40)?.cast_signed()),
            end_offset: long(48)?,
            chain: word(56)?,
            offsets: offsets.iter().copied().map(u32::from_le_bytes).collect(),
        };
        index.is_possible().then_some(index)
    }

    /// Whether records could lie like this: as many offsets as there are records for, each behind the last.
    /// A checksum proves that the bytes are those that were written, not that they were written here.
    fn is_possible(&self) -> bool {
        let records = self.end.0.checked_sub(self.first.0);
        let counted = records.map(|records| records.div_ceil(STRIDE));
        let mut units = self.offsets.iter().copied().map(u64::from);
        let end = self.end_offset / UNIT;
        counted == Some(self.offsets.len() as u64)
            && units.clone().is_sorted_by(|one, next| one < next)
            && units.next_back().is_none_or(|last| last < end)
            && self.end_offset.is_multiple_of(UNIT)
            && self.end_offset.checked_add(HEAD as u64).is_some()
    }
}

/// The checksum of a whole index, the place of the checksum left out.
fn checksum(bytes: &[u8]) -> u32 {
    let before = crc32c::crc32c(bytes.get(..CHECKSUM).unwrap_or_default());
    crc32c::crc32c_append(before, bytes.get(FIXED..).unwrap_or_default())
}
