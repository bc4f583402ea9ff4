//! The rows of a call, read where they lie: bytes in (`docs/PLUGIN-ABI.md`), borrowed cells out. Must not
//! know what fields mean.

use crate::fault::malformed;
use crate::time::Time;

/// Bytes of a row before its fields.
const HEAD: usize = 16;
/// Length of a text that is missing.
const MISSING: u32 = u32::MAX;

/// The rows of one call.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    stride: usize,
    rows: &'a [u8],
    arena: &'a [u8],
}

/// One row: when, of which type, what is asked of it, and its fields.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// Its event time, or the time of a read.
    pub time: Time,
    /// Index of its type among the plugin's `EVENTS`; beyond them for any other type.
    pub kind: usize,
    /// It changes the state.
    pub apply: bool,
    /// Its features are asked for.
    pub emit: bool,
    /// The state after it is asked for.
    pub mark: bool,
    /// Its fields.
    pub cells: Cells<'a>,
}

/// The fields of one row that are yet to be read, in the described order.
#[derive(Clone, Copy, Debug)]
pub struct Cells<'a> {
    cells: &'a [u8],
    arena: &'a [u8],
}

impl<'a> Rows<'a> {
    /// The rows of a call's bytes.
    ///
    /// # Panics
    /// When the bytes are shorter than their head says.
    pub fn of(mut bytes: &'a [u8]) -> Rows<'a> {
        let count = u32::from_le_bytes(take(&mut bytes)) as usize;
        let stride = u32::from_le_bytes(take(&mut bytes)) as usize;
        let rows = count.checked_mul(stride).filter(|_| stride >= HEAD);
        match rows.and_then(|length| bytes.split_at_checked(length)) {
            Some((rows, arena)) => Rows {
                stride,
                rows,
                arena,
            },
            None => malformed("rows", "shorter than their head says"),
        }
    }

    /// The rows, in order.
    pub fn iter(self) -> impl ExactSizeIterator<Item = Row<'a>> {
        let Rows { arena, .. } = self;
        self.rows.chunks_exact(self.stride).map(move |mut row| {
            let time = Time(i64::from_le_bytes(take(&mut row)));
            let kind = u16::from_le_bytes(take(&mut row));
            let [flags, _, _, _, _, _] = take(&mut row);
            Row {
                time,
                kind: usize::from(kind),
                apply: flags & 1 != 0,
                emit: flags & 2 != 0,
                mark: flags & 4 != 0,
                cells: Cells { cells: row, arena },
            }
        })
    }
}

impl<'a> Cells<'a> {
    /// The next field as a number; NaN if it is missing.
    ///
    /// # Panics
    /// When the row has no further field.
    pub fn number(&mut self) -> f64 {
        f64::from_le_bytes(take(&mut self.cells))
    }

    /// The next field as text; none if it is missing.
    ///
    /// # Panics
    /// When the row has no further field, or the text is not UTF-8 within the arena.
    pub fn text(&mut self) -> Option<&'a str> {
        let offset = u32::from_le_bytes(take(&mut self.cells)) as usize;
        let length = u32::from_le_bytes(take(&mut self.cells));
        if length == MISSING {
            return None;
        }
        let text = self
            .arena
            .get(offset..)
            .and_then(|rest| rest.get(..length as usize));
        match text.map(str::from_utf8) {
            Some(Ok(text)) => Some(text),
            Some(Err(_)) => malformed("a text", "not UTF-8"),
            None => malformed("a text", "outside the rows' arena"),
        }
    }
}

/// Cuts the first `N` bytes off.
fn take<const N: usize>(bytes: &mut &[u8]) -> [u8; N] {
    match bytes.split_first_chunk() {
        Some((first, rest)) => {
            *bytes = rest;
            *first
        }
        None => malformed("rows", "shorter than their head says"),
    }
}
