//! What a checkpoint file is called: `checkpoint-` and its LSN in 20 digits, `.partial` while it is written.
//! Takes a folder, gives paths; must not know what is in a file.

use std::path::{Path, PathBuf};

use foreshore_timeline::Lsn;

use crate::disk::{Disk, DiskError};

const PREFIX: &str = "checkpoint-";
const PARTIAL: &str = ".partial";

/// Where the checkpoint as of `lsn` is.
pub fn path(folder: &Path, lsn: Lsn) -> PathBuf {
    folder.join(format!("{PREFIX}{:020}", lsn.0))
}

/// Where it is being written.
pub(super) fn partial(folder: &Path, lsn: Lsn) -> PathBuf {
    folder.join(format!("{PREFIX}{:020}{PARTIAL}", lsn.0))
}

/// The checkpoints in a folder, oldest first.
///
/// # Errors
/// When the folder cannot be read.
pub fn list(disk: &dyn Disk, folder: &Path) -> Result<Vec<(Lsn, PathBuf)>, DiskError> {
    let names = disk.list(folder)?;
    let mut found: Vec<_> = (names.iter())
        .filter_map(|name| {
            let lsn = Lsn(name.strip_prefix(PREFIX)?.parse().ok()?);
            Some((lsn, path(folder, lsn))).filter(|(_, path)| path.ends_with(name))
        })
        .collect();
    found.sort();
    Ok(found)
}

/// Removes what was left behind by writers that did not come to an end; how many. None may be at work.
///
/// # Errors
/// When the disk refuses.
pub fn sweep(disk: &dyn Disk, folder: &Path) -> Result<usize, DiskError> {
    let names = disk.list(folder)?;
    let left = |name: &&String| name.starts_with(PREFIX) && name.ends_with(PARTIAL);
    let mut swept = 0;
    for name in names.iter().filter(left) {
        disk.remove(&folder.join(name))?;
        swept += 1;
    }
    Ok(swept)
}
