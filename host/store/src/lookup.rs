//! Where an event is in the log, by its source and id, however long ago it was: the files beside sealed segments
//! tell. What is still in the index of seen events need not be looked up here; that has all of the open segment.

use foreshore_core::Record;
use foreshore_event::Identity;
use foreshore_timeline::Lsn;

use crate::error::StoreError;
use crate::identities;
use crate::journal::identity_of;
use crate::log::{LogError, SegmentInfo};
use crate::store::Store;

impl Store {
    /// The newest event of this source and id among those of sealed segments. Reads a few kilobytes a segment, on
    /// the thread that asks.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn find_event(&self, source: &str, id: &str) -> Result<Option<Lsn>, StoreError> {
        let segments = self.records().log().segments();
        for segment in segments.iter().rev().filter(|segment| segment.sealed) {
            match self.find_in(segment, source, id) {
                // Retention was quicker.
                Err(StoreError::Log(LogError::Absent { lsn, first, .. })) if lsn < first => break,
                Ok(None) => {}
                found => return found,
            }
        }
        Ok(None)
    }

    fn find_in(
        &self,
        segment: &SegmentInfo,
        source: &str,
        id: &str,
    ) -> Result<Option<Lsn>, StoreError> {
        let range = segment.first..=segment.last;
        let (disk, folder) = (self.checkpoints().disk(), self.records().log().folder());
        match identities::find(disk, folder, &range, Identity::of(source, id)) {
            Ok(None) => Ok(None),
            Ok(Some(lsn)) => {
                let event = self.records().event(lsn)?;
                let is_it = event.is_some_and(|event| event.source() == source && event.id() == id);
                Ok(is_it.then_some(lsn))
            }
            Err(error) if error.asks_for_rebuilding() => self.read_through(segment, source, id),
            Err(error) => Err(error.into()),
        }
    }

    /// As [`find_in`](Store::find_in), record by record: the next start makes the file anew.
    fn read_through(
        &self,
        segment: &SegmentInfo,
        source: &str,
        id: &str,
    ) -> Result<Option<Lsn>, StoreError> {
        for record in self.records().from(segment.first) {
            let record = record?;
            if record.lsn() > segment.last {
                break;
            }
            if let Record::Event { lsn, event, .. } = &record
                && event.source() == source
                && event.id() == id
                && identity_of(&record).is_some()
            {
                return Ok(Some(*lsn));
            }
        }
        Ok(None)
    }
}
