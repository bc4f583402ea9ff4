//! A copy of a store that a node may be writing: checkpoints, then the log from its newest segment back, up to
//! the last record that was durable then. Cold state is left out; it is rebuilt. Has its name only when it is
//! whole and read through.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use foreshore_timeline::Lsn;

use super::check::{Told, check};
use super::contents::{Contents, FORMAT, Saved};
use super::copy::{Copying, copy, is_vacant, length, name, partial};
use super::folders::PipelineFolder;
use super::view::View;
use crate::checkpoint;
use crate::disk::{Disk, DiskError};
use crate::error::StoreError;
use crate::identities;
use crate::log::SegmentInfo;
use crate::open::log_folder;

/// Attempts to copy a log while its oldest segments are being dropped.
const ATTEMPTS: usize = 3;

/// Why there is no backup.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The store, or the place of the backup.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The disk.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// There is something already.
    #[error("{} is not empty; a backup goes into a folder of its own, name another", .0.display())]
    Taken(PathBuf),
    /// An earlier one was not finished.
    #[error("{} was left by a backup that did not finish; take it away, and start again", .0.display())]
    Unfinished(PathBuf),
    /// What was copied is not sound.
    #[error(
        "what was copied is damaged, so it is no backup and stays in {}: {first}; `foreshore store check` \
         shows whether the store is", folder.display()
    )]
    Damaged {
        /// What was copied.
        folder: PathBuf,
        /// What is wrong first.
        first: String,
    },
    /// Segments went faster than they were copied.
    #[error(
        "segments of pipeline `{0}` were dropped faster than they could be copied; raise log_retention or \
         back up more often"
    )]
    Outrun(String),
}

/// Copies the stores of pipelines into a new folder.
///
/// # Errors
/// When there is something in the folder, what was copied is not sound, or the disk refuses. What was copied
/// until then stays under another name, which ends in `.partial`.
pub fn backup(
    disk: &Arc<dyn Disk>,
    pipelines: &[PipelineFolder],
    to: &Path,
    tell: &mut Copying<'_>,
) -> Result<Contents, BackupError> {
    let target = partial(to);
    if !is_vacant(&**disk, to)? {
        return Err(BackupError::Taken(to.to_owned()));
    }
    if !is_vacant(&**disk, &target)? {
        return Err(BackupError::Unfinished(target));
    }
    disk.create_folder(&target)?;
    let mut contents = Contents {
        format: FORMAT,
        pipelines: Vec::new(),
    };
    for pipeline in pipelines {
        let copying = Pipeline {
            disk,
            from: pipeline,
            to: target.join(&pipeline.name),
        };
        contents.pipelines.push(copying.save(tell)?);
    }
    contents.write(&**disk, &target)?;
    name(&**disk, &target, to)?;
    Ok(contents)
}

/// A pipeline being copied.
struct Pipeline<'a> {
    disk: &'a Arc<dyn Disk>,
    from: &'a PipelineFolder,
    to: PathBuf,
}

impl Pipeline<'_> {
    fn save(&self, tell: &mut Copying<'_>) -> Result<Saved, BackupError> {
        self.disk.create_folder(&log_folder(&self.to))?;
        for _ in 0..ATTEMPTS {
            let checkpoint = self.checkpoints(tell)?;
            let view = View::open(self.disk.clone(), &self.from.folder)?;
            let first = self.log(&view, tell)?;
            let last = view.log().range().1;
            let reached = checkpoint.filter(|lsn| *lsn <= last);
            // Without the records before its first, a log needs a checkpoint that has what they made.
            if first <= Lsn(1) || reached.is_some_and(|lsn| lsn.next() >= first) {
                return self.finish(&view, first, reached);
            }
            self.clear()?;
        }
        Err(BackupError::Outrun(self.from.name.clone()))
    }

    /// Copies the checkpoints; gives the newest.
    fn checkpoints(&self, tell: &mut Copying<'_>) -> Result<Option<Lsn>, DiskError> {
        let mut newest = None;
        for (lsn, path) in checkpoint::list(&**self.disk, &self.from.folder)? {
            let copied = length(&**self.disk, &path).and_then(|length| {
                let to = checkpoint::path(&self.to, lsn);
                copy(&**self.disk, (&path, length), &to, tell)
            });
            match copied {
                Err(error) if error.is_missing() => {}
                copied => {
                    copied?;
                    newest = Some(lsn);
                }
            }
        }
        Ok(newest)
    }

    /// Copies the segments from the newest back, until one is gone; gives the first record that was copied.
    fn log(&self, view: &View, tell: &mut Copying<'_>) -> Result<Lsn, BackupError> {
        let mut first = view.log().range().1.next();
        for segment in view.log().segments().iter().rev() {
            if !self.segment(segment, tell)? {
                break;
            }
            first = segment.first;
        }
        Ok(first)
    }

    /// Copies a segment and what stands beside it; tells whether it was still there at the end.
    fn segment(&self, segment: &SegmentInfo, tell: &mut Copying<'_>) -> Result<bool, DiskError> {
        let target = log_folder(&self.to);
        let source = log_folder(&self.from.folder);
        let to = target.join(segment.file.file_name().unwrap_or_default());
        let copied = copy(&**self.disk, (&segment.file, segment.bytes), &to, tell);
        // The file of a dropped segment is used again, under another name.
        if copied.is_err() || length(&**self.disk, &segment.file).is_err() {
            let gone = length(&**self.disk, &segment.file);
            return match gone {
                Err(error) if error.is_missing() => {
                    drop(self.disk.remove(&to));
                    Ok(false)
                }
                _ => copied.map(|()| true),
            };
        }
        if segment.sealed {
            let beside = [
                segment.file.with_extension("index"),
                identities::path(&source, segment.first),
            ];
            for path in beside {
                let to = target.join(path.file_name().unwrap_or_default());
                let copied = length(&**self.disk, &path)
                    .and_then(|length| copy(&**self.disk, (&path, length), &to, tell));
                // What is missing is made anew.
                match copied {
                    Err(error) if !error.is_missing() => return Err(error),
                    _ => {}
                }
            }
        }
        Ok(true)
    }

    /// Makes the names durable, and reads through what was copied.
    fn finish(
        &self,
        view: &View,
        first: Lsn,
        checkpoint: Option<Lsn>,
    ) -> Result<Saved, BackupError> {
        self.disk.sync_folder(&log_folder(&self.to))?;
        self.disk.sync_folder(&self.to)?;
        sound(self.disk, &self.to).map_err(|first| match first {
            Unsound::Store(error) => error.into(),
            Unsound::Damaged(first) => BackupError::Damaged {
                folder: self.to.clone(),
                first,
            },
        })?;
        let last = view.log().range().1;
        let reaches = match last {
            Lsn(0) => None,
            last => Some(view.log().read(last).map_err(StoreError::from)?.time),
        };
        Ok(Saved {
            name: self.from.name.clone(),
            first: first.0,
            last: last.0,
            reaches: reaches.map(|time| time.to_string()),
            checkpoint: checkpoint.map(|lsn| lsn.0),
            bytes: view
                .log()
                .segments()
                .iter()
                .map(|segment| segment.bytes)
                .sum(),
        })
    }

    /// Takes away what an attempt copied.
    fn clear(&self) -> Result<(), DiskError> {
        let log = log_folder(&self.to);
        for name in self.disk.list(&log)? {
            self.disk.remove(&log.join(name))?;
        }
        for (_, path) in checkpoint::list(&**self.disk, &self.to)? {
            self.disk.remove(&path)?;
        }
        Ok(())
    }
}

/// Why what was copied cannot be relied on.
pub(super) enum Unsound {
    Store(StoreError),
    Damaged(String),
}

/// Reads through a pipeline's folder.
pub(super) fn sound(disk: &Arc<dyn Disk>, folder: &Path) -> Result<(), Unsound> {
    let mut first = None;
    let checked = check(disk, folder, &mut |told| {
        if let Told::Finding(finding) = told
            && !finding.harmless
            && first.is_none()
        {
            first = Some(finding.message.clone());
        }
    });
    checked.map_err(Unsound::Store)?;
    first.map_or(Ok(()), |first| Err(Unsound::Damaged(first)))
}
