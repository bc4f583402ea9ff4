//! A file of identities, byte by byte; all integers little-endian:
//!
//! ```text
//! head     8 bytes "foreiden" | u32 format = 2 | u64 first LSN | u64 last LSN | u64 entries
//! pages    204 entries each, the last one what is left | u32 CRC-32C of head and page
//! entry    9 bytes of the identity | 5 bytes of the content digest | 6 bytes of LSN     one per event
//! end      u32 CRC-32C of all before
//! ```
//!
//! Entries stand in the order of their identities as numbers, so that one is found by reading a page or two.
//! Magic and format stay where they are in every format to come, and so does the last checksum: damage is
//! told from a newer format. Takes and gives bytes; must not know files.

use std::ops::RangeInclusive;

use foreshore_core::identities::Entry;
use foreshore_timeline::Lsn;

use super::error::Flaw;

const MAGIC: [u8; 8] = *b"foreiden";

/// The format above.
pub(super) const FORMAT: u32 = 2;

/// Bytes before the pages.
pub(super) const HEAD: usize = 36;

/// Entries of a page, and its bytes.
const PAGE_ENTRIES: usize = 204;
const PAGE: usize = PAGE_ENTRIES * Entry::BYTES + CHECKSUM;

/// Bytes of a checksum: behind a page, and at the end.
const CHECKSUM: usize = 4;

/// What was read, if it is of a format known.
#[derive(Debug)]
pub(super) enum Parsed<T> {
    Known(T),
    Newer(u32),
}

/// The entries of a file, all of it read and found undamaged.
#[derive(Debug)]
pub struct Entries {
    bytes: Vec<u8>,
}

impl Entries {
    /// The entries, in the order of their identities.
    pub fn iter(&self) -> impl Iterator<Item = Entry> {
        let (_, pages) = self.bytes.split_at(HEAD);
        let pages = pages.chunks(PAGE);
        pages.flat_map(|page| entries(&page[..page.len() - CHECKSUM]))
    }
}

/// The file of a segment from its first to its last LSN.
pub(super) fn bytes(segment: &RangeInclusive<Lsn>, entries: &[Entry]) -> Vec<u8> {
    let mut sorted = entries.to_vec();
    sorted.sort_unstable_by_key(Entry::number);
    let mut bytes = Vec::with_capacity(Head::of(sorted.len() as u64).file_bytes() as usize);
    bytes.extend(MAGIC);
    bytes.extend(FORMAT.to_le_bytes());
    bytes.extend(segment.start().0.to_le_bytes());
    bytes.extend(segment.end().0.to_le_bytes());
    bytes.extend((sorted.len() as u64).to_le_bytes());
    let head = crc32c::crc32c(&bytes);
    for page in sorted.chunks(PAGE_ENTRIES) {
        let start = bytes.len();
        page.iter().for_each(|entry| bytes.extend(entry.to_bytes()));
        let checksum = crc32c::crc32c_append(head, &bytes[start..]);
        bytes.extend(checksum.to_le_bytes());
    }
    let checksum = crc32c::crc32c(&bytes);
    bytes.extend(checksum.to_le_bytes());
    bytes
}

/// What the bytes of the file of a segment hold.
pub(super) fn parse(
    mut bytes: Vec<u8>,
    segment: &RangeInclusive<Lsn>,
) -> Result<Parsed<Entries>, Flaw> {
    let found = bytes.len() as u64;
    let stated = Head::of(0).file_bytes();
    let (content, end) = bytes
        .split_last_chunk()
        .ok_or(Flaw::Length { stated, found })?;
    let head = content.split_at_checked(HEAD);
    let (head, _) = head.ok_or(Flaw::Length { stated, found })?;
    check_magic(head)?;
    check(u32::from_le_bytes(*end), crc32c::crc32c(content))?;
    match Head::parse(head, segment, found)? {
        Parsed::Newer(format) => Ok(Parsed::Newer(format)),
        Parsed::Known(_) => {
            bytes.truncate(bytes.len() - CHECKSUM);
            Ok(Parsed::Known(Entries { bytes }))
        }
    }
}

/// What a file says about itself.
pub(super) struct Head {
    entries: u64,
    /// Of its bytes: the checksums of the pages begin with it.
    checksum: u32,
}

impl Head {
    /// Of a file with so many entries.
    fn of(entries: u64) -> Head {
        let checksum = 0;
        Head { entries, checksum }
    }

    /// The head of a segment's file of so many bytes. Its own damage shows in the pages' checksums.
    pub(super) fn parse(
        bytes: &[u8],
        segment: &RangeInclusive<Lsn>,
        file_bytes: u64,
    ) -> Result<Parsed<Head>, Flaw> {
        check_magic(bytes)?;
        let mut fields = Fields(bytes.get(MAGIC.len()..).unwrap_or_default());
        let short = Flaw::Length {
            stated: Head::of(0).file_bytes(),
            found: file_bytes,
        };
        let format = fields.next().map(u32::from_le_bytes).ok_or(short.clone())?;
        match format {
            FORMAT => {}
            older if older < FORMAT => return Err(Flaw::Older(older)),
            newer => return Ok(Parsed::Newer(newer)),
        }
        let mut number = || fields.next().map(u64::from_le_bytes).ok_or(short.clone());
        let (first, last, entries) = (number()?, number()?, number()?);
        let expected = (segment.start().0, segment.end().0);
        if (first, last) != expected {
            let found = (first, last);
            return Err(Flaw::Segment { expected, found });
        }
        let checksum = crc32c::crc32c(bytes);
        let head = Head { entries, checksum };
        let (stated, found) = (head.file_bytes(), file_bytes);
        match stated == found {
            true => Ok(Parsed::Known(head)),
            false => Err(Flaw::Length { stated, found }),
        }
    }

    /// How many pages it has.
    pub(super) fn pages(&self) -> u64 {
        self.entries.div_ceil(PAGE_ENTRIES as u64)
    }

    /// Where a page begins, and its bytes.
    pub(super) fn place(&self, page: u64) -> (u64, usize) {
        let before = page * PAGE_ENTRIES as u64;
        let entries = self.entries.saturating_sub(before).min(PAGE_ENTRIES as u64);
        let offset = HEAD as u64 + page * PAGE as u64;
        (offset, entries as usize * Entry::BYTES + CHECKSUM)
    }

    /// The entries of a page.
    pub(super) fn page(&self, bytes: &[u8]) -> Result<Vec<Entry>, Flaw> {
        let (stated, found) = (CHECKSUM as u64, bytes.len() as u64);
        let (content, end) = bytes
            .split_last_chunk()
            .ok_or(Flaw::Length { stated, found })?;
        let checksum = crc32c::crc32c_append(self.checksum, content);
        check(u32::from_le_bytes(*end), checksum)?;
        Ok(entries(content).collect())
    }

    /// The bytes of the whole file.
    fn file_bytes(&self) -> u64 {
        let entries = self.entries.saturating_mul(Entry::BYTES as u64);
        let checksums = (self.pages() + 1).saturating_mul(CHECKSUM as u64);
        entries
            .saturating_add(checksums)
            .saturating_add(HEAD as u64)
    }
}

fn entries(bytes: &[u8]) -> impl Iterator<Item = Entry> {
    let (entries, _) = bytes.as_chunks();
    entries.iter().copied().map(Entry::from_bytes)
}

fn check_magic(bytes: &[u8]) -> Result<(), Flaw> {
    match bytes.starts_with(&MAGIC) {
        true => Ok(()),
        false => Err(Flaw::Magic),
    }
}

fn check(stated: u32, found: u32) -> Result<(), Flaw> {
    match stated == found {
        true => Ok(()),
        false => Err(Flaw::Checksum { stated, found }),
    }
}

/// What is left of a head.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn next<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (next, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*next)
    }
}
