//! A record as it is stored, in the tree and in a checkpoint: version, LSN, length, checksum, body. Takes
//! any bytes and says what is wrong with them; must not know what a body means.
//!
//! ```text
//! u8 version = 1 | u64 LSN | u32 length of the body | u32 CRC-32C | body      (little-endian)
//! ```
//!
//! The checksum is over key, LSN and body, so that a record under another's key is damage. Version and length
//! are checked by their values: one version is known, and one length fits.

use foreshore_timeline::Lsn;

use super::error::Flaw;

/// The version of the layout above. It also frames a folder's format, so a later layout raises both.
const VERSION: u8 = 1;

/// Longest body, in bytes: a few times the largest memory a plugin can have. A longer one is damage.
pub const BODY_BYTES_MAX: usize = 1 << 30;

/// Bytes before the body.
pub(crate) const HEADER: usize = 17;

/// What is kept of a timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Every record of the log up to here that concerns the timeline is in it.
    pub lsn: Lsn,
    /// CRC-32C over key, LSN and body: differs if anything does, short of a chance of 2^-32.
    pub checksum: u32,
    /// The timeline, as its codec wrote it.
    pub body: Vec<u8>,
}

/// The parts of a record, as they stand there.
struct Parts<'a> {
    version: u8,
    lsn: u64,
    length: u32,
    checksum: u32,
    body: &'a [u8],
}

/// The record of `body` as of `lsn` under `key`; none if the body is too long.
pub(crate) fn seal(key: &[u8], lsn: Lsn, body: &[u8]) -> Option<Vec<u8>> {
    let length = u32::try_from(body.len()).ok()?;
    if body.len() > BODY_BYTES_MAX {
        return None;
    }
    let mut record = Vec::with_capacity(HEADER + body.len());
    record.push(VERSION);
    record.extend(lsn.0.to_le_bytes());
    record.extend(length.to_le_bytes());
    record.extend(checksum(key, lsn.0, body).to_le_bytes());
    record.extend(body);
    Some(record)
}

/// What the record under `key` holds.
pub(crate) fn unseal(key: &[u8], record: &[u8]) -> Result<Stored, Flaw> {
    let found = record.len() as u64;
    let Some(parts) = parts(record) else {
        let stated = HEADER as u64;
        return Err(Flaw::Length { stated, found });
    };
    if parts.version != VERSION {
        return Err(Flaw::Version(parts.version));
    }
    let stated = u64::from(parts.length) + HEADER as u64;
    if stated != found {
        return Err(Flaw::Length { stated, found });
    }
    let (stated, found) = (parts.checksum, checksum(key, parts.lsn, parts.body));
    if stated != found {
        return Err(Flaw::Checksum { stated, found });
    }
    Ok(Stored {
        lsn: Lsn(parts.lsn),
        checksum: found,
        body: parts.body.to_vec(),
    })
}

/// The LSN a record states, damaged or not.
pub(crate) fn stated_lsn(record: &[u8]) -> Option<Lsn> {
    parts(record).map(|parts| Lsn(parts.lsn))
}

fn parts(record: &[u8]) -> Option<Parts<'_>> {
    let (version, rest) = record.split_first()?;
    let (lsn, rest) = rest.split_first_chunk()?;
    let (length, rest) = rest.split_first_chunk()?;
    let (checksum, body) = rest.split_first_chunk()?;
    Some(Parts {
        version: *version,
        lsn: u64::from_le_bytes(*lsn),
        length: u32::from_le_bytes(*length),
        checksum: u32::from_le_bytes(*checksum),
        body,
    })
}

/// Over all that is not checked by its value alone, as version and length are.
fn checksum(key: &[u8], lsn: u64, body: &[u8]) -> u32 {
    let seed = crc32c::crc32c(key);
    crc32c::crc32c_append(crc32c::crc32c_append(seed, &lsn.to_le_bytes()), body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sealed_is_what_is_found() {
        let record = seal(b"key", Lsn(7), b"body").unwrap();
        let stored = unseal(b"key", &record).unwrap();
        assert_eq!((stored.lsn, stored.body.as_slice()), (Lsn(7), &b"body"[..]));
    }

    #[test]
    fn a_flipped_bit_anywhere_is_noticed() {
        let record = seal(b"key", Lsn(7), b"body").unwrap();
        for bit in 0..record.len() * 8 {
            let mut damaged = record.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(unseal(b"key", &damaged).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn a_record_cut_short_anywhere_is_noticed() {
        let record = seal(b"key", Lsn(7), b"body").unwrap();
        for length in 0..record.len() {
            assert!(unseal(b"key", &record[..length]).is_err(), "{length} bytes");
        }
    }

    #[test]
    fn a_record_under_the_key_of_another_is_noticed() {
        let record = seal(b"key", Lsn(7), b"body").unwrap();
        assert!(matches!(
            unseal(b"kez", &record),
            Err(Flaw::Checksum { .. })
        ));
    }
}
