//! Reading records by position while the log is written: one read of the disk for one record, mostly. Takes
//! positions, gives records that were committed. Must not know how they are written.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use foreshore_timeline::Lsn;

use super::error::{Flaw, LogError};
use super::frame::Frame;
use super::header::Header;
use super::segment::{Segment, SegmentInfo, flawed};
use super::window::Window;
use crate::disk::{Disk, DiskFile};

/// Most bytes read at once on the way to a record; one that lies further costs a second read.
const READ_MAX: u64 = 1 << 15;

/// Bytes read beyond a record's known place for the one after it.
const NEXT_ROOM: u64 = 1 << 11;

/// What the writer and its readers share.
pub(super) struct Shared {
    disk: Arc<dyn Disk>,
    folder: PathBuf,
    segments: RwLock<Vec<Segment>>,
}

/// Where a record can be found.
pub(super) struct Place {
    pub(super) path: Arc<Path>,
    pub(super) file: Arc<dyn DiskFile>,
    pub(super) segment: u64,
    /// A record at or before it whose offset is known, and that offset.
    pub(super) from: (Lsn, u64),
    /// The next offset known after it, and the end of what is committed.
    until: (u64, u64),
}

/// Reads what is committed. Clones are cheap and read side by side.
#[derive(Clone)]
pub struct LogReader {
    pub(super) shared: Arc<Shared>,
}

impl Shared {
    /// The segments of a log.
    pub(super) fn new(disk: Arc<dyn Disk>, folder: PathBuf, segments: Vec<Segment>) -> Shared {
        Shared {
            disk,
            folder,
            segments: RwLock::new(segments),
        }
    }

    /// The segments, to look at.
    pub(super) fn segments(&self) -> RwLockReadGuard<'_, Vec<Segment>> {
        self.segments.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The segments, to change.
    pub(super) fn segments_mut(&self) -> RwLockWriteGuard<'_, Vec<Segment>> {
        self.segments
            .write()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The first and the last record there are; 1 and 0 while there is none.
    pub(super) fn range(&self) -> (Lsn, Lsn) {
        let segments = self.segments();
        match (segments.first(), segments.last()) {
            (Some(first), Some(last)) => (first.index.first, Lsn(last.index.end.0 - 1)),
            _ => (Lsn(1), Lsn(0)),
        }
    }

    /// Where a record can be found.
    pub(super) fn place(&self, lsn: Lsn) -> Result<Place, LogError> {
        let segments = self.segments();
        let after = segments.partition_point(|segment| segment.index.first <= lsn);
        let segment = after.checked_sub(1).and_then(|at| segments.get(at));
        let found = segment.and_then(|segment| Some((segment, segment.index.find(lsn)?)));
        let Some((segment, (near, offset, until))) = found else {
            drop(segments);
            return Err(self.absent(lsn));
        };
        Ok(Place {
            path: segment.path.clone(),
            file: segment.file(&*self.disk)?,
            segment: segment.id,
            from: (near, offset),
            until: (until, segment.index.end_offset),
        })
    }

    /// An error while reading a record. A segment that was dropped meanwhile is no damage.
    pub(super) fn excused(&self, lsn: Lsn, error: LogError) -> LogError {
        match lsn < self.range().0 {
            true => self.absent(lsn),
            false => error,
        }
    }

    fn absent(&self, lsn: Lsn) -> LogError {
        let (first, last) = self.range();
        LogError::Absent { lsn, first, last }
    }
}

impl LogReader {
    /// A record.
    ///
    /// # Errors
    /// It is not in the log, it is damaged, or the disk fails.
    pub fn read(&self, lsn: Lsn) -> Result<Frame, LogError> {
        Ok(self.read_near(lsn, 0)?.0)
    }

    /// A record, and the one after it if that came with the same read of the disk, which it mostly does.
    /// None says nothing about whether there is a next record.
    ///
    /// # Errors
    /// As for [`LogReader::read`]; of the record asked for only.
    pub fn read_two(&self, lsn: Lsn) -> Result<(Frame, Option<Frame>), LogError> {
        self.read_near(lsn, NEXT_ROOM)
    }

    /// The preamble of the segment that holds a record.
    ///
    /// # Errors
    /// The record is not in the log, the segment is damaged, or the disk fails.
    pub fn preamble_at(&self, lsn: Lsn) -> Result<Arc<[u8]>, LogError> {
        let place = self.shared.place(lsn)?;
        let first = {
            let segments = self.shared.segments();
            let held = segments.iter().find(|segment| segment.id == place.segment);
            held.map_or(lsn, |segment| segment.index.first)
        };
        let header = Header::read(&*place.file, &place.path, first);
        let header = header.map_err(|error| self.shared.excused(lsn, error))?;
        Ok(header.preamble)
    }

    /// The first record of the segment that holds a record.
    ///
    /// # Errors
    /// The record is not in the log.
    pub fn segment_of(&self, lsn: Lsn) -> Result<Lsn, LogError> {
        let segments = self.shared.segments();
        let holds = |found: &&Segment| found.index.first <= lsn && lsn < found.index.end;
        let first = segments
            .iter()
            .rev()
            .find(holds)
            .map(|found| found.index.first);
        drop(segments);
        first.ok_or_else(|| self.shared.absent(lsn))
    }

    /// What is known of every segment, in order.
    pub fn segments(&self) -> Vec<SegmentInfo> {
        self.shared.segments().iter().map(Segment::info).collect()
    }

    /// The first and the last record there are; 1 and 0 while there is none.
    pub fn range(&self) -> (Lsn, Lsn) {
        self.shared.range()
    }

    /// The folder of the log.
    pub fn folder(&self) -> &Path {
        &self.shared.folder
    }

    fn read_near(&self, lsn: Lsn, room: u64) -> Result<(Frame, Option<Frame>), LogError> {
        let place = self.shared.place(lsn)?;
        place
            .read(lsn, room)
            .map_err(|error| self.shared.excused(lsn, error))
    }
}

impl Place {
    /// Reads the record, and the next if it is within `room` bytes after what must be read.
    fn read(&self, lsn: Lsn, room: u64) -> Result<(Frame, Option<Frame>), LogError> {
        let (mut at, mut offset) = self.from;
        let (until, end) = self.until;
        let chunk = (until.saturating_add(room).min(end) - offset).min(READ_MAX);
        let chunk = usize::try_from(chunk).unwrap_or(usize::MAX);
        let mut window = Window::new(self.file.clone(), chunk);
        let flawed = |offset, flaw| flawed(&self.path, offset, lsn, flaw);
        while at < lsn {
            let head = window.head(offset)?.map_err(|flaw| flawed(offset, flaw))?;
            if head.lsn != at {
                return Err(flawed(offset, Flaw::Lsn(head.lsn)));
            }
            offset += head.size();
            at = Lsn(at.0 + 1);
        }
        let raw = window.record(self.segment, offset)?;
        let raw = raw.map_err(|flaw| flawed(offset, flaw))?;
        if raw.head.lsn != lsn {
            return Err(flawed(offset, Flaw::Lsn(raw.head.lsn)));
        }
        let after = offset + raw.head.size();
        let frame = raw.to_frame();
        let next = match after < end {
            true => window.record_held(self.segment, after),
            false => None,
        };
        let next = next.and_then(Result::ok).map(super::frame::Raw::to_frame);
        Ok((frame, next.filter(|next| next.lsn.0 == lsn.0 + 1)))
    }
}
