//! Space reserved for what comes: files that are as long as a segment before one is needed, so that writing
//! it cannot run out of space. Takes dropped segments, gives files. Must not know what they will hold.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::error::LogError;
use crate::disk::{Access, Disk, DiskError, DiskFile};

/// Most files kept.
const SPARES_MAX: usize = 2;

/// The files of a folder that wait to become segments.
pub(super) struct Spares {
    disk: Arc<dyn Disk>,
    folder: PathBuf,
    bytes: u64,
    ready: Vec<PathBuf>,
}

impl Spares {
    /// Those of a folder; what is of another length than `bytes`, or too many, is removed. A log that begins
    /// anew takes none: its first segment has the id that another log's first had in this folder, so that
    /// records of that one, left in a file, would pass for its own.
    pub(super) fn find(
        disk: &Arc<dyn Disk>,
        folder: &Path,
        bytes: u64,
        begins: bool,
    ) -> Result<Spares, DiskError> {
        let mut ready = Vec::new();
        for name in disk.list(folder)? {
            if !name.starts_with("spare-") {
                continue;
            }
            let path = folder.join(name);
            let length = disk.open(&path, Access::Read)?.len()?;
            match !begins && length == bytes && ready.len() < SPARES_MAX {
                true => ready.push(path),
                false => disk.remove(&path)?,
            }
        }
        Ok(Spares {
            disk: disk.clone(),
            folder: folder.to_owned(),
            bytes,
            ready,
        })
    }

    /// Whether there is one.
    pub(super) fn is_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// Reserves space for one if there is none. A full disk is no failure: there is just none.
    pub(super) fn prepare(&mut self) -> Result<(), DiskError> {
        if self.is_ready() {
            return Ok(());
        }
        let path = self.free_name();
        let file = self.disk.open(&path, Access::New);
        match file.and_then(|file| file.allocate(self.bytes)) {
            Ok(()) => self.ready.push(path),
            Err(error) if error.is_full() => match self.disk.remove(&path) {
                Err(error) if !error.is_missing() => return Err(error),
                _ => {}
            },
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// A file with space for `bytes`, open to be written, and its path. It is no spare any more.
    pub(super) fn take(&mut self, bytes: u64) -> Result<(PathBuf, Arc<dyn DiskFile>), LogError> {
        self.prepare()?;
        let needed = bytes.max(self.bytes);
        let path = self.ready.last().ok_or_else(|| self.full(needed))?.clone();
        let file = self.disk.open(&path, Access::Write)?;
        if needed > self.bytes {
            self.lengthen(&*file, needed)?;
        }
        self.ready.pop();
        Ok((path, file))
    }

    /// Takes a segment that is not needed any more, as a spare or away. Its name is gone durably.
    pub(super) fn recycle(&mut self, segment: &Path) -> Result<(), DiskError> {
        let fits = self.disk.open(segment, Access::Read)?.len()? == self.bytes;
        if fits && self.ready.len() < SPARES_MAX {
            let path = self.free_name();
            self.disk.rename(segment, &path)?;
            self.ready.push(path);
        } else {
            self.disk.remove(segment)?;
        }
        self.disk.sync_folder(&self.folder)
    }

    /// Reserves space in a file for `bytes` in all.
    pub(super) fn lengthen(&self, file: &dyn DiskFile, bytes: u64) -> Result<(), LogError> {
        match file.allocate(bytes) {
            Err(error) if error.is_full() => Err(self.full(bytes)),
            outcome => Ok(outcome?),
        }
    }

    fn full(&self, bytes: u64) -> LogError {
        LogError::Full {
            folder: self.folder.clone(),
            bytes,
        }
    }

    fn free_name(&self) -> PathBuf {
        let name = |number| self.folder.join(format!("spare-{number}"));
        let free = (0..=SPARES_MAX)
            .map(name)
            .find(|path| !self.ready.contains(path));
        free.unwrap_or_else(|| name(0))
    }
}
