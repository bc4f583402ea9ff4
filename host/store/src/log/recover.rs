//! From a folder to a log that can be appended to. Takes files, gives the segments in order and where the
//! last record is; refuses what a power cut cannot explain. Must not change anything but an unfinished seal and
//! lost indexes.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use foreshore_timeline::Lsn;

use super::error::{Flaw, LogError};
use super::frame::HEAD;
use super::header::Header;
use super::index::Index;
use super::segment::{
    Segment, first_of, flawed, index_path, keep_index, kept_index, segment_path, write_again,
};
use super::tail::Tail;
use super::walk::{Step, Walk};
use crate::disk::{Access, Disk, DiskFile};

/// What opening a log came upon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// The first record there is; 1 while there is none.
    pub first: Lsn,
    /// The last record there is; the one before `first` while there is none.
    pub last: Lsn,
    /// The end of a write that never became durable, which is cut off.
    pub cut: Option<Cut>,
    /// Bytes of records that were read and verified.
    pub scanned: u64,
    /// Indexes of segments that were lost and made again.
    pub reindexed: usize,
}

/// A torn end that is cut off. Its bytes stay where they are until something is written in their place:
/// whoever knows of later records can still refuse the log as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The file.
    pub file: PathBuf,
    /// Where in it, in bytes.
    pub offset: u64,
    /// The record that would have been there.
    pub lsn: Lsn,
    /// Bytes cut off.
    pub bytes: u64,
}

/// A log as its folder has it.
pub(super) struct Found {
    /// All segments, in order.
    pub(super) segments: Vec<Segment>,
    /// The header of the last.
    pub(super) header: Option<Header>,
    /// What was come upon.
    pub(super) recovered: Recovered,
}

/// A segment to be looked at.
struct Part {
    path: Arc<Path>,
    file: Arc<dyn DiskFile>,
    header: Header,
}

impl Part {
    /// The segment that begins with a record.
    fn load(disk: &dyn Disk, folder: &Path, first: Lsn) -> Result<Part, LogError> {
        let path: Arc<Path> = segment_path(folder, first).into();
        let file = disk.open(&path, Access::Read)?;
        let header = Header::read(&*file, &path, first)?;
        Ok(Part { path, file, header })
    }
}

/// Reads the folder of a log.
pub(super) fn recover(disk: &dyn Disk, folder: &Path) -> Result<Found, LogError> {
    let mut found = Found {
        segments: Vec::new(),
        header: None,
        recovered: Recovered {
            first: Lsn(1),
            last: Lsn(0),
            cut: None,
            scanned: 0,
            reindexed: 0,
        },
    };
    let mut firsts = firsts(disk, folder)?.into_iter();
    let mut load = || match firsts.next() {
        // Two at a time: a log may have more segments than a process may have files.
        Some(first) => Part::load(disk, folder, first).map(Some),
        None => Ok(None),
    };
    let (mut part, mut next) = (load()?, load()?);
    while let Some(here) = part.take() {
        let after = load()?;
        let segment = match &next {
            Some(next) => sealed(disk, folder, (&here, next), after.is_none(), &mut found)?,
            None => last(disk, folder, &here, &mut found)?,
        };
        found.recovered.last = Lsn(segment.index.end.0 - 1);
        found.segments.push(segment);
        found.header = Some(here.header);
        (part, next) = (next.take(), after);
    }
    if let Some(oldest) = found.segments.first() {
        found.recovered.first = oldest.index.first;
    }
    Ok(found)
}

/// The first records of the segments of a folder, in order. Indexes without a segment are removed.
fn firsts(disk: &dyn Disk, folder: &Path) -> Result<Vec<Lsn>, LogError> {
    let names = disk.list(folder)?;
    let firsts: Vec<Lsn> = names
        .iter()
        .filter_map(|name| first_of(name, ".log"))
        .collect();
    let indexes = names.iter().filter_map(|name| first_of(name, ".index"));
    for index in indexes.filter(|index| !firsts.contains(index)) {
        // An index goes before its segment does; a power cut may have brought it back. But the segment that
        // is written to always stays.
        if firsts.is_empty() {
            return Err(missing(folder, index, None));
        }
        if firsts.first().is_some_and(|oldest| index < *oldest) {
            disk.remove(&index_path(folder, index))?;
        }
    }
    Ok(firsts)
}

/// A segment that another follows: it is sealed, or the power went before its seal was durable.
fn sealed(
    disk: &dyn Disk,
    folder: &Path,
    (part, next): (&Part, &Part),
    next_is_last: bool,
    found: &mut Found,
) -> Result<Segment, LogError> {
    let first = part.header.first;
    let kept = kept_index(disk, folder, part.header.id, first);
    if let Some(index) = kept.filter(|index| index.end == next.header.first) {
        let seal = (index.end, index.end_offset);
        let mut walk = Walk::new(part.file.clone(), part.header.id, seal, None);
        let step = walk.step()?;
        if matches!(step, Step::Seal(raw) if raw.head.checksum == next.header.previous) {
            if next_is_last {
                let end = index.end_offset;
                write_again(disk, &part.path, end..end + HEAD as u64)?;
            }
            return Ok(Segment::new(part.path.clone(), &part.header, index, true));
        }
    }
    found.recovered.reindexed += 1;
    let Walked {
        mut index, flaw, ..
    } = walk_through(part, &mut found.recovered.scanned)?;
    let broken = |index: &Index, flaw| flawed(&part.path, index.end_offset, index.end, flaw);
    match flaw {
        None if index.end != next.header.first => {
            let last = Some(Lsn(next.header.first.0 - 1));
            return Err(missing(folder, index.end, last));
        }
        None if index.chain != next.header.previous => return Err(broken(&index, Flaw::Chain)),
        None if next_is_last => {
            let end = index.end_offset;
            write_again(disk, &part.path, end..end + HEAD as u64)?;
        }
        None => {}
        // The next segment is made before this one is sealed, and nothing is written to it before.
        Some(_) if next_is_last && index.end == next.header.first && is_empty(next)? => {
            // Its name may not be on the disk yet, and a sealed segment always has a successor.
            disk.sync_folder(folder)?;
            seal(disk, part, &mut index)?;
            if index.chain != next.header.previous {
                return Err(broken(&index, Flaw::Chain));
            }
        }
        Some(flaw) => return Err(broken(&index, flaw)),
    }
    keep_index(disk, folder, part.header.id, &index);
    Ok(Segment::new(part.path.clone(), &part.header, index, true))
}

/// The last segment: its end may be torn.
fn last(
    disk: &dyn Disk,
    folder: &Path,
    part: &Part,
    found: &mut Found,
) -> Result<Segment, LogError> {
    let walked = walk_through(part, &mut found.recovered.scanned)?;
    let Walked {
        mut walk,
        index,
        flaw,
        unproven,
    } = walked;
    let (lsn, offset) = (index.end, index.end_offset);
    let flaw = flaw.ok_or_else(|| missing(folder, lsn, None))?;
    match walk.tail(&flaw)? {
        Tail::Clean => {}
        Tail::Torn(bytes) => {
            found.recovered.cut = Some(Cut {
                file: part.path.to_path_buf(),
                offset,
                lsn,
                bytes,
            });
        }
        Tail::Damaged => return Err(flawed(&part.path, offset, lsn, flaw)),
    }
    write_again(disk, &part.path, unproven..offset)?;
    // So that its name is as sure as what it holds.
    disk.sync_folder(folder)?;
    Ok(Segment::new(part.path.clone(), &part.header, index, false))
}

/// All of a segment, walked through.
struct Walked {
    walk: Walk,
    /// Where its records are.
    index: Index,
    /// What it ended at; none: at the seal.
    flaw: Option<Flaw>,
    /// Where the first record is that none of the others knew to be durable.
    unproven: u64,
}

/// Walks over all records of a segment.
fn walk_through(part: &Part, scanned: &mut u64) -> Result<Walked, LogError> {
    let header = &part.header;
    let mut index = Index::new(header.first, header.size(), header.previous);
    let start = (header.first, header.size());
    let mut walk = Walk::new(part.file.clone(), header.id, start, Some(header.previous));
    let mut unproven = VecDeque::new();
    let flaw = loop {
        match walk.step()? {
            Step::Record(raw) => {
                while unproven
                    .front()
                    .is_some_and(|(lsn, _)| *lsn <= raw.head.proves())
                {
                    unproven.pop_front();
                }
                unproven.push_back((raw.head.lsn, index.end_offset));
                index.push(&raw.head);
            }
            Step::Seal(raw) => {
                index.chain = raw.head.checksum;
                break None;
            }
            Step::Broken(flaw) => break Some(flaw),
        }
    };
    *scanned += index.end_offset;
    let unproven = unproven
        .front()
        .map_or(index.end_offset, |(_, offset)| *offset);
    Ok(Walked {
        walk,
        index,
        flaw,
        unproven,
    })
}

/// Whether a segment has no record.
fn is_empty(part: &Part) -> Result<bool, LogError> {
    let Walked { index, flaw, .. } = walk_through(part, &mut 0)?;
    Ok(index.end == part.header.first && flaw.is_some())
}

/// Writes the seal that the power cut lost: it is the same again.
fn seal(disk: &dyn Disk, part: &Part, index: &mut Index) -> Result<(), LogError> {
    let (seal, chain) = super::batch::seal(part.header.id, index);
    let file = disk.open(&part.path, Access::Write)?;
    file.write_at(index.end_offset, seal.bytes())?;
    file.sync_data()?;
    index.chain = chain;
    Ok(())
}

fn missing(folder: &Path, first: Lsn, last: Option<Lsn>) -> LogError {
    LogError::Missing {
        folder: folder.to_owned(),
        first,
        last,
    }
}
