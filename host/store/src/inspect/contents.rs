//! What a backup says of itself, in a file `backup.json` that is written last: which pipelines it holds and
//! how far each reaches.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::disk::{Access, Disk, DiskError, read_whole};

/// The file.
pub(super) const NAME: &str = "backup.json";

/// The version of a backup's form.
pub(super) const FORMAT: u32 = 1;

/// What a backup says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contents {
    /// The version of its form.
    pub format: u32,
    /// The pipelines in it, each in a folder of its name.
    pub pipelines: Vec<Saved>,
}

/// A pipeline in a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    /// Its name.
    pub name: String,
    /// The first record of its log.
    pub first: u64,
    /// The last: everything the node had acknowledged when the backup began is at or below it.
    pub last: u64,
    /// When that one was made, RFC 3339; none if there is no record.
    pub reaches: Option<String>,
    /// The newest checkpoint, by its log position; none: everything is built anew from the log.
    pub checkpoint: Option<u64>,
    /// Bytes of all its files.
    pub bytes: u64,
}

impl Contents {
    /// Writes it into a backup's folder, durably.
    ///
    /// # Errors
    /// When the disk refuses.
    pub(super) fn write(&self, disk: &dyn Disk, folder: &Path) -> Result<(), DiskError> {
        let file = disk.open(&folder.join(NAME), Access::New)?;
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        file.write_at(0, text.as_bytes())?;
        file.sync_data()?;
        disk.sync_folder(folder)
    }

    /// Reads it from a backup's folder; none if what is there is not one.
    ///
    /// # Errors
    /// When there is no such file, or the disk fails.
    pub(super) fn read(disk: &dyn Disk, folder: &Path) -> Result<Option<Contents>, DiskError> {
        let bytes = read_whole(disk, &folder.join(NAME))?;
        Ok(serde_json::from_slice(&bytes).ok())
    }
}
