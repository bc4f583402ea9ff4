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

    /// Items of one size, one after the other: little more than a copy, for what a state holds by the hundred.
    pub fn items<const N: usize>(&mut self, items: impl ExactSizeIterator<Item = [u8; N]>) {
        let start = self.bytes.len();
        self.bytes.resize(start + N * items.len(), 0);
        let (places, _) = self.bytes[start..].as_chunks_mut();
        for (place, item) in places.iter_mut().zip(items) {
            *place = item;
        }
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
