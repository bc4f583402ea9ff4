//! Files copied, so that what is there afterwards is there for good, and told how far it has come. Takes paths
//! and lengths; must not know what is in a file.

use std::path::Path;

use crate::disk::{Access, Disk, DiskError, Operation};

/// Bytes read and written at once.
const CHUNK: usize = 1 << 20;

/// Who is told how many bytes were copied.
pub type Copying<'a> = dyn FnMut(u64) + 'a;

/// Copies the first `length` bytes of a file, durably.
///
/// # Errors
/// When the file is shorter, or the disk refuses.
pub(super) fn copy(
    disk: &dyn Disk,
    (from, length): (&Path, u64),
    to: &Path,
    tell: &mut Copying<'_>,
) -> Result<(), DiskError> {
    let source = disk.open(from, Access::Read)?;
    let target = disk.open(to, Access::New)?;
    let mut chunk = vec![0; CHUNK];
    let mut done = 0;
    while done < length {
        let wanted = usize::try_from(length - done).unwrap_or(CHUNK).min(CHUNK);
        let read = source.read_at(done, chunk.split_at_mut(wanted).0)?;
        if read == 0 {
            let ends = std::io::ErrorKind::UnexpectedEof.into();
            return Err(DiskError::new(Operation::Read, from, ends));
        }
        target.write_at(done, chunk.split_at(read).0)?;
        done += read as u64;
        tell(read as u64);
    }
    target.sync_data()
}

/// The length of a file.
pub(super) fn length(disk: &dyn Disk, path: &Path) -> Result<u64, DiskError> {
    disk.open(path, Access::Read)?.len()
}

/// Whether there is nothing in a folder, or no folder.
pub(super) fn is_vacant(disk: &dyn Disk, folder: &Path) -> Result<bool, DiskError> {
    match disk.list(folder) {
        Ok(names) => Ok(names.is_empty()),
        Err(error) if error.is_missing() => Ok(true),
        Err(error) => Err(error),
    }
}

/// The same path, with another ending: what stands there is not whole.
pub(super) fn partial(path: &Path) -> std::path::PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".partial");
    name.into()
}

/// Gives a folder its name, durably.
///
/// # Errors
/// When the name is taken, or the disk refuses.
pub(super) fn name(disk: &dyn Disk, from: &Path, to: &Path) -> Result<(), DiskError> {
    disk.rename(from, to)?;
    disk.sync_folder(to.parent().unwrap_or(Path::new("")))
}
