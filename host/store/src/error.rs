//! What a store refuses, whatever part of it does: each part says where and what to do. Must not know what
//! the node makes of it.

use foreshore_core::Contradiction;
use foreshore_timeline::{Lsn, NotWoken};

use crate::checkpoint::CheckpointError;
use crate::codec::DecodeError;
use crate::cold::ColdError;
use crate::disk::{DiskError, LockError};
use crate::identities::IdentitiesError;
use crate::log::LogError;

/// Why a store cannot be used, or cannot be used any more.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The log.
    #[error("the log: {0}")]
    Log(#[from] LogError),
    /// The state that can be rebuilt.
    #[error(transparent)]
    Cold(#[from] ColdError),
    /// The disk.
    #[error("{0}; check the disk, its mount and its permissions, then start again")]
    Disk(#[from] DiskError),
    /// Somebody else has the folder.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// A checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// Bytes that make no record.
    #[error("record {}: {error}", lsn.0)]
    Decode {
        /// Which record.
        lsn: Lsn,
        /// Why not.
        error: DecodeError,
    },
    /// The log contradicts the state.
    #[error(
        "{0}: the log and the state beside it do not belong together; move the folder `cold` away, it is \
         rebuilt from the log"
    )]
    Contradiction(#[from] Contradiction),
    /// A timeline cannot be taken up again, nor rebuilt.
    #[error(
        "the timeline of `{key}` in feature plugin {instance} cannot be taken up: {reason}; restore the \
         store from a backup"
    )]
    Timeline {
        /// The instance, by index.
        instance: usize,
        /// The key.
        key: String,
        /// Why not.
        reason: NotWoken,
    },
    /// The log is another pipeline's.
    #[error(
        "the log is of pipeline `{found}`, not of `{expected}`; put the folder of the right one here"
    )]
    OtherPipeline {
        /// Whose it is.
        found: String,
        /// Whose it should be.
        expected: String,
    },
    /// The log ends before the state that was made from it.
    #[error(
        "the log ends with record {}, but the state beside it holds everything up to record {}: the end of \
         the log is damaged or was taken away; put it back, restore the store from a backup \
         (`foreshore store restore`), or move the folder `cold` away to go on without those records",
        last.0, through.0
    )]
    Behind {
        /// The last record of the log.
        last: Lsn,
        /// What the state holds.
        through: Lsn,
    },
    /// Records are neither in the log nor in anything made of them.
    #[error(
        "records {} to {} are not in the log, and nothing else holds what they made{tried}: put their segments \
         back, or restore the store from a backup",
        from.0, to.0
    )]
    Missing {
        /// The first that is missing.
        from: Lsn,
        /// The last.
        to: Lsn,
        /// What was tried instead, and why it does not do.
        tried: String,
    },
    /// Two instances would share their timelines.
    #[error(
        "feature plugin `{0}` has the same digest as another one of its pipeline; give it another name"
    )]
    SameFamily(String),
    /// A thread that writes has ended in a panic.
    #[error("a thread that writes ended in a panic; this is a defect of foreshore")]
    Panicked,
    /// No thread that writes.
    #[error("start a thread that writes: {0}")]
    Thread(#[from] std::io::Error),
    /// The identities beside a segment.
    #[error(transparent)]
    Identities(#[from] IdentitiesError),
    /// The log reaches back less far than a plugin needs.
    #[error(
        "feature plugin `{instance}` needs {needs} to be rebuilt, and the log reaches back {reaches}: keep the \
         plugin that runs until the log is longer, raising log_retention or log_bytes, or replay an archive \
         into a new store"
    )]
    TooShort {
        /// The instance's name.
        instance: String,
        /// How far back it needs events.
        needs: String,
        /// How far back the log reaches.
        reaches: String,
    },
}
