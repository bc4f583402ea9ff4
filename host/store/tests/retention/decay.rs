//! A disk that flips a bit of every checkpoint once it is written, before it is read back. Everything else is as
//! on the disk below.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use foreshore_store::disk::{Access, Disk, DiskError, DiskFile, Lock, LockError, SimulatedDisk};

/// A disk that decays.
pub struct Decaying {
    pub disk: SimulatedDisk,
    /// Which bit, from the start of the file.
    pub bit: u64,
}

/// A file of a checkpoint, while it is written.
struct Partial {
    file: Arc<dyn DiskFile>,
    disk: SimulatedDisk,
    path: PathBuf,
    bit: u64,
}

impl Disk for Decaying {
    fn open(&self, path: &Path, access: Access) -> Result<Arc<dyn DiskFile>, DiskError> {
        let file = self.disk.open(path, access)?;
        let is_checkpoint = path.to_string_lossy().contains("/checkpoint-");
        if access != Access::New || !is_checkpoint {
            return Ok(file);
        }
        Ok(Arc::new(Partial {
            file,
            disk: self.disk.clone(),
            path: path.to_owned(),
            bit: self.bit,
        }))
    }

    fn list(&self, folder: &Path) -> Result<Vec<String>, DiskError> {
        self.disk.list(folder)
    }

    fn create_folder(&self, folder: &Path) -> Result<(), DiskError> {
        self.disk.create_folder(folder)
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<(), DiskError> {
        self.disk.rename(from, to)
    }

    fn remove(&self, path: &Path) -> Result<(), DiskError> {
        self.disk.remove(path)
    }

    fn sync_folder(&self, folder: &Path) -> Result<(), DiskError> {
        self.disk.sync_folder(folder)
    }

    fn free_bytes(&self, folder: &Path) -> Result<u64, DiskError> {
        self.disk.free_bytes(folder)
    }

    fn lock(&self, folder: &Path) -> Result<Lock, LockError> {
        self.disk.lock(folder)
    }
}

impl DiskFile for Partial {
    fn read_at(&self, offset: u64, bytes: &mut [u8]) -> Result<usize, DiskError> {
        self.file.read_at(offset, bytes)
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> Result<(), DiskError> {
        self.file.write_at(offset, bytes)
    }

    fn allocate(&self, length: u64) -> Result<(), DiskError> {
        self.file.allocate(length)
    }

    fn sync_data(&self) -> Result<(), DiskError> {
        self.file.sync_data()?;
        self.disk.flip_bit(&self.path, self.bit)
    }

    fn len(&self) -> Result<u64, DiskError> {
        self.file.len()
    }
}
