//! What a disk refuses: which operation, on which path, and the system's own word for why. Must not know
//! which disk it was.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What was asked of a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Opening or making a file.
    Open,
    /// Reading a file or its length.
    Read,
    /// Writing into a file.
    Write,
    /// Reserving space for a file.
    Allocate,
    /// Making written bytes durable.
    Sync,
    /// Reading a folder.
    List,
    /// Making a folder.
    CreateFolder,
    /// Renaming a file.
    Rename,
    /// Removing a file.
    Remove,
    /// Making the names in a folder durable.
    SyncFolder,
    /// Asking how much space is left.
    FreeBytes,
    /// Taking a folder.
    Lock,
}

impl fmt::Display for Operation {
    /// What could not be done, as "cannot ..." goes on.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Operation::Open => "open",
            Operation::Read => "read",
            Operation::Write => "write to",
            Operation::Allocate => "reserve space for",
            Operation::Sync => "sync",
            Operation::List => "list",
            Operation::CreateFolder => "create the folder",
            Operation::Rename => "rename",
            Operation::Remove => "remove",
            Operation::SyncFolder => "sync the folder",
            Operation::FreeBytes => "tell the free space of",
            Operation::Lock => "lock",
        })
    }
}

/// An operation a disk did not do.
#[derive(Clone, Debug, thiserror::Error)]
#[error("cannot {operation} {}: {cause}", path.display())]
pub struct DiskError {
    /// What was asked.
    pub operation: Operation,
    /// Of which file or folder.
    pub path: PathBuf,
    /// The system's word.
    pub cause: Arc<io::Error>,
}

impl DiskError {
    /// The error of an operation on a path.
    pub fn new(operation: Operation, path: &Path, cause: io::Error) -> DiskError {
        DiskError {
            operation,
            path: path.to_owned(),
            cause: Arc::new(cause),
        }
    }

    /// Whether there was no space left.
    pub fn is_full(&self) -> bool {
        matches!(
            self.cause.kind(),
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
        )
    }

    /// Whether there is no such file or folder.
    pub fn is_missing(&self) -> bool {
        self.cause.kind() == io::ErrorKind::NotFound
    }
}

/// A folder that was not to be had.
#[derive(Clone, Debug, thiserror::Error)]
pub enum LockError {
    /// Another process has it.
    #[error(
        "{} is in use by {holder}: stop that process first, or use another folder", folder.display()
    )]
    Held {
        /// The folder.
        folder: PathBuf,
        /// Who has it: "process 4711", as far as the lock tells.
        holder: String,
    },
    /// The disk refuses.
    #[error("{0}; check the disk, its mount and its permissions, then start again")]
    Disk(#[from] DiskError),
}
