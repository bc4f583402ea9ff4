//! What the store asks of a disk: a handful of calls, and what each makes sure of. Takes paths and bytes,
//! gives bytes and errors that name the place. Must not know what the bytes mean.

use std::path::Path;
use std::sync::Arc;

use super::error::{DiskError, LockError, Operation};

/// How a file is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// It is there, and stays as it is.
    Read,
    /// It is there, and is written into.
    Write,
    /// It starts empty, in place of whatever had its name.
    New,
}

/// A disk. Nothing but what was synced is sure to outlive a power cut: bytes by [`DiskFile::sync_data`],
/// names by [`Disk::sync_folder`].
pub trait Disk: Send + Sync {
    /// Opens a file.
    ///
    /// # Errors
    /// It is not there (unless `New`), or the disk refuses.
    fn open(&self, path: &Path, access: Access) -> Result<Arc<dyn DiskFile>, DiskError>;

    /// The names of the files and folders in a folder, sorted.
    ///
    /// # Errors
    /// The folder is not there or cannot be read.
    fn list(&self, folder: &Path) -> Result<Vec<String>, DiskError>;

    /// Makes a folder and those above it, durably. One that is there already is fine.
    ///
    /// # Errors
    /// The disk refuses.
    fn create_folder(&self, folder: &Path) -> Result<(), DiskError>;

    /// Gives a file another name, in place of whatever had it. Durable once the folder is synced.
    ///
    /// # Errors
    /// `from` is not there, or the disk refuses.
    fn rename(&self, from: &Path, to: &Path) -> Result<(), DiskError>;

    /// Takes a file away. Durable once the folder is synced.
    ///
    /// # Errors
    /// It is not there, or the disk refuses.
    fn remove(&self, path: &Path) -> Result<(), DiskError>;

    /// Makes the names in a folder durable.
    ///
    /// # Errors
    /// The disk fails: the names may or may not outlive a power cut.
    fn sync_folder(&self, folder: &Path) -> Result<(), DiskError>;

    /// Bytes this process can still put into a folder.
    ///
    /// # Errors
    /// The disk cannot tell.
    fn free_bytes(&self, folder: &Path) -> Result<u64, DiskError>;

    /// Takes a folder for this process alone, by a file `lock` that holds its process id.
    ///
    /// # Errors
    /// Another process has it, or the disk refuses.
    fn lock(&self, folder: &Path) -> Result<Lock, LockError>;
}

/// An open file. Closed when dropped.
pub trait DiskFile: Send + Sync {
    /// Fills `bytes` from `offset` on. Gives how many there were before the end of the file.
    ///
    /// # Errors
    /// The disk cannot read.
    fn read_at(&self, offset: u64, bytes: &mut [u8]) -> Result<usize, DiskError>;

    /// Writes all of `bytes` at `offset`.
    ///
    /// # Errors
    /// The disk is full or fails: any part of `bytes` may have been written.
    fn write_at(&self, offset: u64, bytes: &[u8]) -> Result<(), DiskError>;

    /// Reserves the first `length` bytes, so that writing them cannot run out of space; new ones are zero.
    ///
    /// # Errors
    /// The disk is full or fails.
    fn allocate(&self, length: u64) -> Result<(), DiskError>;

    /// Makes what was written durable.
    ///
    /// # Errors
    /// The disk fails: nobody knows what of it will be there, and asking again proves nothing.
    fn sync_data(&self) -> Result<(), DiskError>;

    /// Length of the file in bytes.
    ///
    /// # Errors
    /// The disk cannot tell.
    fn len(&self) -> Result<u64, DiskError>;

    /// Whether it has no bytes.
    ///
    /// # Errors
    /// The disk cannot tell.
    fn is_empty(&self) -> Result<bool, DiskError> {
        Ok(self.len()? == 0)
    }
}

/// A folder taken for this process alone; given back when dropped.
pub struct Lock {
    _hold: Box<dyn Send + Sync>,
}

impl Lock {
    /// A lock that lasts as long as `hold`.
    pub fn new(hold: Box<dyn Send + Sync>) -> Lock {
        Lock { _hold: hold }
    }
}

/// The whole of a file.
///
/// # Errors
/// It is not there, cannot be read, or does not fit into memory.
pub fn read_whole(disk: &dyn Disk, path: &Path) -> Result<Vec<u8>, DiskError> {
    let file = disk.open(path, Access::Read)?;
    let length = usize::try_from(file.len()?).unwrap_or(usize::MAX);
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(length).map_err(|_| {
        DiskError::new(
            Operation::Read,
            path,
            std::io::ErrorKind::OutOfMemory.into(),
        )
    })?;
    bytes.resize(length, 0);
    let read = file.read_at(0, &mut bytes)?;
    bytes.truncate(read);
    Ok(bytes)
}
