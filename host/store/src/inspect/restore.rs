//! A backup put where a node starts from it: read through before and after it is copied, never over a store
//! that is there. Takes two folders.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::backup::{Unsound, sound};
use super::contents::{Contents, FORMAT, Saved};
use super::copy::{Copying, copy, is_vacant, length, name, partial};
use crate::disk::{Disk, DiskError};
use crate::error::StoreError;
use crate::open::log_folder;

/// Why nothing was restored.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The backup's files, or those copied.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The disk.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// There is no backup.
    #[error("{} is no backup: it has no file `backup.json`{hint}", folder.display())]
    None {
        /// The folder.
        folder: PathBuf,
        /// What it may be.
        hint: &'static str,
    },
    /// It is of a form unknown here.
    #[error("{} was written by a newer foreshore (format {found}, this one knows up to {FORMAT}); run that version", folder.display())]
    Newer {
        /// The folder.
        folder: PathBuf,
        /// Its format.
        found: u32,
    },
    /// It lacks what is asked for.
    #[error("the backup has no pipeline `{name}`; it has {}", known.join(", "))]
    Unknown {
        /// The pipeline asked for.
        name: String,
        /// Those it has.
        known: Vec<String>,
    },
    /// A store is there.
    #[error("{} holds a store already; nothing is written over it: move it away, or restore into another folder", .0.display())]
    Taken(PathBuf),
    /// An earlier restore was not finished.
    #[error("{} was left by a restore that did not finish; take it away, and start again", .0.display())]
    Unfinished(PathBuf),
    /// The files are not what was written.
    #[error("{} is damaged: {first}; use another backup", folder.display())]
    Damaged {
        /// The backup, or what was copied of it.
        folder: PathBuf,
        /// What is wrong first.
        first: String,
    },
}

/// A pipeline that was put back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// What it is.
    pub saved: Saved,
    /// Where it now is.
    pub folder: PathBuf,
}

/// Puts the pipelines of a backup, or one of them, into the folder of a store.
///
/// # Errors
/// When it is no sound backup, a store is there already, or the disk refuses. Nothing that was there is
/// touched; what is not whole ends in `.partial`.
pub fn restore(
    disk: &Arc<dyn Disk>,
    from: &Path,
    store: &Path,
    only: Option<&str>,
    tell: &mut Copying<'_>,
) -> Result<Vec<Restored>, RestoreError> {
    let wanted = wanted(&**disk, from, only)?;
    for saved in &wanted {
        let target = store.join(&saved.name);
        if !is_vacant(&**disk, &target)? {
            return Err(RestoreError::Taken(target));
        }
        if !is_vacant(&**disk, &partial(&target))? {
            return Err(RestoreError::Unfinished(partial(&target)));
        }
        verify(disk, &from.join(&saved.name))?;
    }
    disk.create_folder(store)?;
    let mut restored = Vec::new();
    for saved in wanted {
        let (source, folder) = (from.join(&saved.name), store.join(&saved.name));
        let target = partial(&folder);
        copy_files(&**disk, &log_folder(&source), &log_folder(&target), tell)?;
        copy_files(&**disk, &source, &target, tell)?;
        verify(disk, &target)?;
        name(&**disk, &target, &folder)?;
        restored.push(Restored { saved, folder });
    }
    Ok(restored)
}

/// The pipelines that are asked for.
fn wanted(disk: &dyn Disk, from: &Path, only: Option<&str>) -> Result<Vec<Saved>, RestoreError> {
    let none = |hint| RestoreError::None {
        folder: from.to_owned(),
        hint,
    };
    let contents = match Contents::read(disk, from) {
        Ok(Some(contents)) => contents,
        Ok(None) => return Err(none(" that can be read")),
        Err(error) if error.is_missing() => {
            let ending = from.extension().is_some_and(|ending| ending == "partial");
            return Err(none(match ending {
                true => "; it was left by a backup that did not finish",
                false => "",
            }));
        }
        Err(error) => return Err(error.into()),
    };
    if contents.format > FORMAT {
        return Err(RestoreError::Newer {
            folder: from.to_owned(),
            found: contents.format,
        });
    }
    let Some(name) = only else {
        return Ok(contents.pipelines);
    };
    let known = contents.pipelines.iter().map(|saved| saved.name.clone());
    let known: Vec<String> = known.collect();
    let mut wanted = contents.pipelines;
    wanted.retain(|saved| saved.name == name);
    match wanted.is_empty() {
        true => Err(RestoreError::Unknown {
            name: name.to_owned(),
            known,
        }),
        false => Ok(wanted),
    }
}

fn verify(disk: &Arc<dyn Disk>, folder: &Path) -> Result<(), RestoreError> {
    sound(disk, folder).map_err(|unsound| match unsound {
        Unsound::Store(error) => error.into(),
        Unsound::Damaged(first) => RestoreError::Damaged {
            folder: folder.to_owned(),
            first,
        },
    })
}

/// Copies the files of a folder, durably; folders in it are left out.
fn copy_files(
    disk: &dyn Disk,
    from: &Path,
    to: &Path,
    tell: &mut Copying<'_>,
) -> Result<(), DiskError> {
    disk.create_folder(to)?;
    for file in disk.list(from)? {
        let (source, target) = (from.join(&file), to.join(&file));
        if disk.list(&source).is_ok() {
            continue;
        }
        copy(disk, (&source, length(disk, &source)?), &target, tell)?;
    }
    disk.sync_folder(to)
}
