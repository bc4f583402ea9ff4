//! From a full segment to the next: the next one is there durably before this one is sealed, so that a sealed
//! segment always has a successor. Takes a log and the bytes to come, leaves it with space for them.

use std::path::Path;
use std::sync::Arc;

use foreshore_timeline::Lsn;

use super::batch::{self, Batch};
use super::error::LogError;
use super::frame::HEAD;
use super::header::{Header, first_id, next_id};
use super::index::Index;
use super::segment::{Segment, keep_index, segment_path};
use super::settings::Durability;
use super::writer::{Active, Log};
use crate::disk::DiskFile;

/// What closes the segment that is written to.
struct Closing {
    seal: Batch,
    index: Index,
}

impl Log {
    /// Makes sure that the batch fits where it will be written.
    pub(super) fn make_place(&mut self) -> Result<(), LogError> {
        let needed = (self.batch.bytes().len() + HEAD) as u64;
        let fits = |active: &Active| active.offset + needed <= active.capacity;
        if self.active.as_ref().is_some_and(fits) {
            return Ok(());
        }
        // A segment without records would share its name with its successor: it grows instead.
        let empty = |active: &&mut Active| active.first > self.committed;
        if let Some(active) = self.active.as_mut().filter(empty) {
            active.capacity = active.offset + needed;
            return self.spares.lengthen(&*active.file, active.capacity);
        }
        let header_bytes = (HEAD * 2 + self.preamble.len()) as u64;
        let spare = self.spares.take(header_bytes + needed)?;
        self.rotate(spare)
    }

    /// Goes on in another file.
    fn rotate(
        &mut self,
        (spare, file): (std::path::PathBuf, Arc<dyn DiskFile>),
    ) -> Result<(), LogError> {
        if self.settings.durability == Durability::Os {
            self.sync_active()?;
        }
        let closing = self.closing();
        let (header, active) = self.begin(file, closing.as_ref())?;
        let path: Arc<Path> = segment_path(&self.folder, header.first).into();
        self.disk.rename(&spare, &path)?;
        self.disk.sync_folder(&self.folder)?;
        self.counters.fsyncs += 1;
        if let (Some(closing), Some(full)) = (&closing, &self.active) {
            full.file.write_at(full.offset, closing.seal.bytes())?;
            full.file.sync_data()?;
            self.counters.bytes_written += HEAD as u64;
            self.counters.fsyncs += 1;
            keep_index(&*self.disk, &self.folder, full.segment, &closing.index);
        }
        let index = Index::new(header.first, active.offset, active.chain);
        let next = Segment::new(path, &header, index, false);
        let mut segments = self.shared.segments_mut();
        if let (Some(closing), Some(full)) = (closing, segments.last_mut()) {
            full.index = closing.index;
            full.sealed = true;
        }
        segments.push(next);
        drop(segments);
        self.active = Some(active);
        self.spares.prepare()?;
        Ok(())
    }

    /// The seal of the segment that is written to, and its index with it; none before the first segment.
    fn closing(&self) -> Option<Closing> {
        let active = self.active.as_ref()?;
        let mut index = self.shared.segments().last()?.index.clone();
        let (seal, chain) = batch::seal(active.segment, &index);
        index.chain = chain;
        Some(Closing { seal, index })
    }

    /// Writes the header of the next segment, durably, into a file that is not a segment yet.
    fn begin(
        &mut self,
        file: Arc<dyn DiskFile>,
        closing: Option<&Closing>,
    ) -> Result<(Header, Active), LogError> {
        let (previous, first) = match closing {
            Some(closing) => (closing.index.chain, closing.index.end),
            None => (0, Lsn(1)),
        };
        let before = self.active.as_ref();
        let before = before.map_or_else(|| first_id(&self.folder), |active| active.segment);
        let header = Header {
            id: next_id(before, first, previous),
            first,
            previous,
            preamble: self.preamble.clone(),
        };
        let bytes = header.to_bytes();
        file.write_at(0, &bytes)?;
        file.sync_data()?;
        self.counters.bytes_written += bytes.len() as u64;
        self.counters.fsyncs += 1;
        let active = Active {
            segment: header.id,
            first,
            offset: header.size(),
            capacity: file.len()?,
            chain: previous,
            file,
        };
        Ok((header, active))
    }
}
