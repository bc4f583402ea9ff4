//! Little-endian primitives onto a byte vector, as `codec` lists them. Takes numbers and texts; knows nothing
//! of what they make up.

/// Writes primitives.
pub(super) struct Writer<'a>(pub(super) &'a mut Vec<u8>);

impl Writer<'_> {
    /// One byte.
    pub(super) fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    /// `i64`: eight bytes, little-endian.
    pub(super) fn i64(&mut self, number: i64) {
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    /// `varint`: LEB128, seven bits a byte, lowest first; the top bit says that another byte follows.
    pub(super) fn varint(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    /// A count or a length, as `varint`.
    pub(super) fn count(&mut self, count: usize) {
        self.varint(count as u64);
    }

    /// `signed`: a `varint` of 0, -1, 1, -2, 2 … as 0, 1, 2, 3, 4 …
    pub(super) fn signed(&mut self, number: i64) {
        self.varint((number.wrapping_shl(1) ^ (number >> 63)) as u64);
    }

    /// `back`: how far `to` lies before `from`, as `varint`; wraps, so that every pair has a distance.
    pub(super) fn back(&mut self, from: u64, to: u64) {
        self.varint(from.wrapping_sub(to));
    }

    /// `bytes`: their number as `varint`, then they themselves.
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.0.extend_from_slice(bytes);
    }

    /// `text`: `bytes` that are UTF-8.
    pub(super) fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    /// `text?`: 0 for none; else one more than the number of bytes as `varint`, then they themselves.
    pub(super) fn optional_text(&mut self, text: Option<&str>) {
        match text {
            None => self.byte(0),
            Some(text) => {
                self.varint(text.len() as u64 + 1);
                self.0.extend_from_slice(text.as_bytes());
            }
        }
    }
}
