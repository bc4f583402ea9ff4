//! The bytes of a state, being written: fixed and variable-length numbers. Gives the same bytes for the same
//! numbers; must not know what they mean.

/// The one bit pattern every NaN is written as.
pub(crate) const NAN: u64 = 0x7FF8_0000_0000_0000;

/// Writes a state's bytes.
#[derive(Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// An empty writer with room for that many bytes.
    pub fn with_capacity(bytes: usize) -> Writer {
        Writer {
            bytes: Vec::with_capacity(bytes),
        }
    }

    /// One byte.
    pub fn byte(&mut self, byte: u8) {
        self.bytes.push(byte);
    }

    /// Bytes as they are, without their length.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// A whole number in as few bytes as it needs: 7 bits each, the lowest first.
    pub fn unsigned(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.bytes.push(number as u8);
    }

    /// A whole number of either sign; small magnitudes take few bytes.
    pub fn signed(&mut self, number: i64) {
        self.unsigned(((number << 1) ^ (number >> 63)) as u64);
    }

    /// A whole number and a flag: a byte that holds the flag and how many bytes follow, then those, the
    /// lowest first. Without a loop, for what a state holds by the hundred.
    pub fn flagged(&mut self, number: u64, flag: bool) {
        let length = 8 - number.leading_zeros() as usize / 8;
        let [a, b, c, d, e, f, g, h] = number.to_le_bytes();
        let head = (length as u8) << 1 | u8::from(flag);
        // All nine at once and the rest cut off again: cheaper than a copy of varying length.
        let end = self.bytes.len() + 1 + length;
        self.bytes
            .extend_from_slice(&[head, a, b, c, d, e, f, g, h]);
        self.bytes.truncate(end);
    }

    /// A number in 8 bytes; every NaN is the same NaN.
    pub fn number(&mut self, number: f64) {
        self.bytes(&canonical(number).to_le_bytes());
    }

    /// Writes what `content` writes, after its length in 4 bytes.
    pub(crate) fn framed(&mut self, content: impl FnOnce(&mut Writer)) {
        let frame = self.bytes.len();
        self.bytes(&[0; 4]);
        content(self);
        let length = (self.bytes.len() - frame - 4) as u32;
        if let Some(head) = self.bytes.get_mut(frame..frame + 4) {
            head.copy_from_slice(&length.to_le_bytes());
        }
    }

    /// What was written.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// The number itself, or the one NaN: engines are free in the bits of a NaN, bytes must not be.
pub(crate) fn canonical(number: f64) -> f64 {
    if number.is_nan() {
        f64::from_bits(NAN)
    } else {
        number
    }
}
