//! One remembered event in 20 bytes: part of its identity, part of its content digest, its log position.
//! The same bytes in memory and on disk. Knows nothing of the index.

use foreshore_event::{Digest, Event, Identity};
use foreshore_timeline::Lsn;

/// An event as the index remembers it: 72 bits of its identity, 40 of its content digest and a log position
/// of 48 bits, which at 100,000 records a second lasts 89 years.
///
/// Both digests are uniform, so parts of them tell events apart as well as their length allows. The chance
/// that a new event is taken for one of `n` remembered ones is `n / 2^72`: with 10^8 remembered, 2 in
/// 10^14, one event in 1,500 years at 1,000 a second. The chance that an event saying something else is
/// taken for a repetition is `2^-40`, 1 in 10^12 such events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    pub(super) identity: Short,
    digest: [u8; 5],
    lsn: [u8; 6],
}

/// The part of an identity that is kept.
pub(super) type Short = [u8; 9];

impl Entry {
    /// Bytes of an entry, in memory and on disk.
    pub const BYTES: usize = 20;

    /// The last log position an entry can hold. Later ones are held as this one.
    pub const LAST: Lsn = Lsn((1 << 48) - 1);

    /// The entry of an event logged at `lsn`.
    pub fn of(event: &Event, lsn: Lsn) -> Entry {
        Entry::new(event.identity(), event.digest(), lsn)
    }

    /// The entry of an event known by its digests alone.
    pub fn new(identity: Identity, digest: Digest, lsn: Lsn) -> Entry {
        let [d0, d1, d2, d3, d4, ..] = digest.0.to_le_bytes();
        let [l0, l1, l2, l3, l4, l5, ..] = lsn.min(Entry::LAST).0.to_le_bytes();
        Entry {
            identity: short(identity),
            digest: [d0, d1, d2, d3, d4],
            lsn: [l0, l1, l2, l3, l4, l5],
        }
    }

    /// Bits of the part of an identity that is kept.
    pub const NUMBER_BITS: u32 = 72;

    /// The part of the identity that is kept, as a number.
    pub fn number(&self) -> u128 {
        let mut bytes = [0; 16];
        let kept = bytes.iter_mut().zip(&self.identity);
        kept.for_each(|(to, from)| *to = *from);
        u128::from_le_bytes(bytes)
    }

    /// As [`number`](Entry::number), of the entry of an event of this identity.
    pub fn number_of(identity: Identity) -> u128 {
        identity.0 & ((1 << Entry::NUMBER_BITS) - 1)
    }

    /// Where the event was logged.
    pub fn lsn(&self) -> Lsn {
        let [l0, l1, l2, l3, l4, l5] = self.lsn;
        Lsn(u64::from_le_bytes([l0, l1, l2, l3, l4, l5, 0, 0]))
    }

    /// As bytes: 9 of the identity, 5 of the digest, 6 of the log position, each the low ones in little-endian
    /// order.
    pub fn to_bytes(&self) -> [u8; Entry::BYTES] {
        let mut bytes = [0; Entry::BYTES];
        let parts = self.identity.iter().chain(&self.digest).chain(&self.lsn);
        bytes
            .iter_mut()
            .zip(parts)
            .for_each(|(to, from)| *to = *from);
        bytes
    }

    /// The entry that gave these bytes. Any bytes are some entry: what carries them has to tell damage.
    pub fn from_bytes(bytes: [u8; Entry::BYTES]) -> Entry {
        let [
            i0,
            i1,
            i2,
            i3,
            i4,
            i5,
            i6,
            i7,
            i8,
            d0,
            d1,
            d2,
            d3,
            d4,
            l0,
            l1,
            l2,
            l3,
            l4,
            l5,
        ] = bytes;
        Entry {
            identity: [i0, i1, i2, i3, i4, i5, i6, i7, i8],
            digest: [d0, d1, d2, d3, d4],
            lsn: [l0, l1, l2, l3, l4, l5],
        }
    }

    /// Whether the event says the same as the one of `digest`.
    pub(super) fn says(&self, digest: Digest) -> bool {
        digest.0.to_le_bytes().starts_with(&self.digest)
    }
}

/// The part of an identity that is kept: its low 72 bits.
pub(super) fn short(identity: Identity) -> Short {
    let [i0, i1, i2, i3, i4, i5, i6, i7, i8, ..] = identity.0.to_le_bytes();
    [i0, i1, i2, i3, i4, i5, i6, i7, i8]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_takes_twenty_bytes_and_comes_back_from_them() {
        let entry = Entry::new(Identity(u128::MAX / 3), Digest(u128::MAX / 7), Lsn(1 << 40));
        assert_eq!(size_of::<Entry>(), Entry::BYTES);
        assert_eq!(Entry::from_bytes(entry.to_bytes()), entry);
        assert_eq!(entry.lsn(), Lsn(1 << 40));
    }

    #[test]
    fn bytes_are_identity_then_digest_then_log_position() {
        let entry = Entry::new(Identity(1), Digest(2), Lsn(3));
        let mut bytes = [0; Entry::BYTES];
        (bytes[0], bytes[9], bytes[14]) = (1, 2, 3);
        assert_eq!(entry.to_bytes(), bytes);
    }

    #[test]
    fn a_log_position_out_of_reach_is_held_as_the_last() {
        let entry = Entry::new(Identity(1), Digest(2), Lsn(u64::MAX));
        assert_eq!(entry.lsn(), Entry::LAST);
    }
}
