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

    /// As many items as were written by [`Writer::items`](crate::Writer::items).
    ///
    /// # Panics
    /// When fewer are left.
    pub fn items<const N: usize>(&mut self, count: usize) -> &'a [[u8; N]] {
        let (items, _) = match count.checked_mul(N) {
            Some(bytes) => self.bytes(bytes).as_chunks(),
            None => ends_early(),
        };
        items
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
    fn items_read_back_in_the_middle_and_nothing_beyond_the_end_does() {
        let mut writer = Writer::default();
        writer.byte(7);
        writer.items([1_u32, 2, 3].iter().map(|item| item.to_le_bytes()));
        writer.byte(9);
        let bytes = writer.into_bytes();
        let mut reader = Reader::of(&bytes);
        assert_eq!(reader.byte(), 7);
        assert_eq!(reader.items(3), [[1, 0, 0, 0], [2, 0, 0, 0], [3, 0, 0, 0]]);
        assert_eq!(reader.byte(), 9);
        reader.finish();
        for count in [4, usize::MAX] {
            let beyond = || Reader::of(&bytes).items::<4>(count).len();
            assert!(std::panic::catch_unwind(beyond).is_err());
        }
    }
}
