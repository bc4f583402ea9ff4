//! Records in order, over all segments, every link of the chain verified. Takes a position, gives every
//! record from there to the last one committed when the scan began. Must not know how they are written.

use std::path::Path;
use std::sync::Arc;

use foreshore_timeline::Lsn;

use super::error::{Flaw, LogError};
use super::frame::Frame;
use super::reader::{LogReader, Shared};
use super::segment::flawed;
use super::walk::{Step, Walk};

/// The records from a position on. Ends after the last, or after the first error.
pub struct Scan {
    shared: Arc<Shared>,
    next: Lsn,
    last: Lsn,
    walk: Option<(Arc<Path>, Walk)>,
    chain: Option<u32>,
}

impl LogReader {
    /// The records from `from` on, up to the last one committed by now.
    pub fn scan(&self, from: Lsn) -> Scan {
        Scan {
            shared: self.shared.clone(),
            next: from,
            last: self.range().1,
            walk: None,
            chain: None,
        }
    }
}

impl Scan {
    fn advance(&mut self) -> Result<Option<Frame>, LogError> {
        while self.next <= self.last {
            let (path, mut walk) = match self.walk.take() {
                Some(walk) => walk,
                None => self.enter()?,
            };
            let offset = walk.offset;
            match walk.step()? {
                Step::Record(raw) => {
                    let frame = (raw.head.lsn >= self.next).then(|| raw.to_frame());
                    self.walk = Some((path, walk));
                    if let Some(frame) = frame {
                        self.next = Lsn(frame.lsn.0 + 1);
                        return Ok(Some(frame));
                    }
                }
                Step::Seal(raw) if raw.head.lsn == self.next => {
                    self.chain = Some(raw.head.checksum);
                }
                Step::Seal(raw) => {
                    return Err(flawed(&path, offset, self.next, Flaw::Lsn(raw.head.lsn)));
                }
                Step::Broken(flaw) => return Err(flawed(&path, offset, walk.lsn, flaw)),
            }
        }
        Ok(None)
    }

    /// A walk to the next record, from the nearest place that is known.
    fn enter(&mut self) -> Result<(Arc<Path>, Walk), LogError> {
        let place = self.shared.place(self.next)?;
        let walk = Walk::new(place.file, place.segment, place.from, self.chain.take());
        Ok((place.path, walk))
    }
}

impl Iterator for Scan {
    type Item = Result<Frame, LogError>;

    fn next(&mut self) -> Option<Result<Frame, LogError>> {
        let next = self.next;
        match self.advance() {
            Ok(frame) => frame.map(Ok),
            Err(error) => {
                self.last = Lsn(0);
                self.next = Lsn(1);
                self.walk = None;
                Some(Err(self.shared.excused(next, error)))
            }
        }
    }
}
