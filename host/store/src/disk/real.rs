//! The disk of the machine, by the standard library and the few system calls it lacks. Takes and gives what
//! `Disk` says; must not know who asks.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::FallocateFlags;
use rustix::io::Errno;

use super::{Access, Disk, DiskError, DiskFile, Lock, LockError, Operation};

/// The file that says whose a folder is.
const LOCK_NAME: &str = "lock";

/// Zeros written at once where a file system cannot reserve space.
static ZEROS: [u8; 1 << 16] = [0; 1 << 16];

/// The disk of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealDisk;

/// An open file of it.
struct RealFile {
    file: File,
    path: PathBuf,
}

impl Disk for RealDisk {
    fn open(&self, path: &Path, access: Access) -> Result<Arc<dyn DiskFile>, DiskError> {
        let new = access == Access::New;
        let file = OpenOptions::new()
            .read(true)
            .write(access != Access::Read)
            .create(new)
            .truncate(new)
            .open(path)
            .map_err(at(Operation::Open, path))?;
        let path = path.to_owned();
        Ok(Arc::new(RealFile { file, path }))
    }

    fn list(&self, folder: &Path) -> Result<Vec<String>, DiskError> {
        let at = at(Operation::List, folder);
        let mut names = fs::read_dir(folder)
            .and_then(|entries| {
                entries
                    .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
                    .collect::<io::Result<Vec<String>>>()
            })
            .map_err(at)?;
        names.sort();
        Ok(names)
    }

    fn create_folder(&self, folder: &Path) -> Result<(), DiskError> {
        if folder.as_os_str().is_empty() || folder.is_dir() {
            return Ok(());
        }
        let above = folder.parent().unwrap_or(Path::new(""));
        self.create_folder(above)?;
        match fs::create_dir(folder) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
            Err(error) => Err(DiskError::new(Operation::CreateFolder, folder, error)),
            Ok(()) => self.sync_folder(above),
        }
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<(), DiskError> {
        fs::rename(from, to).map_err(at(Operation::Rename, from))
    }

    fn remove(&self, path: &Path) -> Result<(), DiskError> {
        fs::remove_file(path).map_err(at(Operation::Remove, path))
    }

    fn sync_folder(&self, folder: &Path) -> Result<(), DiskError> {
        File::open(or_here(folder))
            .and_then(|folder| folder.sync_all())
            .map_err(at(Operation::SyncFolder, folder))
    }

    fn free_bytes(&self, folder: &Path) -> Result<u64, DiskError> {
        let system = rustix::fs::statvfs(or_here(folder))
            .map_err(io::Error::from)
            .map_err(at(Operation::FreeBytes, folder))?;
        Ok(system.f_bavail.saturating_mul(system.f_frsize))
    }

    fn lock(&self, folder: &Path) -> Result<Lock, LockError> {
        let path = folder.join(LOCK_NAME);
        let at = at(Operation::Lock, &path);
        // Not truncated before it is ours: the process id in it is the holder's.
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(&at)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(LockError::Held {
                    folder: folder.to_owned(),
                    holder: holder(&path),
                });
            }
            Err(TryLockError::Error(error)) => return Err(at(error).into()),
        }
        let id = format!("{}\n", std::process::id());
        file.set_len(0)
            .and_then(|()| file.write_all_at(id.as_bytes(), 0))
            .map_err(&at)?;
        Ok(Lock::new(Box::new(file)))
    }
}

impl DiskFile for RealFile {
    fn read_at(&self, offset: u64, bytes: &mut [u8]) -> Result<usize, DiskError> {
        let mut read = 0;
        while let Some(rest) = bytes.get_mut(read..).filter(|rest| !rest.is_empty()) {
            match self.file.read_at(rest, offset + read as u64) {
                Ok(0) => break,
                Ok(more) => read += more,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(DiskError::new(Operation::Read, &self.path, error)),
            }
        }
        Ok(read)
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> Result<(), DiskError> {
        self.file
            .write_all_at(bytes, offset)
            .map_err(at(Operation::Write, &self.path))
    }

    fn allocate(&self, length: u64) -> Result<(), DiskError> {
        let at = at(Operation::Allocate, &self.path);
        loop {
            match rustix::fs::fallocate(&self.file, FallocateFlags::empty(), 0, length) {
                Ok(()) => return Ok(()),
                Err(Errno::INTR) => {}
                Err(Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL) => break,
                Err(error) => return Err(at(error.into())),
            }
        }
        let mut end = self.len()?;
        while end < length {
            let bytes = ZEROS
                .len()
                .min(usize::try_from(length - end).unwrap_or(usize::MAX));
            self.file
                .write_all_at(ZEROS.get(..bytes).unwrap_or(&ZEROS), end)
                .map_err(&at)?;
            end += bytes as u64;
        }
        Ok(())
    }

    fn sync_data(&self) -> Result<(), DiskError> {
        self.file
            .sync_data()
            .map_err(at(Operation::Sync, &self.path))
    }

    fn len(&self) -> Result<u64, DiskError> {
        let metadata = self.file.metadata();
        Ok(metadata.map_err(at(Operation::Read, &self.path))?.len())
    }
}

/// The error of an operation on a path.
fn at(operation: Operation, path: &Path) -> impl Fn(io::Error) -> DiskError {
    move |cause| DiskError::new(operation, path, cause)
}

/// A folder as the system takes it: the empty path is the one the process runs in.
fn or_here(folder: &Path) -> &Path {
    if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    }
}

/// Who holds a lock, as its file tells.
fn holder(path: &Path) -> String {
    match fs::read_to_string(path) {
        Ok(id) if !id.trim().is_empty() => format!("process {}", id.trim()),
        _ => "another process".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::read_whole;

    /// A folder of the test's own.
    fn folder(name: &str) -> PathBuf {
        let folder =
            std::env::temp_dir().join(format!("foreshore-disk-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        folder
    }

    #[test]
    fn a_file_holds_what_was_written_and_the_space_it_reserved() {
        let folder = folder("file");
        RealDisk.create_folder(&folder.join("a/b")).unwrap();
        let path = folder.join("a/b/file");
        let file = RealDisk.open(&path, Access::New).unwrap();
        file.allocate(100_000).unwrap();
        file.write_at(3, b"foreshore").unwrap();
        file.sync_data().unwrap();
        let bytes = read_whole(&RealDisk, &path).unwrap();
        assert_eq!(
            (bytes.len(), &bytes[..13]),
            (100_000, &b"\0\0\0foreshore\0"[..])
        );
        assert_eq!(file.read_at(99_999, &mut [0; 8]).unwrap(), 1);
        RealDisk.rename(&path, &folder.join("a/b/other")).unwrap();
        RealDisk.sync_folder(&folder.join("a/b")).unwrap();
        assert_eq!(RealDisk.list(&folder.join("a/b")).unwrap(), ["other"]);
        assert!(RealDisk.free_bytes(&folder).unwrap() > 0);
        let error = RealDisk.open(&path, Access::Read).err().unwrap();
        assert!(error.is_missing(), "{error}");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_locked_folder_names_the_process_that_has_it() {
        let folder = folder("lock");
        RealDisk.create_folder(&folder).unwrap();
        let lock = RealDisk.lock(&folder).unwrap();
        let refusal = RealDisk.lock(&folder).err().unwrap().to_string();
        let holder = format!("in use by process {}:", std::process::id());
        assert!(refusal.contains(&holder), "{refusal}");
        drop(lock);
        assert!(RealDisk.lock(&folder).is_ok());
        fs::remove_dir_all(folder).unwrap();
    }
}
