//! The parts of a check put together: the log first, because the rest is held against it. Takes a pipeline's
//! folder; changes nothing in it but the lock.

use std::path::Path;
use std::sync::Arc;

use super::checkpoints;
use super::cold;
use super::finding::{Checked, Finding, Told};
use super::log;
use crate::disk::Disk;
use crate::error::StoreError;

/// What all parts of a check share: where it tells, and the sum so far.
pub(super) struct Look<'a> {
    tell: &'a mut dyn FnMut(Told<'_>),
    pub(super) checked: Checked,
}

impl Look<'_> {
    /// Tells a finding and counts it.
    pub(super) fn found(&mut self, finding: &Finding) {
        match finding.harmless {
            true => self.checked.harmless += 1,
            false => self.checked.damaged += 1,
        }
        self.tell(Told::Finding(finding));
    }

    /// Tells how far it is.
    pub(super) fn tell(&mut self, told: Told<'_>) {
        (self.tell)(told);
    }
}

/// Looks through the store of a pipeline. Its node may be running: then cold state is left out.
///
/// # Errors
/// When there is no log, or the disk fails. Damage is no error: it is told.
pub fn check(
    disk: &Arc<dyn Disk>,
    folder: &Path,
    tell: &mut dyn FnMut(Told<'_>),
) -> Result<Checked, StoreError> {
    let mut look = Look {
        tell,
        checked: Checked::default(),
    };
    let facts = log::check(disk, folder, &mut look)?;
    checkpoints::check(&**disk, folder, &facts, &mut look)?;
    cold::check(&**disk, folder, &facts, &mut look)?;
    Ok(look.checked)
}
