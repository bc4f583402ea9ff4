//! One record as bytes: a header of 32 bytes, the payload, zeros up to a multiple of eight. Takes bytes,
//! gives a record or its flaw. Must not know files.

use foreshore_event::Time;
use foreshore_timeline::Lsn;

use super::error::Flaw;

/// Bytes before the payload.
pub(super) const HEAD: usize = 32;

/// Where in them the number of records not yet durable begins.
const UNSYNCED: usize = 6;

/// Where in them the checksum of the record before begins.
const PREVIOUS: usize = 24;

/// Where in them the checksum begins; it is their end.
const CHECKSUM: usize = 28;

/// The version of a record's form.
pub(super) const VERSION: u8 = 1;

/// The kind of the record that closes a segment.
pub(super) const SEAL: u8 = 255;

/// Most bytes of a payload.
pub(super) const PAYLOAD_MAX: usize = 64 << 20;

/// A record of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Its position.
    pub lsn: Lsn,
    /// What it is; the log does not care.
    pub kind: u8,
    /// When it arrived, for retention.
    pub time: Time,
    /// What it says.
    pub payload: Vec<u8>,
}

/// The header of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) length: u32,
    pub(super) kind: u8,
    pub(super) version: u8,
    pub(super) unsynced: u16,
    pub(super) lsn: Lsn,
    pub(super) time: Time,
    pub(super) previous: u32,
    pub(super) checksum: u32,
}

/// A record whose checksum was found right, where it was read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Raw<'a> {
    pub(super) head: Head,
    pub(super) payload: &'a [u8],
}

impl Head {
    /// The header in the first 32 bytes; none if there are fewer.
    pub(super) fn read(bytes: &[u8]) -> Option<Head> {
        let word = |at: usize| Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?));
        let long = |at: usize| Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?));
        Some(Head {
            length: word(0)?,
            kind: *bytes.get(4)?,
            version: *bytes.get(5)?,
            unsynced: u16::from_le_bytes(*bytes.get(UNSYNCED..)?.first_chunk()?),
            lsn: Lsn(long(8)?),
            time: Time(long(16)?.cast_signed()),
            previous: word(PREVIOUS)?,
            checksum: word(CHECKSUM)?,
        })
    }

    /// Appends it to bytes.
    pub(super) fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.length.to_le_bytes());
        bytes.extend([self.kind, self.version]);
        bytes.extend(self.unsynced.to_le_bytes());
        bytes.extend(self.lsn.0.to_le_bytes());
        bytes.extend(self.time.0.to_le_bytes());
        bytes.extend(self.previous.to_le_bytes());
        bytes.extend(self.checksum.to_le_bytes());
    }

    /// Bytes of the whole record.
    pub(super) fn size(&self) -> u64 {
        size(self.length as usize) as u64
    }

    /// The last record that was durable when this one was written: proof that it must be there.
    pub(super) fn proves(&self) -> Lsn {
        match self.unsynced {
            u16::MAX => Lsn(0),
            unsynced => Lsn(self.lsn.0.saturating_sub(1 + u64::from(unsynced))),
        }
    }
}

impl Raw<'_> {
    /// The record, on its own.
    pub(super) fn to_frame(self) -> Frame {
        Frame {
            lsn: self.head.lsn,
            kind: self.head.kind,
            time: self.head.time,
            payload: self.payload.to_vec(),
        }
    }
}

/// Bytes of a record with a payload of this many.
pub(super) fn size(payload: usize) -> usize {
    (HEAD + payload).next_multiple_of(8)
}

/// The checksum of a whole record in a segment: over the segment's id, the header and the padded payload.
fn checksum(segment: u64, record: &[u8]) -> u32 {
    let seed = crc32c::crc32c(&segment.to_le_bytes());
    let seed = crc32c::crc32c_append(seed, record.get(..CHECKSUM).unwrap_or_default());
    crc32c::crc32c_append(seed, record.get(HEAD..).unwrap_or_default())
}

/// Completes a whole record by what only its segment and its place in it tell. Gives its checksum.
pub(super) fn link(record: &mut [u8], segment: u64, previous: u32, unsynced: u16) -> u32 {
    put(record, UNSYNCED, &unsynced.to_le_bytes());
    put(record, PREVIOUS, &previous.to_le_bytes());
    let sum = checksum(segment, record);
    put(record, CHECKSUM, &sum.to_le_bytes());
    sum
}

/// The record that these bytes, of its whole size, are.
pub(super) fn verify(segment: u64, record: &[u8]) -> Result<Raw<'_>, Flaw> {
    let head = Head::read(record).ok_or(Flaw::Ends)?;
    let payload = record.get(HEAD..HEAD + head.length as usize);
    let payload = payload.ok_or(Flaw::Ends)?;
    if checksum(segment, record) != head.checksum {
        return Err(Flaw::Checksum);
    }
    if head.version != VERSION {
        return Err(Flaw::Version(head.version.into()));
    }
    Ok(Raw { head, payload })
}

/// Writes a field of a record.
fn put(record: &mut [u8], at: usize, field: &[u8]) {
    if let Some(place) = record.get_mut(at..at + field.len()) {
        place.copy_from_slice(field);
    }
}
