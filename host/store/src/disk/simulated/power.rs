//! When a simulated disk stops working: operations are counted, the power goes at one of them, others fail
//! because a test asked for it. Must not know files.

use std::io::{self, ErrorKind};
use std::path::Path;

use super::super::{DiskError, Operation};

/// The power of a disk, and its faults to come.
#[derive(Default)]
pub(super) struct Power {
    operations: u64,
    cut_at: Option<u64>,
    off: bool,
    faults: Vec<(Operation, u64)>,
}

impl Power {
    pub(super) fn operations(&self) -> u64 {
        self.operations
    }

    pub(super) fn cut_at(&mut self, operation: u64) {
        self.cut_at = Some(operation);
    }

    pub(super) fn cut(&mut self) {
        self.off = true;
    }

    pub(super) fn back(&mut self) {
        self.cut_at = None;
        self.off = false;
    }

    pub(super) fn is_off(&self) -> bool {
        self.off
    }

    pub(super) fn fail(&mut self, operation: Operation, nth: u64) {
        self.faults.push((operation, nth));
    }

    /// Refuses while the power is off.
    pub(super) fn reads(&self, operation: Operation, path: &Path) -> Result<(), DiskError> {
        match self.off {
            true => Err(power_cut(operation, path)),
            false => Ok(()),
        }
    }

    /// Counts an operation, and cuts the power or fails where that was asked for.
    pub(super) fn counts(&mut self, operation: Operation, path: &Path) -> Result<(), DiskError> {
        self.reads(operation, path)?;
        self.operations += 1;
        if self.cut_at == Some(self.operations) {
            self.off = true;
            return Err(power_cut(operation, path));
        }
        for (kind, nth) in &mut self.faults {
            *nth = nth.saturating_sub(u64::from(*kind == operation));
        }
        let asked = self.faults.len();
        self.faults.retain(|(_, nth)| *nth > 0);
        match self.faults.len() == asked {
            true => Ok(()),
            false => Err(error(operation, path, ErrorKind::Other)),
        }
    }
}

/// The error of an operation on a path.
pub(super) fn error(operation: Operation, path: &Path, kind: ErrorKind) -> DiskError {
    DiskError::new(operation, path, kind.into())
}

/// The error of everything while the power is off.
pub(super) fn power_cut(operation: Operation, path: &Path) -> DiskError {
    DiskError::new(operation, path, io::Error::other("the power is off"))
}
