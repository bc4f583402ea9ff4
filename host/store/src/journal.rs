//! The writing end of a pipeline's log: records instead of frames, and beside every sealed segment the
//! identities of its events. Must not know what a record means.

use std::ops::RangeInclusive;
use std::sync::Arc;

use foreshore_core::identities::Entry;
use foreshore_core::{Disposition, Manifest, Record};
use foreshore_event::Time;
use foreshore_timeline::Lsn;

use crate::codec::{decode_manifest, encode, encode_manifest};
use crate::disk::Disk;
use crate::error::StoreError;
use crate::identities;
use crate::log::{Counters, Dropped, Log, LogReader, Room};

/// The writing end of a pipeline's log.
pub struct Journal {
    disk: Arc<dyn Disk>,
    log: Log,
    /// The open segment's first record, and its events.
    first: Lsn,
    events: Vec<Entry>,
    /// What is still to be written beside segments that were sealed.
    sealed: Vec<Sealed>,
    bytes: Vec<u8>,
}

/// The events of a segment that was sealed, to be written beside it. A start can do without, if it takes the time to
/// read the segment.
pub struct Sealed {
    disk: Arc<dyn Disk>,
    log: LogReader,
    segment: RangeInclusive<Lsn>,
    events: Vec<Entry>,
}

impl Sealed {
    /// Writes them down; milliseconds of work.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn keep(self) -> Result<(), StoreError> {
        let (disk, folder) = (&*self.disk, self.log.folder());
        identities::keep(disk, folder, &self.segment, &self.events)?;
        let first = *self.segment.start();
        // Retention was quicker: what it left is gone, and this was not there to be taken along.
        if self.log.segment_of(first).is_err() {
            identities::remove(disk, folder, first);
        }
        Ok(())
    }
}

impl Journal {
    /// Writes on where a log ends; `events` are those of its last segment, which begins at `first`.
    pub(crate) fn new(disk: Arc<dyn Disk>, log: Log, first: Lsn, events: Vec<Entry>) -> Journal {
        Journal {
            disk,
            log,
            first,
            events,
            sealed: Vec::new(),
            bytes: Vec::new(),
        }
    }

    /// Adds records; `now` is the time of those that have none of their own.
    ///
    /// # Errors
    /// When a position does not follow the one before, or the log has failed.
    pub fn append(&mut self, records: &[Record], now: Time) -> Result<(), StoreError> {
        for record in records {
            let time = match record {
                Record::Event { arrival, .. } => *arrival,
                _ => now,
            };
            if let Record::Deploy { manifest, .. } = record {
                // A segment is written under one manifest. One that has no record yet takes this one, which
                // says by itself what it is, and what follows goes into the next.
                self.commit()?;
                if self.log.is_fresh() {
                    self.add(record, time)?;
                    self.commit()?;
                    self.log.set_preamble(preamble(manifest));
                    continue;
                }
                self.log.set_preamble(preamble(manifest));
            }
            self.add(record, time)?;
        }
        Ok(())
    }

    fn add(&mut self, record: &Record, time: Time) -> Result<(), StoreError> {
        self.bytes.clear();
        let kind = encode(record, &mut self.bytes);
        self.log.append(record.lsn(), kind, time, &self.bytes)?;
        self.events.extend(identity_of(record));
        Ok(())
    }

    /// Bytes that were added and are not durable yet.
    pub fn gathered_bytes(&self) -> usize {
        self.log.gathered_bytes()
    }

    /// Whether what is written next would stand under another manifest than this one.
    pub(crate) fn is_under_another(&self, manifest: &Manifest) -> bool {
        let written = decode_manifest(self.log.preamble());
        !written.is_ok_and(|written| written.revision == manifest.revision)
    }

    /// Makes all that was added durable; gives the position of the last.
    ///
    /// # Errors
    /// When the disk fails: what was added may or may not be there, and nothing more can be.
    pub fn commit(&mut self) -> Result<Lsn, StoreError> {
        let durable = self.log.commit()?;
        let reader = self.log.reader();
        let first = reader.segment_of(durable).map_or(self.first, |first| first);
        if first != self.first {
            self.seal_events(first);
        }
        Ok(durable)
    }

    /// What is to be written beside the segments that were sealed since it was asked last: by whoever has the time.
    pub fn take_sealed(&mut self) -> Vec<Sealed> {
        std::mem::take(&mut self.sealed)
    }

    /// Writes down now what is to be written beside the segments that were sealed.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn keep_sealed(&mut self) -> Result<(), StoreError> {
        self.take_sealed().into_iter().try_for_each(Sealed::keep)
    }

    /// Puts on the disk what was committed, also where a commit is only handed to the operating system.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn sync(&mut self) -> Result<(), StoreError> {
        Ok(self.log.sync()?)
    }

    /// Whether there is space to go on.
    ///
    /// # Errors
    /// When the disk cannot tell.
    pub fn room(&mut self) -> Result<Room, StoreError> {
        Ok(self.log.room()?)
    }

    /// What the log did since it was opened, and has.
    pub fn counters(&self) -> Counters {
        self.log.counters()
    }

    /// Drops the oldest segment, and what stands beside it, if its records are all before a position.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn drop_oldest(&mut self, before: Lsn) -> Result<Option<Dropped>, StoreError> {
        let reader = self.log.reader();
        let segments = reader.segments();
        let Some(oldest) = segments.first().filter(|oldest| oldest.last < before) else {
            return Ok(None);
        };
        let dropped = self.log.drop_before(oldest.last.next())?.pop();
        if let Some(segment) = &dropped {
            identities::remove(&*self.disk, reader.folder(), segment.first);
        }
        Ok(dropped)
    }

    /// Sets aside the events of the segment that was sealed; those from `first` on are the next one's.
    fn seal_events(&mut self, first: Lsn) {
        let sealed = self.events.partition_point(|entry| entry.lsn() < first);
        let open = self.events.split_off(sealed);
        self.sealed.push(Sealed {
            disk: self.disk.clone(),
            log: self.log.reader(),
            segment: self.first..=first.before(),
            events: std::mem::replace(&mut self.events, open),
        });
        self.first = first;
    }
}

/// What every segment written under a manifest begins with.
pub(crate) fn preamble(manifest: &Manifest) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode_manifest(manifest, &mut bytes);
    bytes
}

/// The entry of an event that counts as seen from then on.
pub(crate) fn identity_of(record: &Record) -> Option<Entry> {
    match record {
        Record::Event {
            lsn,
            disposition: Disposition::Admitted | Disposition::Late,
            event,
            ..
        } => Some(Entry::of(event, *lsn)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::disk::SimulatedDisk;
    use crate::log::LogSettings;

    const FOLDER: &str = "log";

    /// A journal of small segments, and the disk it is on.
    fn journal() -> (SimulatedDisk, Journal) {
        let disk = SimulatedDisk::new(1);
        let shared = Arc::new(disk.clone());
        let settings = LogSettings {
            segment_bytes: 1024,
            reserve_bytes: 0,
            ..LogSettings::default()
        };
        let (log, _) = Log::open(shared.clone(), Path::new(FOLDER), settings).unwrap();
        (disk, Journal::new(shared, log, Lsn(1), Vec::new()))
    }

    /// Commits records until a segment is sealed; gives what is to be written beside it.
    fn seal(journal: &mut Journal, from: &mut u64) -> Sealed {
        loop {
            let (lsn, time) = (Lsn(*from), Time(0));
            *from += 1;
            journal
                .append(&[Record::Close { lsn, time }], time)
                .unwrap();
            journal.commit().unwrap();
            if let Some(sealed) = journal.take_sealed().pop() {
                return sealed;
            }
        }
    }

    fn identities_files(disk: &SimulatedDisk) -> usize {
        let names = disk.list(Path::new(FOLDER)).unwrap();
        names
            .iter()
            .filter(|name| name.ends_with(".identities"))
            .count()
    }

    #[test]
    fn what_a_sealed_segment_held_is_written_when_somebody_has_the_time() {
        let (disk, mut journal) = journal();
        let sealed = seal(&mut journal, &mut 1);
        assert_eq!(identities_files(&disk), 0);
        let segment = sealed.segment.clone();
        sealed.keep().unwrap();
        assert_eq!(identities_files(&disk), 1);
        assert!(identities::read(&disk, Path::new(FOLDER), &segment).is_ok());
        assert!(journal.take_sealed().is_empty());
    }

    #[test]
    fn nothing_is_left_beside_a_segment_that_was_dropped_meanwhile() {
        let (disk, mut journal) = journal();
        let mut next = 1;
        let sealed = seal(&mut journal, &mut next);
        let dropped = journal.drop_oldest(Lsn(next)).unwrap().unwrap();
        assert_eq!(dropped.first, *sealed.segment.start());
        sealed.keep().unwrap();
        assert_eq!(identities_files(&disk), 0);
    }
}
