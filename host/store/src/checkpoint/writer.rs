//! Writing a checkpoint: head, records in order, index, trailer; synced, read back, and only then named.
//! Takes timelines as opaque bytes; must not know where they come from.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use foreshore_timeline::Lsn;

use super::error::{CheckpointError, Fault};
use super::layout::{self, Head, Mark, STRIDE, Trailer};
use super::name;
use super::reader::Reader;
use crate::cold::{Key, key, value};
use crate::disk::{Access, Disk, DiskFile};

/// Bytes given to the disk at once.
const WRITE_BYTES: usize = 1 << 20;

/// A checkpoint being written. Dropped unfinished, it leaves a `.partial` file that nobody reads.
pub struct Writer {
    disk: Arc<dyn Disk>,
    folder: PathBuf,
    lsn: Lsn,
    file: Arc<dyn DiskFile>,
    /// Bytes on the disk, and those on their way there.
    written: u64,
    pending: Vec<u8>,
    checksum: u32,
    marks: Vec<Mark>,
    last: Option<Key>,
    count: u64,
}

impl Writer {
    /// Begins the checkpoint that `head` describes, in place of one that was left unfinished.
    ///
    /// # Errors
    /// When the head is too long, or the disk refuses.
    pub fn create(
        disk: Arc<dyn Disk>,
        folder: &Path,
        head: &Head,
    ) -> Result<Writer, CheckpointError> {
        let path = name::partial(folder, head.lsn);
        let bytes = head.bytes().ok_or_else(|| CheckpointError::Damaged {
            path: path.clone(),
            offset: 0,
            fault: Fault::Nonsense("manifest, which is too long,"),
        })?;
        let mut writer = Writer {
            file: disk.open(&path, Access::New)?,
            disk,
            folder: folder.to_path_buf(),
            lsn: head.lsn,
            written: 0,
            pending: Vec::new(),
            checksum: 0,
            marks: Vec::new(),
            last: None,
            count: 0,
        };
        writer.put(&bytes)?;
        Ok(writer)
    }

    /// Adds a timeline: what cold state keeps of it, or would. Keys ascend.
    ///
    /// # Errors
    /// When the key is not above the last one, the body is too long, or the disk refuses.
    pub fn add(&mut self, key: Key, lsn: Lsn, body: &[u8]) -> Result<(), CheckpointError> {
        if self.last.as_ref().is_some_and(|last| *last >= key) {
            return Err(CheckpointError::Unordered { key });
        }
        let record = value::seal(&key::timeline(key.family, &key.key), lsn, body);
        let framed = record.and_then(|record| {
            let length = u32::try_from(record.len()).ok()?;
            Some((layout::prefix(&key, length)?, record))
        });
        let Some((prefix, record)) = framed else {
            let body = body.len();
            return Err(CheckpointError::TooLong { key, body });
        };
        let offset = self.written + self.pending.len() as u64;
        let far = |mark: &Mark| offset - mark.offset >= STRIDE;
        if self.marks.last().is_none_or(far) {
            let key = key.clone();
            self.marks.push(Mark { offset, key });
        }
        for part in [prefix.as_slice(), key.key.as_bytes(), &record] {
            self.put(part)?;
        }
        self.last = Some(key);
        self.count += 1;
        Ok(())
    }

    /// Ends the file, makes it durable, reads all of it back and gives it its name. Gives it to read.
    ///
    /// # Errors
    /// When the disk refuses, or what it gives back is not what was written.
    pub fn finish(mut self) -> Result<Reader, CheckpointError> {
        let index = self.written + self.pending.len() as u64;
        let (partial, path) = (
            name::partial(&self.folder, self.lsn),
            name::path(&self.folder, self.lsn),
        );
        let marks = layout::index(&self.marks).ok_or_else(|| CheckpointError::Damaged {
            path: partial.clone(),
            offset: index,
            fault: Fault::Nonsense("index"),
        })?;
        self.put(&marks)?;
        let trailer = Trailer {
            index,
            count: self.count,
            whole: self.checksum,
        };
        self.put(&trailer.bytes())?;
        self.flush()?;
        self.file.sync_data()?;
        Reader::open(&*self.disk, &partial)?.verify()?;
        self.disk.rename(&partial, &path)?;
        self.disk.sync_folder(&self.folder)?;
        Reader::open(&*self.disk, &path)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), CheckpointError> {
        self.checksum = crc32c::crc32c_append(self.checksum, bytes);
        self.pending.extend(bytes);
        if self.pending.len() < WRITE_BYTES {
            return Ok(());
        }
        self.flush()
    }

    fn flush(&mut self) -> Result<(), CheckpointError> {
        self.file.write_at(self.written, &self.pending)?;
        self.written += self.pending.len() as u64;
        self.pending.clear();
        Ok(())
    }
}
