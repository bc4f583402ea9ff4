//! All of a log, looked through for damage, byte by byte, while it may be written. Takes a folder, gives what
//! is damaged by place. Changes nothing.

use std::path::Path;

use foreshore_timeline::Lsn;

use super::error::{Flaw, LogError};
use super::finding::{Checked, Finding, Progress};
use super::header::Header;
use super::index::Index;
use super::segment::{first_of, flawed, index_path, kept_index, segment_path};
use super::tail::Tail;
use super::walk::{LOOKS, Step, Walk};
use crate::disk::{Access, Disk};

/// A look through a folder.
struct Look<'a> {
    disk: &'a dyn Disk,
    folder: &'a Path,
    /// The segment before, if it was sound to its seal.
    before: Option<Index>,
    /// What was found in the segment being read, not told yet: it may turn out to have been dropped.
    findings: Vec<Finding>,
}

/// What lies behind a segment.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Behind {
    /// Nothing: its end may be torn.
    Nothing,
    /// The last segment, still without records: the seal may be torn.
    Fresh(Lsn),
    /// A segment that is only there if this one is whole.
    Segment,
}

/// Reads every byte of every segment of a folder. The node that writes it may be running.
///
/// # Errors
/// The disk fails. Damage is no error: it is told.
pub fn check(
    disk: &dyn Disk,
    folder: &Path,
    tell: &mut dyn FnMut(Progress<'_>),
) -> Result<Checked, LogError> {
    let mut look = Look {
        disk,
        folder,
        before: None,
        findings: Vec::new(),
    };
    let mut checked = Checked::default();
    let names = look.segments()?;
    for (at, first) in names.iter().enumerate() {
        let path = segment_path(folder, *first);
        let behind = names.get(at + 1..).unwrap_or_default();
        let index = look
            .behind(behind)
            .and_then(|behind| look.segment(*first, behind));
        // Retention may have taken it meanwhile; what was read then says nothing.
        if !look.segments()?.contains(first) {
            look.before = None;
            look.findings.clear();
            continue;
        }
        let index = index?;
        for finding in look.findings.drain(..) {
            checked.damaged += u64::from(!finding.harmless);
            checked.harmless += u64::from(finding.harmless);
            tell(Progress::Finding(&finding));
        }
        let records = index
            .as_ref()
            .map_or(0, |index| index.end.0 - index.first.0);
        let bytes = index.as_ref().map_or(0, |index| index.end_offset);
        checked.segments += 1;
        checked.records += records;
        checked.bytes += bytes;
        let file = &path;
        tell(Progress::Segment {
            file,
            records,
            bytes,
        });
    }
    look.successor()?;
    for finding in &look.findings {
        checked.damaged += 1;
        tell(Progress::Finding(finding));
    }
    Ok(checked)
}

impl Look<'_> {
    /// The first records of the segments, in order.
    fn segments(&self) -> Result<Vec<Lsn>, LogError> {
        let names = self.disk.list(self.folder)?;
        let firsts = names.iter().filter_map(|name| first_of(name, ".log"));
        Ok(firsts.collect())
    }

    /// What lies behind a segment that others follow.
    fn behind(&self, others: &[Lsn]) -> Result<Behind, LogError> {
        let first = match others {
            [] => return Ok(Behind::Nothing),
            [last] => *last,
            _ => return Ok(Behind::Segment),
        };
        let path = segment_path(self.folder, first);
        let file = self.disk.open(&path, Access::Read)?;
        let Ok(header) = Header::read(&*file, &path, first) else {
            return Ok(Behind::Segment);
        };
        let start = (first, header.size());
        let mut walk = Walk::new(file, header.id, start, Some(header.previous));
        Ok(match walk.step()? {
            Step::Broken(_) => Behind::Fresh(first),
            Step::Record(_) | Step::Seal(_) => Behind::Segment,
        })
    }

    /// Looks through one segment. Gives where its records are, as far as they are sound.
    fn segment(&mut self, first: Lsn, behind: Behind) -> Result<Option<Index>, LogError> {
        let path = segment_path(self.folder, first);
        let file = self.disk.open(&path, Access::Read)?;
        let before = self.before.take();
        if let Some(before) = before.as_ref().filter(|before| before.end != first) {
            self.missing(before.end, Some(Lsn(first.0 - 1)));
        }
        let header = match Header::read(&*file, &path, first) {
            Err(LogError::Disk(error)) => return Err(error.into()),
            Err(error) => {
                self.found(&path, 0, first, error);
                return Ok(None);
            }
            Ok(header) => header,
        };
        if before.is_some_and(|index| index.end == first && index.chain != header.previous) {
            self.found(&path, 32, first, flawed(&path, 32, first, Flaw::Chain));
        }
        let index = Index::new(first, header.size(), header.previous);
        let start = (first, header.size());
        let walk = Walk::new(file, header.id, start, Some(header.previous));
        let (index, sealed) = self.records(walk, &path, index, behind)?;
        if sealed {
            if kept_index(self.disk, self.folder, header.id, first).as_ref() != Some(&index) {
                let path = index_path(self.folder, first);
                self.found(&path, 0, first, flawed(&path, 0, first, Flaw::Index));
                self.harmless();
            }
            self.before = Some(index.clone());
        }
        Ok(Some(index))
    }

    /// Looks through the records of a segment. Gives where they are, and whether a seal closes them.
    fn records(
        &mut self,
        mut walk: Walk,
        path: &Path,
        mut index: Index,
        behind: Behind,
    ) -> Result<(Index, bool), LogError> {
        let mut looks = LOOKS;
        loop {
            let flaw = match walk.step()? {
                Step::Record(raw) => {
                    index.push(&raw.head);
                    looks = LOOKS;
                    continue;
                }
                Step::Seal(raw) => {
                    index.chain = raw.head.checksum;
                    return Ok((index, true));
                }
                Step::Broken(flaw) => flaw,
            };
            let (lsn, offset) = (walk.lsn, walk.offset);
            let open_end = behind == Behind::Nothing || behind == Behind::Fresh(lsn);
            let tail = walk.tail(&flaw)?;
            if open_end && tail == Tail::Clean {
                return Ok((index, false));
            }
            if looks == 0 {
                self.found(path, offset, lsn, flawed(path, offset, lsn, flaw));
                if open_end && matches!(tail, Tail::Torn(_)) {
                    self.harmless();
                }
                return Ok((index, false));
            }
            looks -= 1;
            walk.look_again();
        }
    }

    /// A sealed segment has a successor, and an index has a segment.
    fn successor(&mut self) -> Result<(), LogError> {
        let names = self.disk.list(self.folder)?;
        let segments = self.segments()?;
        let index = names.iter().find_map(|name| first_of(name, ".index"));
        let end = self.before.take().map(|index| index.end);
        match (end, index) {
            (Some(end), _) if !segments.contains(&end) => self.missing(end, None),
            (None, Some(index)) if segments.is_empty() => self.missing(index, None),
            _ => {}
        }
        Ok(())
    }

    fn missing(&mut self, first: Lsn, last: Option<Lsn>) {
        let folder = self.folder.to_owned();
        let error = LogError::Missing {
            folder: folder.clone(),
            first,
            last,
        };
        self.found(&folder, 0, first, error);
    }

    fn found(&mut self, file: &Path, offset: u64, lsn: Lsn, error: LogError) {
        self.findings.push(Finding {
            file: file.to_owned(),
            offset,
            lsn,
            harmless: false,
            error,
        });
    }

    /// The last finding is one that a node starts with.
    fn harmless(&mut self) {
        if let Some(finding) = self.findings.last_mut() {
            finding.harmless = true;
        }
    }
}
