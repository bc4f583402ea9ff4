//! A pipeline's log, read record by record by somebody who has nothing but its folder: every record under the
//! manifest it was written under. Must not know what is looked for.

use std::ops::{ControlFlow, RangeInclusive};
use std::path::Path;
use std::sync::Arc;

use foreshore_timeline::Lsn;

use crate::codec::{DecodeError, Reading, decode_manifest};
use crate::disk::Disk;
use crate::error::StoreError;
use crate::log::{Frame, LogError, LogReader, SegmentInfo};
use crate::open::log_folder;

/// A pipeline's log, as it was when it was looked at.
pub struct View {
    disk: Arc<dyn Disk>,
    log: LogReader,
    unread: Vec<LogError>,
}

/// What a walk through a view is shown: a record's bytes, and how they are read.
pub type Visit<'a> = dyn FnMut(&Frame, &Reading) -> ControlFlow<()> + 'a;

impl View {
    /// Looks at the log in a pipeline's folder, which a node may be writing.
    ///
    /// # Errors
    /// When there is none, or the disk fails.
    pub fn open(disk: Arc<dyn Disk>, folder: &Path) -> Result<View, StoreError> {
        let observed = LogReader::observe(&disk, &log_folder(folder))?;
        Ok(View {
            disk,
            log: observed.reader,
            unread: observed.unread,
        })
    }

    /// The log itself.
    pub fn log(&self) -> &LogReader {
        &self.log
    }

    /// The disk it is on.
    pub fn disk(&self) -> &dyn Disk {
        &*self.disk
    }

    /// The same, to be kept.
    pub(super) fn shared_disk(&self) -> Arc<dyn Disk> {
        self.disk.clone()
    }

    /// Places from which on a segment cannot be read.
    pub fn unread(&self) -> &[LogError] {
        &self.unread
    }

    /// How the records of a segment are read.
    ///
    /// # Errors
    /// When what it says of itself is no manifest, or of a newer format.
    pub fn reading(&self, segment: &SegmentInfo) -> Result<Reading, StoreError> {
        let lsn = segment.first;
        let preamble = self.log.preamble_at(lsn)?;
        let broken = |error: DecodeError| StoreError::Decode { lsn, error };
        let manifest = decode_manifest(&preamble).map_err(broken)?;
        Reading::alone(Arc::new(manifest)).map_err(broken)
    }

    /// Segments that have records of a range.
    pub fn segments(&self, range: &RangeInclusive<Lsn>) -> impl Iterator<Item = SegmentInfo> {
        let (from, to) = (*range.start(), *range.end());
        let segments = self.log.segments().into_iter();
        segments.filter(move |segment| {
            segment.first <= segment.last && segment.first <= to && segment.last >= from
        })
    }

    /// Shows the records of a segment that lie in a range, in order, until told to break.
    ///
    /// # Errors
    /// At the first that is damaged, or when the disk fails. A segment that was dropped meanwhile is no error.
    pub fn walk(
        &self,
        segment: &SegmentInfo,
        range: &RangeInclusive<Lsn>,
        visit: &mut Visit<'_>,
    ) -> Result<ControlFlow<()>, StoreError> {
        match self.try_walk(segment, range, visit) {
            Err(_) if self.is_dropped(segment) => Ok(ControlFlow::Continue(())),
            walked => walked,
        }
    }

    fn try_walk(
        &self,
        segment: &SegmentInfo,
        range: &RangeInclusive<Lsn>,
        visit: &mut Visit<'_>,
    ) -> Result<ControlFlow<()>, StoreError> {
        let reading = self.reading(segment)?;
        let to = segment.last.min(*range.end());
        for frame in self.log.scan(segment.first.max(*range.start())) {
            let frame = frame?;
            let lsn = frame.lsn;
            if lsn > to {
                break;
            }
            if visit(&frame, &reading).is_break() {
                return Ok(ControlFlow::Break(()));
            }
            // The next one may lie in a segment that cannot be read: that is not this one's fault.
            if lsn == to {
                break;
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Whether retention has taken a segment away: its file is used again under another name.
    fn is_dropped(&self, segment: &SegmentInfo) -> bool {
        let name = segment.file.file_name().unwrap_or_default();
        let names = self.disk.list(self.log.folder());
        names.is_ok_and(|names| names.iter().all(|found| found.as_str() != name))
    }
}
