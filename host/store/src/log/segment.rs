//! One file of the log as the process knows it: its name, what it holds, where its records are. Takes a
//! folder and a name, gives files and errors that name the place. Must not know other segments.

use std::ops::{Range, RangeInclusive};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use foreshore_event::Time;
use foreshore_timeline::Lsn;

use super::error::{Flaw, LogError};
use super::frame::VERSION;
use super::header::Header;
use super::index::Index;
use crate::disk::{Access, Disk, DiskError, DiskFile, read_whole};

/// A segment.
pub(super) struct Segment {
    /// Its file.
    pub(super) path: Arc<Path>,
    /// What tells its records from those of others.
    pub(super) id: u64,
    /// Where its records are.
    pub(super) index: Index,
    /// Whether nothing can be added.
    pub(super) sealed: bool,
    file: OnceLock<Arc<dyn DiskFile>>,
}

/// What is known of a segment without reading its records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentInfo {
    /// Its file.
    pub file: PathBuf,
    /// Its first record.
    pub first: Lsn,
    /// Its last record; the one before `first` while it is empty.
    pub last: Lsn,
    /// Bytes from its start to the end of its last record, or of its seal.
    pub bytes: u64,
    /// The largest time of a record.
    pub newest: Time,
    /// Whether nothing can be added.
    pub sealed: bool,
}

impl Segment {
    /// A segment whose file is not open yet.
    pub(super) fn new(path: Arc<Path>, header: &Header, index: Index, sealed: bool) -> Segment {
        Segment {
            path,
            id: header.id,
            index,
            sealed,
            file: OnceLock::new(),
        }
    }

    /// Its file, opened by the first who asks.
    pub(super) fn file(&self, disk: &dyn Disk) -> Result<Arc<dyn DiskFile>, DiskError> {
        if let Some(file) = self.file.get() {
            return Ok(file.clone());
        }
        let file = disk.open(&self.path, Access::Read)?;
        Ok(self.file.get_or_init(|| file).clone())
    }

    /// What others may know of it.
    pub(super) fn info(&self) -> SegmentInfo {
        let seal = if self.sealed { super::frame::HEAD } else { 0 };
        SegmentInfo {
            file: self.path.to_path_buf(),
            first: self.index.first,
            last: Lsn(self.index.end.0 - 1),
            bytes: self.index.end_offset + seal as u64,
            newest: self.index.newest,
            sealed: self.sealed,
        }
    }
}

/// The file of the segment that begins with a record.
pub(super) fn segment_path(folder: &Path, first: Lsn) -> PathBuf {
    folder.join(format!("{:020}.log", first.0))
}

/// The file of its index.
pub(super) fn index_path(folder: &Path, first: Lsn) -> PathBuf {
    folder.join(format!("{:020}.index", first.0))
}

/// Keeps an index beside its segment. It need not be durable and need not succeed: it can be made again.
pub(super) fn keep_index(disk: &dyn Disk, folder: &Path, segment: u64, index: &Index) {
    let path = index_path(folder, index.first);
    if let Ok(file) = disk.open(&path, Access::New) {
        let _ = file.write_at(0, &index.to_bytes(segment));
    }
}

/// The index beside a segment, if it is there and can be used.
pub(super) fn kept_index(
    disk: &dyn Disk,
    folder: &Path,
    segment: u64,
    first: Lsn,
) -> Option<Index> {
    let bytes = read_whole(disk, &index_path(folder, first)).ok()?;
    Index::from_bytes(&bytes, segment, first)
}

/// Writes again what nothing proves to be durable, and makes it so: a process that was killed may have left
/// it in memory only; one that a sync failed may have left it marked as written, and never written then.
pub(super) fn write_again(disk: &dyn Disk, path: &Path, part: Range<u64>) -> Result<(), LogError> {
    let file = disk.open(path, Access::Write)?;
    let mut bytes = vec![0; usize::try_from(part.end - part.start).unwrap_or(0)];
    let read = file.read_at(part.start, &mut bytes)?;
    bytes.truncate(read);
    file.write_at(part.start, &bytes)?;
    Ok(file.sync_data()?)
}

/// Positions that a segment can begin with: none before the first record, none that counting on would overflow.
const POSITIONS: RangeInclusive<u64> = 1..=u64::MAX / 2;

/// The first record of the segment or index with this name and ending; none for other files.
pub(super) fn first_of(name: &str, ending: &str) -> Option<Lsn> {
    let digits = name.strip_suffix(ending)?;
    let plain = digits.len() == 20 && digits.bytes().all(|byte| byte.is_ascii_digit());
    let first = plain.then(|| digits.parse::<u64>().ok()).flatten();
    first.filter(|lsn| POSITIONS.contains(lsn)).map(Lsn)
}

/// The error of a flaw at a place; what a newer version wrote is not damage.
pub(super) fn flawed(path: &Path, offset: u64, lsn: Lsn, flaw: Flaw) -> LogError {
    let file = path.to_owned();
    match flaw {
        Flaw::Version(format) => LogError::Newer {
            file,
            format,
            known: VERSION.into(),
        },
        flaw => LogError::Damaged {
            file,
            offset,
            lsn,
            flaw,
        },
    }
}
