//! The whole of a simulated disk, behind one lock: counts operations, cuts the power, and makes those fail
//! that were told to. Must not know who asks.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::super::{Access, DiskError, LockError, Operation};
use super::content::Content;
use super::names::Names;
use super::power::{Power, error, power_cut};
use super::random::Random;

/// Free bytes of a disk without a bound.
const PLENTY: u64 = 1 << 50;

/// An open file: its number, and the life of the disk it was opened in.
type Handle = (usize, u64);

/// The whole of a simulated disk.
pub(super) struct State {
    random: Random,
    power: Power,
    life: u64,
    contents: Vec<Content>,
    names: Names,
    limit: Option<u64>,
    locks: BTreeSet<PathBuf>,
}

impl State {
    pub(super) fn new(seed: u64) -> State {
        State {
            random: Random::new(seed),
            power: Power::default(),
            life: 0,
            contents: Vec::new(),
            names: Names::default(),
            limit: None,
            locks: BTreeSet::new(),
        }
    }

    pub(super) fn power(&mut self) -> &mut Power {
        &mut self.power
    }

    pub(super) fn limit(&mut self, bytes: Option<u64>) {
        self.limit = bytes;
    }

    pub(super) fn restart(&mut self) {
        for content in &mut self.contents {
            content.cut(&mut self.random);
        }
        self.names.cut(&mut self.random);
        self.locks.clear();
        self.power.back();
        self.life += 1;
    }

    pub(super) fn flip(&mut self, path: &Path, bit: u64) -> Result<(), DiskError> {
        let missing = || error(Operation::Read, path, ErrorKind::NotFound);
        let inode = self.names.find(path).ok_or_else(missing)?;
        let content = self.contents.get_mut(inode).ok_or_else(missing)?;
        match content.flip(bit) {
            true => Ok(()),
            false => Err(error(Operation::Read, path, ErrorKind::UnexpectedEof)),
        }
    }

    pub(super) fn open(&mut self, path: &Path, access: Access) -> Result<Handle, DiskError> {
        let missing = || error(Operation::Open, path, ErrorKind::NotFound);
        self.power.reads(Operation::Open, path)?;
        if access != Access::New {
            let inode = self.names.find(path).ok_or_else(missing)?;
            return Ok((inode, self.life));
        }
        let folder = path.parent().unwrap_or(Path::new(""));
        if !self.names.has_folder(folder) {
            return Err(missing());
        }
        let inode = self.contents.len();
        self.changes(Operation::Open, path, |state| {
            state.contents.push(Content::default());
            state.names.make(path, inode);
        })?;
        Ok((inode, self.life))
    }

    pub(super) fn list(&mut self, folder: &Path) -> Result<Vec<String>, DiskError> {
        self.power.reads(Operation::List, folder)?;
        match self.names.has_folder(folder) {
            true => Ok(self.names.list(folder)),
            false => Err(error(Operation::List, folder, ErrorKind::NotFound)),
        }
    }

    pub(super) fn create_folder(&mut self, folder: &Path) -> Result<(), DiskError> {
        self.changes(Operation::CreateFolder, folder, |state| {
            state.names.create_folder(folder);
        })
    }

    pub(super) fn rename(&mut self, from: &Path, to: &Path) -> Result<(), DiskError> {
        let mut there = true;
        self.changes(Operation::Rename, from, |state| {
            there = state.names.rename(from, to);
        })?;
        match there {
            true => Ok(()),
            false => Err(error(Operation::Rename, from, ErrorKind::NotFound)),
        }
    }

    pub(super) fn remove(&mut self, path: &Path) -> Result<(), DiskError> {
        let mut there = true;
        self.changes(Operation::Remove, path, |state| {
            there = state.names.remove(path);
        })?;
        match there {
            true => Ok(()),
            false => Err(error(Operation::Remove, path, ErrorKind::NotFound)),
        }
    }

    pub(super) fn sync_folder(&mut self, folder: &Path) -> Result<(), DiskError> {
        self.power.counts(Operation::SyncFolder, folder)?;
        self.names.sync(folder);
        Ok(())
    }

    pub(super) fn free_bytes(&mut self, folder: &Path) -> Result<u64, DiskError> {
        self.power.reads(Operation::FreeBytes, folder)?;
        Ok(self.free())
    }

    pub(super) fn lock(&mut self, folder: &Path) -> Result<u64, LockError> {
        self.power.reads(Operation::Lock, folder)?;
        match self.locks.insert(folder.to_owned()) {
            true => Ok(self.life),
            false => Err(LockError::Held {
                folder: folder.to_owned(),
                holder: format!("process {}", std::process::id()),
            }),
        }
    }

    pub(super) fn unlock(&mut self, folder: &Path, life: u64) {
        if self.life == life {
            self.locks.remove(folder);
        }
    }

    /// The content of an open file, for one operation.
    pub(super) fn content(
        &mut self,
        operation: Operation,
        path: &Path,
        (inode, life): Handle,
    ) -> Result<&mut Content, DiskError> {
        if self.power.is_off() || self.life != life {
            return Err(power_cut(operation, path));
        }
        let missing = || error(operation, path, ErrorKind::NotFound);
        self.contents.get_mut(inode).ok_or_else(missing)
    }

    pub(super) fn write(
        &mut self,
        path: &Path,
        handle: Handle,
        offset: u64,
        bytes: &[u8],
    ) -> Result<(), DiskError> {
        self.extends(Operation::Write, path, handle, offset + bytes.len() as u64)?;
        // A cut or a fault in the middle of a write leaves a write that was not synced.
        let outcome = self.power.counts(Operation::Write, path);
        if let Some(content) = self.contents.get_mut(handle.0) {
            content.write(offset, bytes);
        }
        outcome
    }

    pub(super) fn allocate(
        &mut self,
        path: &Path,
        handle: Handle,
        length: u64,
    ) -> Result<(), DiskError> {
        self.extends(Operation::Allocate, path, handle, length)?;
        self.power.counts(Operation::Allocate, path)?;
        let content = self.content(Operation::Allocate, path, handle)?;
        content.allocate(length);
        Ok(())
    }

    pub(super) fn sync_data(&mut self, path: &Path, handle: Handle) -> Result<(), DiskError> {
        self.content(Operation::Sync, path, handle)?;
        let outcome = self.power.counts(Operation::Sync, path);
        let off = self.power.is_off();
        if let Some(content) = self.contents.get_mut(handle.0) {
            match &outcome {
                Ok(()) => content.sync(),
                Err(_) if off => {}
                Err(_) => content.fail_sync(&mut self.random),
            }
        }
        outcome
    }

    /// Bytes that may still be allocated.
    fn free(&self) -> u64 {
        let used = self
            .names
            .files()
            .filter_map(|inode| self.contents.get(inode));
        match self.limit {
            Some(limit) => limit.saturating_sub(used.map(Content::len).sum()),
            None => PLENTY,
        }
    }

    /// Refuses to make a file longer than there is space for.
    fn extends(
        &mut self,
        operation: Operation,
        path: &Path,
        handle: Handle,
        length: u64,
    ) -> Result<(), DiskError> {
        let free = self.free();
        let content = self.content(operation, path, handle)?;
        match length.saturating_sub(content.len()) <= free {
            true => Ok(()),
            false => Err(error(operation, path, ErrorKind::StorageFull)),
        }
    }

    /// A change of names: counted; one that the power is cut in may still come to be.
    fn changes(
        &mut self,
        operation: Operation,
        path: &Path,
        change: impl FnOnce(&mut State),
    ) -> Result<(), DiskError> {
        let outcome = self.power.counts(operation, path);
        if outcome.is_ok() || self.power.is_off() {
            change(self);
        }
        outcome
    }
}
