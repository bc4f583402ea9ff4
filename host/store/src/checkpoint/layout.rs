//! A checkpoint file, byte by byte; all integers little-endian, all checksums CRC-32C:
//!
//! ```text
//! head     8 bytes "foreckpt" | u32 format = 1 | u32 bytes of the next | u64 LSN | i64 closed, us
//!          | u32 length, the log's identity | u32 length, the manifest | u32 checksum of all before
//! records  u32 family | u32 key length | u32 record length | key | record      one per timeline, ascending
//! index    u64 offset | u32 family | u32 key length | key                      for every 64 KiB of records
//!          | u32 checksum of the index
//! trailer  u64 offset of the index | u64 timelines | u32 checksum of the file up to the trailer
//!          | u32 checksum of the trailer | 8 bytes "tpkcerof"
//! ```
//!
//! A record is what cold state keeps of the timeline. Takes and gives bytes; must not know files.

use foreshore_event::Time;
use foreshore_timeline::Lsn;

use super::error::Fault;
use crate::cold::{Family, Key};

pub(super) const MAGIC: [u8; 8] = *b"foreckpt";
const END: [u8; 8] = *b"tpkcerof";

/// The format above.
pub(super) const FORMAT: u32 = 1;

/// Magic, format and length: the same in every format to come, and the checksum that ends the head too.
pub(super) const OPENING: usize = 16;

/// A longer head is damage: a manifest has some kilobytes.
pub(super) const HEAD_BYTES_MAX: u32 = 64 << 20;

/// Lengths before a record.
pub(super) const PREFIX: usize = 12;

pub(super) const TRAILER: usize = 32;

/// Bytes of records between two entries of the index: what is read to find one timeline.
pub(super) const STRIDE: u64 = 64 << 10;

/// What a checkpoint says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// What names the log.
    pub log: Vec<u8>,
    /// The log position: every record up to here is in it.
    pub lsn: Lsn,
    /// The time up to which all timelines were closed.
    pub closed: Time,
    /// The pipeline's manifest, as its codec wrote it.
    pub manifest: Vec<u8>,
}

/// What ends a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trailer {
    /// Where the index begins and the records end.
    pub(super) index: u64,
    /// Timelines.
    pub(super) count: u64,
    /// Checksum of all before the trailer.
    pub(super) whole: u32,
}

/// An entry of the index: the record that begins there, and its key.
#[derive(Clone, Debug)]
pub(super) struct Mark {
    pub(super) offset: u64,
    pub(super) key: Key,
}

impl Head {
    /// The head's bytes; none if they are too many.
    pub(super) fn bytes(&self) -> Option<Vec<u8>> {
        let mut content = Vec::new();
        content.extend(self.lsn.0.to_le_bytes());
        content.extend(self.closed.0.to_le_bytes());
        for part in [&self.log, &self.manifest] {
            content.extend(u32::try_from(part.len()).ok()?.to_le_bytes());
            content.extend(part);
        }
        let length = u32::try_from(content.len()).ok();
        let length = length.filter(|length| *length <= HEAD_BYTES_MAX)?;
        let mut bytes = [
            MAGIC.as_slice(),
            &FORMAT.to_le_bytes(),
            &length.to_le_bytes(),
        ]
        .concat();
        bytes.extend(content);
        bytes.extend(crc32c::crc32c(&bytes).to_le_bytes());
        Some(bytes)
    }

    /// The head from its bytes between opening and checksum.
    pub(super) fn parse(content: &[u8]) -> Option<Head> {
        let (lsn, rest) = u64_of(content)?;
        let (closed, rest) = rest.split_first_chunk()?;
        let (length, rest) = u32_of(rest)?;
        let (log, rest) = rest.split_at_checked(length as usize)?;
        let (length, manifest) = u32_of(rest)?;
        (manifest.len() == length as usize).then(|| Head {
            log: log.to_vec(),
            lsn: Lsn(lsn),
            closed: Time(i64::from_le_bytes(*closed)),
            manifest: manifest.to_vec(),
        })
    }
}

impl Trailer {
    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(TRAILER);
        bytes.extend(self.index.to_le_bytes());
        bytes.extend(self.count.to_le_bytes());
        bytes.extend(self.whole.to_le_bytes());
        bytes.extend(crc32c::crc32c(&bytes).to_le_bytes());
        bytes.extend(END);
        bytes
    }

    pub(super) fn parse(bytes: &[u8]) -> Result<Trailer, Fault> {
        let nonsense = Fault::Nonsense("trailer");
        let parts = bytes.split_last_chunk().and_then(|(rest, end)| {
            let (content, stated) = rest.split_last_chunk()?;
            let (index, rest) = u64_of(content)?;
            let (count, rest) = u64_of(rest)?;
            let (whole, rest) = u32_of(rest)?;
            let trailer = Trailer {
                index,
                count,
                whole,
            };
            (*end == END && rest.is_empty()).then_some((
                content,
                u32::from_le_bytes(*stated),
                trailer,
            ))
        });
        let (content, stated, trailer) = parts.ok_or(nonsense)?;
        check("trailer", content, stated)?;
        Ok(trailer)
    }
}

/// The lengths before a record.
pub(super) fn prefix(key: &Key, record: u32) -> Option<Vec<u8>> {
    let length = u32::try_from(key.key.len()).ok()?;
    let numbers = [key.family.0, length, record];
    Some(numbers.into_iter().flat_map(u32::to_le_bytes).collect())
}

/// Family, key length and record length.
pub(super) fn lengths(prefix: &[u8]) -> Option<(Family, usize, usize)> {
    let (family, rest) = u32_of(prefix)?;
    let (key, rest) = u32_of(rest)?;
    let (record, _) = u32_of(rest)?;
    Some((Family(family), key as usize, record as usize))
}

/// The index's bytes; none if a key is too long.
pub(super) fn index(marks: &[Mark]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for Mark { offset, key } in marks {
        bytes.extend(offset.to_le_bytes());
        bytes.extend(key.family.0.to_le_bytes());
        bytes.extend(u32::try_from(key.key.len()).ok()?.to_le_bytes());
        bytes.extend(key.key.as_bytes());
    }
    bytes.extend(crc32c::crc32c(&bytes).to_le_bytes());
    Some(bytes)
}

/// The index from its bytes.
pub(super) fn marks(bytes: &[u8]) -> Result<Vec<Mark>, Fault> {
    let nonsense = || Fault::Nonsense("index");
    let (mut rest, stated) = bytes.split_last_chunk().ok_or_else(nonsense)?;
    check("index", rest, u32::from_le_bytes(*stated))?;
    let mut marks = Vec::new();
    while !rest.is_empty() {
        let (mark, after) = mark(rest).ok_or_else(nonsense)?;
        marks.push(mark);
        rest = after;
    }
    Ok(marks)
}

fn mark(bytes: &[u8]) -> Option<(Mark, &[u8])> {
    let (offset, rest) = u64_of(bytes)?;
    let (family, rest) = u32_of(rest)?;
    let (length, rest) = u32_of(rest)?;
    let (key, rest) = rest.split_at_checked(length as usize)?;
    let key = Key::new(Family(family), std::str::from_utf8(key).ok()?);
    Some((Mark { offset, key }, rest))
}

/// Whether a part has the checksum it states.
pub(super) fn check(part: &'static str, bytes: &[u8], stated: u32) -> Result<(), Fault> {
    let found = crc32c::crc32c(bytes);
    let fault = Fault::Checksum {
        part,
        stated,
        found,
    };
    (found == stated).then_some(()).ok_or(fault)
}

pub(super) fn u32_of(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (number, rest) = bytes.split_first_chunk()?;
    Some((u32::from_le_bytes(*number), rest))
}

fn u64_of(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (number, rest) = bytes.split_first_chunk()?;
    Some((u64::from_le_bytes(*number), rest))
}
