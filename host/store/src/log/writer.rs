//! The end of the log that is written to: records are gathered, then written and made durable together.
//! Takes records in order, gives the position up to which they are durable. Must not know who waits for it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use foreshore_event::Time;
use foreshore_timeline::Lsn;

use super::batch::Batch;
use super::error::LogError;
use super::frame::{PAYLOAD_MAX, SEAL};
use super::reader::{LogReader, Shared};
use super::recover::{Cut, Recovered, recover};
use super::settings::{Durability, LogSettings};
use super::spares::Spares;
use crate::disk::{Access, Disk, DiskFile};

/// What a log did since it was opened, and has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Commits that wrote something.
    pub commits: u64,
    /// Records written.
    pub records: u64,
    /// Times the disk was asked to make something durable.
    pub fsyncs: u64,
    /// Bytes written.
    pub bytes_written: u64,
    /// Segments there are now.
    pub segments: u64,
}

/// The segment that is written to.
pub(super) struct Active {
    pub(super) file: Arc<dyn DiskFile>,
    pub(super) segment: u64,
    pub(super) first: Lsn,
    pub(super) offset: u64,
    pub(super) capacity: u64,
    pub(super) chain: u32,
}

/// A log, open to be appended to. There is one per folder: whoever opens it holds the folder's lock.
pub struct Log {
    pub(super) disk: Arc<dyn Disk>,
    pub(super) folder: PathBuf,
    pub(super) settings: LogSettings,
    pub(super) shared: Arc<Shared>,
    pub(super) spares: Spares,
    pub(super) batch: Batch,
    pub(super) active: Option<Active>,
    pub(super) preamble: Arc<[u8]>,
    pub(super) counters: Counters,
    /// What a torn write left behind the end.
    torn: Option<Cut>,
    next: Lsn,
    pub(super) committed: Lsn,
    synced: Lsn,
    broken: Option<LogError>,
}

impl Log {
    /// Opens the log of a folder, or begins one with record 1. The preamble is that of the last segment.
    ///
    /// # Errors
    /// The log is damaged, a segment is missing or of a newer format, or the disk fails.
    pub fn open(
        disk: Arc<dyn Disk>,
        folder: &Path,
        settings: LogSettings,
    ) -> Result<(Log, Recovered), LogError> {
        disk.create_folder(folder)?;
        let found = recover(&*disk, folder)?;
        let begins = found.segments.is_empty();
        let mut spares = Spares::find(&disk, folder, settings.segment_bytes, begins)?;
        spares.prepare()?;
        let active = match found.segments.last() {
            None => None,
            Some(last) => {
                let file = disk.open(&last.path, Access::Write)?;
                Some(Active {
                    segment: last.id,
                    first: last.index.first,
                    offset: last.index.end_offset,
                    capacity: file.len()?,
                    chain: last.index.chain,
                    file,
                })
            }
        };
        let last = found.recovered.last;
        let shared = Shared::new(disk.clone(), folder.to_owned(), found.segments);
        let log = Log {
            disk,
            folder: folder.to_owned(),
            settings,
            shared: Arc::new(shared),
            spares,
            batch: Batch::default(),
            active,
            preamble: found
                .header
                .map_or_else(|| [].into(), |header| header.preamble),
            counters: Counters::default(),
            torn: found.recovered.cut.clone(),
            next: Lsn(last.0 + 1),
            committed: last,
            synced: last,
            broken: None,
        };
        Ok((log, found.recovered))
    }

    /// Adds a record to the next commit. Touches no disk.
    ///
    /// # Errors
    /// The record is not the next one, has a kind of 255 or more than 64 MiB; or the log failed before.
    pub fn append(
        &mut self,
        lsn: Lsn,
        kind: u8,
        time: Time,
        payload: &[u8],
    ) -> Result<(), LogError> {
        self.unbroken()?;
        if lsn != self.next {
            return Err(LogError::Gap {
                expected: self.next,
                given: lsn,
            });
        }
        if kind == SEAL || payload.len() > PAYLOAD_MAX {
            return Err(LogError::Unfit {
                lsn,
                kind,
                bytes: payload.len(),
            });
        }
        self.batch.push(lsn, kind, time, payload);
        self.next = Lsn(lsn.0 + 1);
        Ok(())
    }

    /// Bytes appended since the last commit.
    pub fn gathered_bytes(&self) -> usize {
        self.batch.bytes().len()
    }

    /// Writes what was appended, in one write, and makes it durable, with one sync. Readers see it then.
    /// Gives the last durable record. Nothing appended costs nothing.
    ///
    /// # Errors
    /// The disk fails: the log is broken then, every later call gives the same error, and nobody knows what
    /// of the batch will be found on opening it again. Only [`LogError::Full`] leaves all as it was.
    pub fn commit(&mut self) -> Result<Lsn, LogError> {
        self.unbroken()?;
        if self.batch.bytes().is_empty() {
            return Ok(self.committed);
        }
        let place = self.blank_torn().and_then(|()| self.make_place());
        let outcome = place.and_then(|()| self.write());
        outcome.map_err(|error| self.break_with(error))
    }

    /// Makes all that is committed outlive a power cut, whatever the durability: before a clean end, a
    /// checkpoint or a backup.
    ///
    /// # Errors
    /// The disk fails: the log is broken then.
    pub fn sync(&mut self) -> Result<(), LogError> {
        self.unbroken()?;
        if self.synced == self.committed {
            return Ok(());
        }
        let outcome = self.sync_active();
        outcome.map_err(|error| self.break_with(error))
    }

    /// What every segment from the next on begins with, so that it can be read alone. What is committed from
    /// here on goes into a new segment, if that is another preamble than before.
    pub fn set_preamble(&mut self, bytes: Vec<u8>) {
        if *self.preamble != *bytes
            && let Some(active) = &mut self.active
        {
            active.capacity = 0;
        }
        self.preamble = bytes.into();
    }

    /// What the segment that is written to begins with.
    pub fn preamble(&self) -> &[u8] {
        &self.preamble
    }

    /// Whether there is a segment to write to that has no record yet: it keeps the preamble it has.
    pub fn is_fresh(&self) -> bool {
        let fresh = |active: &Active| active.first > self.committed;
        self.active.as_ref().is_some_and(fresh)
    }

    /// A reader of what is committed.
    pub fn reader(&self) -> LogReader {
        LogReader {
            shared: self.shared.clone(),
        }
    }

    /// What it did and has.
    pub fn counters(&self) -> Counters {
        Counters {
            segments: self.shared.segments().len() as u64,
            ..self.counters
        }
    }

    /// Blanks what a torn write left, so that nothing of it is ever taken for a part of the next one.
    fn blank_torn(&mut self) -> Result<(), LogError> {
        if let (Some(torn), Some(active)) = (self.torn.take(), &self.active) {
            let zeros = vec![0; usize::try_from(torn.bytes).unwrap_or(0)];
            active.file.write_at(torn.offset, &zeros)?;
        }
        Ok(())
    }

    /// Writes the batch where there is place for it.
    fn write(&mut self) -> Result<Lsn, LogError> {
        let Some(active) = self.active.as_mut() else {
            return Ok(self.committed);
        };
        let chain = self.batch.chain(active.segment, active.chain, self.synced);
        let bytes = self.batch.bytes().len() as u64;
        active.file.write_at(active.offset, self.batch.bytes())?;
        active.offset += bytes;
        active.chain = chain;
        self.committed = Lsn(self.next.0 - 1);
        self.counters.commits += 1;
        self.counters.bytes_written += bytes;
        if self.settings.durability == Durability::Fsync {
            self.sync_active()?;
        }
        if let Some(segment) = self.shared.segments_mut().last_mut() {
            for head in self.batch.heads() {
                segment.index.push(&head);
                self.counters.records += 1;
            }
        }
        self.batch.clear();
        Ok(self.committed)
    }

    /// Makes the segment that is written to durable.
    pub(super) fn sync_active(&mut self) -> Result<(), LogError> {
        if let Some(active) = &self.active {
            active.file.sync_data()?;
            self.counters.fsyncs += 1;
            self.synced = self.committed;
        }
        Ok(())
    }

    /// Remembers an error after which nothing is sure any more; a lack of space leaves all as it was.
    pub(super) fn break_with(&mut self, error: LogError) -> LogError {
        if !matches!(error, LogError::Full { .. }) {
            self.broken = Some(error.clone());
        }
        error
    }

    /// Refuses, with the same error as then, once the log broke.
    pub(super) fn unbroken(&self) -> Result<(), LogError> {
        self.broken.clone().map_or(Ok(()), Err)
    }
}
