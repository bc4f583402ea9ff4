//! The bytes of a state, being read: the inverse of the writer. Anything it cannot have written ends the
//! call.

use crate::fault::malformed;

/// Reads a state's bytes.
#[derive(Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Reads from the start of `bytes`.
    pub fn of(bytes: &'a [u8]) -> Reader<'a> {
        Reader { rest: bytes }
    }

    /// One byte.
    ///
    /// # Panics
    /// When no byte is left.
    pub fn byte(&mut self) -> u8 {
        let [byte] = self.array();
        byte
    }

    /// That many bytes as they are.
    ///
    /// # Panics
    /// When fewer are left.
    pub fn bytes(&mut self, count: usize) -> &'a [u8] {
        match self.rest.split_at_checked(count) {
            Some((bytes, rest)) => {
                self.rest = rest;
                bytes
            }
            None => ends_early(),
        }
    }

    /// The next `N` bytes as they are.
    ///
    /// # Panics
    /// When fewer are left.
    pub fn array<const N: usize>(&mut self) -> [u8; N] {
        match self.rest.split_first_chunk() {
            Some((array, rest)) => {
                self.rest = rest;
                *array
            }
            None => ends_early(),
        }
    }

    /// A number written by [`Writer::unsigned`](crate::Writer::unsigned).
    ///
    /// # Panics
    /// When the bytes end within it or it exceeds 64 bits.
    pub fn unsigned(&mut self) -> u64 {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte();
            number |= u64::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                return number;
            }
        }
        malformed("state", "a number of more than 64 bits")
    }

    /// A number written by [`Writer::signed`](crate::Writer::signed).
    ///
    /// # Panics
    /// As [`Reader::unsigned`].
    pub fn signed(&mut self) -> i64 {
        let number = self.unsigned();
        (number >> 1) as i64 ^ -((number & 1) as i64)
    }

    /// A number and a flag written by [`Writer::flagged`](crate::Writer::flagged).
    ///
    /// # Panics
    /// When the bytes end within them.
    pub fn flagged(&mut self) -> (u64, bool) {
        // Most often nine bytes are there to be had at once; those beyond the number are masked out.
        let Some(&[head, a, b, c, d, e, f, g, h]) = self.rest.first_chunk() else {
            return self.flagged_at_end();
        };
        let length = usize::from(head >> 1);
        let number = u64::from_le_bytes([a, b, c, d, e, f, g, h]);
        let mask = match length {
            0 => 0,
            1..=8 => u64::MAX >> (64 - 8 * length),
            _ => malformed("state", "a number of more than 64 bits"),
        };
        self.rest = &self.rest[1 + length..];
        (number & mask, head & 1 == 1)
    }

    #[cold]
    fn flagged_at_end(&mut self) -> (u64, bool) {
        let head = self.byte();
        let bytes = self.bytes(usize::from(head >> 1)).iter().rev();
        let number = bytes.fold(0, |number, byte| number << 8 | u64::from(*byte));
        (number, head & 1 == 1)
    }

    /// A number written by [`Writer::number`](crate::Writer::number).
    ///
    /// # Panics
    /// When fewer than 8 bytes are left.
    pub fn number(&mut self) -> f64 {
        f64::from_le_bytes(self.array())
    }

    /// A count of things that take at least one byte each.
    ///
    /// # Panics
    /// When fewer bytes than things are left.
    pub fn count(&mut self) -> usize {
        match usize::try_from(self.unsigned()) {
            Ok(count) if count <= self.rest.len() => count,
            _ => ends_early(),
        }
    }

    /// Ends the reading.
    ///
    /// # Panics
    /// When bytes are left: another struct wrote them.
    pub fn finish(self) {
        if !self.rest.is_empty() {
            malformed("state", "longer than what the plugin keeps")
        }
    }
}

#[cold]
fn ends_early() -> ! {
    malformed("state", "shorter than what the plugin keeps")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Writer;

    #[test]
    fn flagged_numbers_of_every_length_read_back_in_the_middle_and_at_the_end() {
        for shift in 0..64 {
            for (number, flag) in [(1 << shift, false), (u64::MAX >> shift, true), (0, true)] {
                let mut writer = Writer::default();
                writer.flagged(number, flag);
                let alone = writer.into_bytes();
                let followed = [&alone[..], &[0xFF; 9]].concat();
                for bytes in [&alone, &followed] {
                    let mut reader = Reader::of(bytes);
                    assert_eq!(reader.flagged(), (number, flag));
                    assert_eq!(reader.rest.len(), bytes.len() - alone.len());
                }
            }
        }
    }
}
