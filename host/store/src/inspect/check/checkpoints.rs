//! The checkpoints of a pipeline: every byte of each, every timeline in it, and that it belongs to this log.
//! Takes what the log says; must not know what a checkpoint is used for.

use std::ops::ControlFlow;
use std::path::Path;

use foreshore_timeline::Lsn;

use super::cold::unreadable;
use super::finding::{Finding, Part};
use super::log::Facts;
use super::run::Look;
use crate::checkpoint::{self, Reader};
use crate::codec::decode_manifest;
use crate::disk::Disk;
use crate::error::StoreError;

/// Looks through the checkpoints in a pipeline's folder.
pub(super) fn check(
    disk: &dyn Disk,
    folder: &Path,
    facts: &Facts,
    look: &mut Look<'_>,
) -> Result<(), StoreError> {
    for (lsn, path) in checkpoint::list(disk, folder)? {
        look.checked.checkpoints += 1;
        if let Err(message) = read(disk, &path, lsn, facts) {
            look.found(&Finding {
                lsn: Some(lsn.0),
                ..Finding::new(Part::Checkpoint, path, message)
            });
        }
    }
    Ok(())
}

/// Reads one checkpoint; what is wrong with it.
fn read(disk: &dyn Disk, path: &Path, lsn: Lsn, facts: &Facts) -> Result<(), String> {
    let reader = Reader::open(disk, path).map_err(|error| error.to_string())?;
    reader.verify().map_err(|error| error.to_string())?;
    let head = reader.head();
    let manifest = decode_manifest(&head.manifest).map_err(|error| error.to_string())?;
    let name = path.display();
    if head.lsn != lsn || lsn > facts.last {
        return Err(format!(
            "{name} says it is as of record {}, and the log ends with record {}: put the right files together",
            head.lsn.0, facts.last.0
        ));
    }
    if facts.log.as_ref().is_some_and(|log| *log != manifest.log) {
        return Err(format!(
            "{name} is of another log: put the right files together"
        ));
    }
    let mut fault = None;
    reader
        .timelines(|key, stored| {
            fault = unreadable(&key, &stored);
            match fault {
                Some(_) => ControlFlow::Break(()),
                None => ControlFlow::Continue(()),
            }
        })
        .map_err(|error| error.to_string())?;
    match fault {
        Some(fault) => Err(format!(
            "{name}: {fault}; use an older checkpoint, or restore this one from a backup"
        )),
        None => Ok(()),
    }
}
