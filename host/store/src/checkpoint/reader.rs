//! Reading a checkpoint: one timeline by its key, all in order, or every byte to see that it is sound.
//! Nothing of it is believed before its checksum was; must not know what a timeline is.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::error::{CheckpointError, Fault};
use super::layout::{
    self, FORMAT, HEAD_BYTES_MAX, Head, MAGIC, Mark, OPENING, PREFIX, TRAILER, Trailer,
};
use super::source::Source;
use crate::cold::value::HEADER;
use crate::cold::{BODY_BYTES_MAX, Family, KEY_BYTES_MAX, Key, Stored, key, value};
use crate::disk::{Access, Disk, DiskFile};

/// A checkpoint to be read. Keeps its head and the index in memory, some 40 bytes per 64 KiB of records.
pub struct Reader {
    path: PathBuf,
    file: Arc<dyn DiskFile>,
    head: Head,
    /// Where the records begin.
    records: u64,
    marks: Vec<Mark>,
    trailer: Trailer,
    length: u64,
}

impl Reader {
    /// Opens a checkpoint: reads and checks head, index and trailer. Records are checked when read.
    ///
    /// # Errors
    /// When it is no checkpoint, newer, damaged, or the disk refuses.
    pub fn open(disk: &dyn Disk, path: &Path) -> Result<Reader, CheckpointError> {
        let file = disk.open(path, Access::Read)?;
        let length = file.len()?;
        let mut source = Source::new(path, &*file, 0, length);
        let head = head(&mut source, path)?;
        let records = source.offset();
        let end = length.saturating_sub(TRAILER as u64).max(records);
        let mut source = Source::new(path, &*file, end, length);
        let trailer =
            Trailer::parse(source.take(TRAILER)?).map_err(|fault| source.damaged(end, fault))?;
        let index = trailer.index;
        if !(records..=end).contains(&index) {
            return Err(source.damaged(end, Fault::Nonsense("trailer")));
        }
        let mut source = Source::new(path, &*file, index, end);
        let marks = layout::marks(source.take((end - index) as usize)?)
            .map_err(|fault| source.damaged(index, fault))?;
        Ok(Reader {
            path: path.to_path_buf(),
            file,
            head,
            records,
            marks,
            trailer,
            length,
        })
    }

    /// What it says about itself.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// How many timelines it holds.
    pub fn count(&self) -> u64 {
        self.trailer.count
    }

    /// Its size in bytes.
    pub fn bytes(&self) -> u64 {
        self.length
    }

    /// The timeline of a key. Reads 64 KiB and a record at most.
    ///
    /// # Errors
    /// When a record on the way is damaged, or the disk refuses.
    pub fn find(&self, family: Family, key: &str) -> Result<Option<Stored>, CheckpointError> {
        let wanted = Key::new(family, key);
        let above = self.marks.partition_point(|mark| mark.key <= wanted);
        let Some(mark) = above.checked_sub(1).and_then(|at| self.marks.get(at)) else {
            return Ok(None);
        };
        let mut source = self.source(mark.offset);
        while !source.is_at_end() {
            let (key, stored) = record(&mut source)?;
            if key >= wanted {
                return Ok((key == wanted).then_some(stored));
            }
        }
        Ok(None)
    }

    /// Shows all timelines in order of their keys, until told to break.
    ///
    /// # Errors
    /// At the first damaged record, or when the disk refuses.
    pub fn timelines(
        &self,
        mut visit: impl FnMut(Key, Stored) -> ControlFlow<()>,
    ) -> Result<(), CheckpointError> {
        let mut source = self.source(self.records);
        while !source.is_at_end() {
            let (key, stored) = record(&mut source)?;
            if visit(key, stored).is_break() {
                break;
            }
        }
        Ok(())
    }

    /// Reads every byte: checksums, order and number of the timelines.
    ///
    /// # Errors
    /// At the first damage, with its place; or when the disk refuses.
    pub fn verify(&self) -> Result<(), CheckpointError> {
        let mut source = Source::new(&self.path, &*self.file, 0, self.trailer.index);
        head(&mut source, &self.path)?;
        let (mut last, mut found) = (None, 0);
        while !source.is_at_end() {
            let offset = source.offset();
            let (key, _) = record(&mut source)?;
            if last.as_ref().is_some_and(|last| *last >= key) {
                return Err(source.damaged(offset, Fault::Order(key)));
            }
            last = Some(key);
            found += 1;
        }
        let (index, stated) = (self.trailer.index, self.trailer.count);
        if found != stated {
            return Err(source.damaged(index, Fault::Count { stated, found }));
        }
        let end = self.length - TRAILER as u64;
        source.extend_to(end);
        source.take((end - index) as usize)?;
        let (part, stated, found) = ("file", self.trailer.whole, source.checksum());
        if found != stated {
            let fault = Fault::Checksum {
                part,
                stated,
                found,
            };
            return Err(source.damaged(0, fault));
        }
        Ok(())
    }

    /// The records from an offset on.
    fn source(&self, offset: u64) -> Source<'_> {
        Source::new(&self.path, &*self.file, offset, self.trailer.index)
    }
}

fn head(source: &mut Source<'_>, path: &Path) -> Result<Head, CheckpointError> {
    let opening = source.take(OPENING)?.to_vec();
    let numbers = opening.strip_prefix(&MAGIC).and_then(|rest| {
        let (format, rest) = layout::u32_of(rest)?;
        Some((format, layout::u32_of(rest)?.0))
    });
    let Some((format, length)) = numbers else {
        return Err(CheckpointError::NotOne(path.to_path_buf()));
    };
    if length > HEAD_BYTES_MAX {
        return Err(source.damaged(0, Fault::Nonsense("head")));
    }
    let content = source.take(length as usize)?.to_vec();
    let found = source.checksum();
    let stated = source.take(size_of::<u32>())?;
    let stated = layout::u32_of(stated).map_or(0, |(stated, _)| stated);
    if stated != found {
        let part = "head";
        return Err(source.damaged(
            0,
            Fault::Checksum {
                part,
                stated,
                found,
            },
        ));
    }
    if format > FORMAT {
        return Err(CheckpointError::Newer {
            path: path.to_path_buf(),
            found: format,
            known: FORMAT,
        });
    }
    Head::parse(&content).ok_or_else(|| source.damaged(0, Fault::Nonsense("head")))
}

/// The next record.
fn record(source: &mut Source<'_>) -> Result<(Key, Stored), CheckpointError> {
    let offset = source.offset();
    let nonsense = Fault::Nonsense("record");
    let Some((family, key, length)) = layout::lengths(source.take(PREFIX)?) else {
        return Err(source.damaged(offset, nonsense));
    };
    if key > KEY_BYTES_MAX || length > HEADER + BODY_BYTES_MAX {
        return Err(source.damaged(offset, nonsense));
    }
    let Ok(text) = std::str::from_utf8(source.take(key)?).map(Box::<str>::from) else {
        return Err(source.damaged(offset, nonsense));
    };
    let key = Key { family, key: text };
    let stored = value::unseal(&key::timeline(family, &key.key), source.take(length)?);
    match stored {
        Ok(stored) => Ok((key, stored)),
        Err(flaw) => Err(source.damaged(offset, Fault::Record { key, flaw })),
    }
}
