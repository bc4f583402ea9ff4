//! Little-endian primitives from bytes, as `codec` lists them, every step checked against the end. Knows
//! nothing of what they make up.

use super::error::DecodeError;

/// Reads primitives.
pub(super) struct Reader<'a> {
    /// What is being read, for messages.
    what: &'static str,
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// From the first of these bytes.
    pub(super) fn new(what: &'static str, bytes: &'a [u8]) -> Reader<'a> {
        Reader { what, bytes, at: 0 }
    }

    /// From the format version on, which is `known` or below.
    pub(super) fn versioned(
        what: &'static str,
        known: u8,
        bytes: &'a [u8],
    ) -> Result<Reader<'a>, DecodeError> {
        let mut reader = Reader::new(what, bytes);
        match reader.byte()? {
            0 => Err(reader.damaged("there is no format 0")),
            found if found > known => Err(DecodeError::Newer { what, found, known }),
            _ => Ok(reader),
        }
    }

    /// What the reader is at is not what was written.
    pub(super) fn damaged(&self, found: impl Into<String>) -> DecodeError {
        DecodeError::Damaged {
            what: self.what,
            at: self.at,
            found: found.into(),
        }
    }

    /// Nothing may follow.
    pub(super) fn end(&self) -> Result<(), DecodeError> {
        match self.bytes.len() - self.at {
            0 => Ok(()),
            more => Err(self.damaged(format!("{more} bytes more than expected"))),
        }
    }

    /// All bytes that are left.
    pub(super) fn rest(&mut self) -> &'a [u8] {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        self.at = self.bytes.len();
        rest
    }

    /// So many bytes.
    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], DecodeError> {
        let end = self.at.checked_add(count);
        let taken = end.and_then(|end| self.bytes.get(self.at..end));
        let taken = taken.ok_or_else(|| {
            let left = self.bytes.len() - self.at;
            self.damaged(format!("expected {count} bytes, found {left}"))
        })?;
        self.at += count;
        Ok(taken)
    }

    pub(super) fn byte(&mut self) -> Result<u8, DecodeError> {
        let byte = self.bytes.get(self.at).copied();
        let byte = byte.ok_or_else(|| self.damaged("expected another byte, found the end"))?;
        self.at += 1;
        Ok(byte)
    }

    /// A byte of flags, of which only these are known.
    pub(super) fn flags(&mut self, known: u8) -> Result<u8, DecodeError> {
        match self.byte()? {
            flags if flags & !known == 0 => Ok(flags),
            flags => Err(self.damaged(format!(
                "flags {flags:#04x}, expected none but {known:#04x}"
            ))),
        }
    }

    pub(super) fn i64(&mut self) -> Result<i64, DecodeError> {
        let mut eight = [0; 8];
        eight.copy_from_slice(self.take(8)?);
        Ok(i64::from_le_bytes(eight))
    }

    /// An integer whose lowest bytes, 1 to 8 of them, are these; what stands above them is anything.
    pub(super) fn low_bytes(&mut self, count: u8) -> Result<u64, DecodeError> {
        let mut eight = [0; 8];
        match self.bytes.get(self.at..).and_then(<[u8]>::first_chunk) {
            // Eight bytes at once are cheaper than fewer, and where they are at hand, as good.
            Some(at_hand) => {
                eight = *at_hand;
                self.at += usize::from(count);
            }
            None => {
                let few = self.take(usize::from(count))?;
                eight[..few.len()].copy_from_slice(few);
            }
        }
        Ok(u64::from_le_bytes(eight))
    }

    pub(super) fn varint(&mut self) -> Result<u64, DecodeError> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7F);
            if bits.leading_zeros() < shift {
                return Err(self.damaged("a varint beyond 64 bits"));
            }
            number |= bits << shift;
            if byte < 0x80 {
                return match byte == 0 && shift > 0 {
                    true => Err(self.damaged("a varint that is longer than it has to be")),
                    false => Ok(number),
                };
            }
        }
        Err(self.damaged("a varint of more than ten bytes"))
    }

    /// A `varint` that fits into 32 bits.
    pub(super) fn u32(&mut self) -> Result<u32, DecodeError> {
        let number = self.varint()?;
        u32::try_from(number).map_err(|_| self.damaged(format!("{number} is beyond 32 bits")))
    }

    /// An index or a length, as `varint`.
    pub(super) fn index(&mut self) -> Result<usize, DecodeError> {
        let number = self.varint()?;
        usize::try_from(number).map_err(|_| self.damaged(format!("{number} is no index")))
    }

    /// How many things follow that take at least a byte each: no more than there are bytes, so that no
    /// damaged count asks for memory.
    pub(super) fn count(&mut self) -> Result<usize, DecodeError> {
        let count = self.index()?;
        match self.bytes.len() - self.at {
            left if count > left => {
                Err(self.damaged(format!("{count} are said to follow in {left} bytes")))
            }
            _ => Ok(count),
        }
    }

    pub(super) fn signed(&mut self) -> Result<i64, DecodeError> {
        let coded = self.varint()?;
        Ok((coded >> 1) as i64 ^ -((coded & 1) as i64))
    }

    pub(super) fn back(&mut self, from: u64) -> Result<u64, DecodeError> {
        Ok(from.wrapping_sub(self.varint()?))
    }

    pub(super) fn bytes(&mut self) -> Result<&'a [u8], DecodeError> {
        let count = self.index()?;
        self.take(count)
    }

    pub(super) fn text(&mut self) -> Result<&'a str, DecodeError> {
        let bytes = self.bytes()?;
        self.utf8(bytes)
    }

    pub(super) fn optional_text(&mut self) -> Result<Option<&'a str>, DecodeError> {
        let Some(count) = self.index()?.checked_sub(1) else {
            return Ok(None);
        };
        let bytes = self.take(count)?;
        self.utf8(bytes).map(Some)
    }

    fn utf8(&self, bytes: &'a [u8]) -> Result<&'a str, DecodeError> {
        std::str::from_utf8(bytes).map_err(|_| self.damaged("a text that is not UTF-8"))
    }
}
