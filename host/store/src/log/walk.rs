//! The records of one segment, one after the other, each verified by itself and as the next of its chain.
//! Takes a file and a place, gives records until the seal, the end or a flaw. Must not know other segments.

use std::sync::Arc;

use foreshore_timeline::Lsn;

use super::error::Flaw;
use super::frame::{Raw, SEAL};
use super::tail::{Tail, tail};
use super::window::Window;
use crate::disk::{DiskError, DiskFile};

/// Times a flaw is looked at again by who does not write the log: a running node may be writing there.
pub(super) const LOOKS: usize = 3;

/// Bytes read at once.
const CHUNK: usize = 1 << 18;

/// A walk through a segment.
pub(super) struct Walk {
    segment: u64,
    window: Window,
    /// The record expected next.
    pub(super) lsn: Lsn,
    /// Where it is expected.
    pub(super) offset: u64,
    /// The checksum of the record before it, if that was seen.
    pub(super) previous: Option<u32>,
}

/// What a walk comes upon.
pub(super) enum Step<'a> {
    /// The next record.
    Record(Raw<'a>),
    /// The seal.
    Seal(Raw<'a>),
    /// No record that could be the next.
    Broken(Flaw),
}

impl Walk {
    /// A walk from an offset, where a record is expected.
    pub(super) fn new(
        file: Arc<dyn DiskFile>,
        segment: u64,
        (lsn, offset): (Lsn, u64),
        previous: Option<u32>,
    ) -> Walk {
        let left = file
            .len()
            .map_or(CHUNK as u64, |length| length.saturating_sub(offset));
        let chunk = usize::try_from(left).map_or(CHUNK, |left| left.min(CHUNK));
        Walk {
            segment,
            window: Window::new(file, chunk),
            lsn,
            offset,
            previous,
        }
    }

    /// The next step. After a flaw the walk stands where it was.
    pub(super) fn step(&mut self) -> Result<Step<'_>, DiskError> {
        let (offset, lsn, previous) = (self.offset, self.lsn, self.previous);
        let raw = match self.window.record(self.segment, offset)? {
            Ok(raw) => raw,
            Err(flaw) => return Ok(Step::Broken(flaw)),
        };
        if raw.head.lsn != lsn {
            return Ok(Step::Broken(Flaw::Lsn(raw.head.lsn)));
        }
        if previous.is_some_and(|previous| previous != raw.head.previous) {
            return Ok(Step::Broken(Flaw::Chain));
        }
        self.previous = Some(raw.head.checksum);
        if raw.head.kind == SEAL {
            return Ok(Step::Seal(raw));
        }
        self.lsn = Lsn(lsn.0 + 1);
        self.offset += raw.head.size();
        Ok(Step::Record(raw))
    }

    /// Reads again what was read: the file may have changed.
    pub(super) fn look_again(&mut self) {
        self.window.forget();
    }

    /// What lies behind the place where a flaw ended the walk.
    pub(super) fn tail(&mut self, flaw: &Flaw) -> Result<Tail, DiskError> {
        let end = (self.lsn, self.offset);
        tail(&mut self.window, self.segment, end, self.previous, flaw)
    }
}
