//! Which pipelines a folder holds: it is one pipeline's, or that of a store with a folder for each. Knows names
//! only.

use std::path::{Path, PathBuf};

use crate::disk::{Disk, DiskError};

/// The log in a pipeline's folder.
const LOG: &str = "log";

/// The state that can be rebuilt, beside it.
pub(super) const COLD: &str = "cold";

/// A pipeline's folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PipelineFolder {
    /// The pipeline's name.
    pub name: String,
    /// Where it is.
    pub folder: PathBuf,
}

/// The pipelines that have a log in a folder, by name: the folder's own, or one for each folder in it.
///
/// # Errors
/// When the folder is not there or cannot be read.
pub fn pipelines(disk: &dyn Disk, folder: &Path) -> Result<Vec<PipelineFolder>, DiskError> {
    let names = disk.list(folder)?;
    if names.iter().any(|name| name == LOG) {
        let name = folder.canonicalize().unwrap_or(folder.to_owned());
        let name = name.file_name().unwrap_or_default();
        return Ok(vec![PipelineFolder {
            name: name.to_string_lossy().into_owned(),
            folder: folder.to_owned(),
        }]);
    }
    // What is being copied has a dot in its name, which no pipeline has.
    let names = names.into_iter().filter(|name| !name.contains('.'));
    let all = names.map(|name| PipelineFolder {
        folder: folder.join(&name),
        name,
    });
    let has_log = |found: &PipelineFolder| {
        let held = disk.list(&found.folder);
        held.is_ok_and(|held| held.iter().any(|name| name == LOG))
    };
    Ok(all.filter(has_log).collect())
}
