//! The space a log takes: whether there is enough, and giving back what is not needed any more. Takes the
//! position retention allows, gives what was dropped. Must not know why.

use std::path::Path;

use foreshore_timeline::Lsn;

use super::error::LogError;
use super::segment::{Segment, index_path};
use super::writer::Log;

/// Whether there is space to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Bytes free on the disk, beside the space already reserved for the next segment.
    pub free: u64,
    /// Bytes that are to stay free.
    pub reserve: u64,
    /// Whether the reserve is there and space for the next segment is reserved.
    pub ok: bool,
}

/// A segment that was dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dropped {
    /// Its first record.
    pub first: Lsn,
    /// Its last record.
    pub last: Lsn,
    /// Its bytes.
    pub bytes: u64,
}

impl Log {
    /// Drops the sealed segments whose records are all before a position, oldest first.
    ///
    /// # Errors
    /// The disk fails: the log is broken then.
    pub fn drop_before(&mut self, lsn: Lsn) -> Result<Vec<Dropped>, LogError> {
        self.unbroken()?;
        let mut dropped = Vec::new();
        loop {
            let mut segments = self.shared.segments_mut();
            let old = |oldest: &&Segment| oldest.sealed && oldest.index.end <= lsn;
            let Some(info) = segments.first().filter(old).map(Segment::info) else {
                break;
            };
            segments.remove(0);
            drop(segments);
            let outcome = self.give_back(&info.file, info.first);
            outcome.map_err(|error| self.break_with(error))?;
            dropped.push(Dropped {
                first: info.first,
                last: info.last,
                bytes: info.bytes,
            });
        }
        Ok(dropped)
    }

    /// Whether there is space to go on. Reserves space for the next segment if there was none before.
    ///
    /// # Errors
    /// The disk fails; a full one does not.
    pub fn room(&mut self) -> Result<Room, LogError> {
        self.unbroken()?;
        let free = self.spares.prepare();
        let free = free.and_then(|()| self.disk.free_bytes(&self.folder));
        let free = free.map_err(|error| self.break_with(error.into()))?;
        let reserve = self.settings.reserve_bytes;
        Ok(Room {
            free,
            reserve,
            ok: free >= reserve && self.spares.is_ready(),
        })
    }

    /// Takes the files of a segment away.
    fn give_back(&mut self, file: &Path, first: Lsn) -> Result<(), LogError> {
        match self.disk.remove(&index_path(&self.folder, first)) {
            Err(error) if !error.is_missing() => return Err(error.into()),
            _ => {}
        }
        self.spares.recycle(file)?;
        self.counters.fsyncs += 1;
        Ok(())
    }
}
