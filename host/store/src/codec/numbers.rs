//! Lists of numbers, to the bit and without their trailing zero bytes: counts and amounts are short that
//! way, and what is missing takes half a byte. Knows nothing of what the numbers mean.
//!
//! `numbers`, of a length known before:
//!
//! | bytes | what |
//! | --- | --- |
//! | half of the length, rounded up | a width for each number, two to a byte, the first in the low half |
//! | the sum of the widths | of each number's eight little-endian bytes the last `width` |
//!
//! Widths 0 to 8 are bytes (0: zero; 1.0 takes two). 9 is a missing number, the NaN `0x7FF8000000000000`, and
//! takes no bytes; 10, only in `numbers?`, is none at all. Others are not written.

use super::error::DecodeError;
use super::reader::Reader;
use super::writer::Writer;

/// The NaN of a missing number.
pub(super) const MISSING: u64 = 0x7FF8_0000_0000_0000;

/// The width that stands for it.
const WIDTH_MISSING: u8 = 9;

/// The width of what is none.
const WIDTH_NONE: u8 = 10;

fn width(number: Option<f64>) -> u8 {
    match number.map(f64::to_bits) {
        None => WIDTH_NONE,
        Some(MISSING) => WIDTH_MISSING,
        Some(bits) => 8 - (bits.trailing_zeros() / 8) as u8,
    }
}

impl Writer<'_> {
    /// `numbers`.
    pub(super) fn numbers(&mut self, numbers: &[f64]) {
        self.widths(numbers.chunks(2), Some);
        numbers.iter().for_each(|&number| self.number(Some(number)));
    }

    /// `numbers?`.
    pub(super) fn optional_numbers(&mut self, numbers: &[Option<f64>]) {
        self.widths(numbers.chunks(2), |number| number);
        numbers.iter().for_each(|&number| self.number(number));
    }

    fn widths<'a, T: Copy + 'a>(
        &mut self,
        pairs: impl Iterator<Item = &'a [T]>,
        number: fn(T) -> Option<f64>,
    ) {
        self.0.extend(pairs.map(|pair| match *pair {
            [low, high] => width(number(low)) | width(number(high)) << 4,
            [low] => width(number(low)),
            _ => 0,
        }));
    }

    fn number(&mut self, number: Option<f64>) {
        let (Some(number), width) = (number, usize::from(width(number))) else {
            return;
        };
        // Eight bytes at once, then those too many off again: a copy of varying length is dearer.
        let bits = number.to_bits();
        if let Some(shift) = 8_usize.checked_sub(width).filter(|&zeros| zeros < 8) {
            let end = self.0.len() + width;
            self.0
                .extend_from_slice(&(bits >> (8 * shift)).to_le_bytes());
            self.0.truncate(end);
        }
    }
}

impl<'a> Reader<'a> {
    /// `numbers`, so many.
    pub(super) fn numbers(&mut self, count: usize) -> Result<Vec<f64>, DecodeError> {
        let widths = self.widths(count)?;
        let mut numbers = Vec::with_capacity(count);
        for at in 0..count {
            match self.number(nibble(widths, at))? {
                Some(number) => numbers.push(number),
                None => return Err(self.damaged("no number where there has to be one")),
            }
        }
        Ok(numbers)
    }

    /// `numbers?`, so many.
    pub(super) fn optional_numbers(
        &mut self,
        count: usize,
    ) -> Result<Vec<Option<f64>>, DecodeError> {
        let widths = self.widths(count)?;
        (0..count)
            .map(|at| self.number(nibble(widths, at)))
            .collect()
    }

    /// The widths of so many numbers; what is left of the last byte is zero.
    fn widths(&mut self, count: usize) -> Result<&'a [u8], DecodeError> {
        let widths = self.take(count.div_ceil(2))?;
        let unused = widths.last().filter(|_| !count.is_multiple_of(2));
        match unused.is_some_and(|last| last >> 4 != 0) {
            true => Err(self.damaged("the width of a number more than there are")),
            false => Ok(widths),
        }
    }

    fn number(&mut self, width: u8) -> Result<Option<f64>, DecodeError> {
        let bits = match width {
            0 => 0,
            1..=8 => self.wide(width)?,
            WIDTH_MISSING => MISSING,
            WIDTH_NONE => return Ok(None),
            _ => return Err(self.damaged(format!("a number {width} bytes wide"))),
        };
        Ok(Some(f64::from_bits(bits)))
    }

    /// The bits of a number of this width, which has to be the least they need: one number has one form.
    fn wide(&mut self, width: u8) -> Result<u64, DecodeError> {
        let bits = self.low_bytes(width)? << (8 * (8 - width));
        let least = bits.trailing_zeros() / 8 == u32::from(8 - width) && bits != MISSING;
        match least {
            true => Ok(bits),
            false => Err(self.damaged(format!("{bits:#018x} as a number {width} bytes wide"))),
        }
    }
}

fn nibble(widths: &[u8], at: usize) -> u8 {
    let pair = widths.get(at / 2).copied().unwrap_or_default();
    (pair >> (at % 2 * 4)) & 0xF
}
