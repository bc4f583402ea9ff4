//! The disk itself, as the store meets it: one state behind one lock, and the faults a test orders. Takes
//! what `Disk` takes; must not know how a loss of power is decided.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::state::State;
use crate::disk::{Access, Disk, DiskError, DiskFile, Lock, LockError, Operation};

/// A disk in memory. Clones are the same disk.
///
/// Every call that changes something is an operation; they are numbered from 1.
#[derive(Clone)]
pub struct SimulatedDisk(Arc<Mutex<State>>);

/// An open file of it, until the next restart.
struct SimulatedFile {
    disk: SimulatedDisk,
    path: PathBuf,
    inode: usize,
    life: u64,
}

/// A folder taken, until dropped or until the next restart.
struct Hold {
    disk: SimulatedDisk,
    folder: PathBuf,
    life: u64,
}

impl SimulatedDisk {
    /// An empty disk. The seed decides what outlives a power cut.
    pub fn new(seed: u64) -> SimulatedDisk {
        SimulatedDisk(Arc::new(Mutex::new(State::new(seed))))
    }

    /// Operations so far, those that failed included.
    pub fn operations(&self) -> u64 {
        self.state().power().operations()
    }

    /// Cuts the power in the middle of the operation with this number: it and every call after it fails
    /// until [`SimulatedDisk::restart`].
    pub fn cut_power_at(&self, operation: u64) {
        self.state().power().cut_at(operation);
    }

    /// Cuts the power now, between two operations.
    pub fn cut_power(&self) {
        self.state().power().cut();
    }

    /// Whether the power is off.
    pub fn is_off(&self) -> bool {
        self.state().power().is_off()
    }

    /// Power again, after a cut or instead of one: what was not synced is there, gone or torn. Files opened
    /// before fail from now on; locks are free.
    pub fn restart(&self) {
        self.state().restart();
    }

    /// Makes the `nth` coming operation of this kind fail, counted from 1.
    pub fn fail(&self, operation: Operation, nth: u64) {
        self.state().power().fail(operation, nth);
    }

    /// The bytes all files together may have from now on; none for no bound.
    pub fn limit_bytes(&self, bytes: Option<u64>) {
        self.state().limit(bytes);
    }

    /// Flips one bit of a file, counted from its start, as decay would: nobody is told.
    ///
    /// # Errors
    /// There is no such file, or it is too short.
    pub fn flip_bit(&self, path: &Path, bit: u64) -> Result<(), DiskError> {
        self.state().flip(path, bit)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Disk for SimulatedDisk {
    fn open(&self, path: &Path, access: Access) -> Result<Arc<dyn DiskFile>, DiskError> {
        let (inode, life) = self.state().open(path, access)?;
        Ok(Arc::new(SimulatedFile {
            disk: self.clone(),
            path: path.to_owned(),
            inode,
            life,
        }))
    }

    fn list(&self, folder: &Path) -> Result<Vec<String>, DiskError> {
        self.state().list(folder)
    }

    fn create_folder(&self, folder: &Path) -> Result<(), DiskError> {
        self.state().create_folder(folder)
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<(), DiskError> {
        self.state().rename(from, to)
    }

    fn remove(&self, path: &Path) -> Result<(), DiskError> {
        self.state().remove(path)
    }

    fn sync_folder(&self, folder: &Path) -> Result<(), DiskError> {
        self.state().sync_folder(folder)
    }

    fn free_bytes(&self, folder: &Path) -> Result<u64, DiskError> {
        self.state().free_bytes(folder)
    }

    fn lock(&self, folder: &Path) -> Result<Lock, LockError> {
        let life = self.state().lock(folder)?;
        Ok(Lock::new(Box::new(Hold {
            disk: self.clone(),
            folder: folder.to_owned(),
            life,
        })))
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.disk.state().unlock(&self.folder, self.life);
    }
}

impl DiskFile for SimulatedFile {
    fn read_at(&self, offset: u64, bytes: &mut [u8]) -> Result<usize, DiskError> {
        let mut state = self.disk.state();
        let content = state.content(Operation::Read, &self.path, (self.inode, self.life))?;
        Ok(content.read(offset, bytes))
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> Result<(), DiskError> {
        let mut state = self.disk.state();
        state.write(&self.path, (self.inode, self.life), offset, bytes)
    }

    fn allocate(&self, length: u64) -> Result<(), DiskError> {
        let mut state = self.disk.state();
        state.allocate(&self.path, (self.inode, self.life), length)
    }

    fn sync_data(&self) -> Result<(), DiskError> {
        let mut state = self.disk.state();
        state.sync_data(&self.path, (self.inode, self.life))
    }

    fn len(&self) -> Result<u64, DiskError> {
        let mut state = self.disk.state();
        let content = state.content(Operation::Read, &self.path, (self.inode, self.life))?;
        Ok(content.len())
    }
}
