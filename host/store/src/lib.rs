//! What outlives the process: the log of all that was admitted, and what of the state can be rebuilt from
//! it. Takes records and timelines, gives them back; the only crate with files. Must not know HTTP or plugins.

/// Records, timelines at rest and manifests, to bytes and back.
pub mod codec;

/// What can be rebuilt, kept so that it need not be.
pub mod cold;

/// The store's own file layer.
pub mod disk;

/// The log: every record of a pipeline in order.
pub mod log;

/// The identities of a log segment, beside it.
pub mod identities;

/// All timelines as of a log position, in one file that never changes.
pub mod checkpoint;

/// The log as records, to be read.
pub mod records;

/// The log as records, to be written.
pub mod journal;

/// What the running node reads and puts away.
pub mod store;

/// What a core needs, brought in.
mod bring;

/// Where an event is in the log.
mod lookup;

/// Timelines built anew from the log.
pub mod rebuild;

/// The oldest part of a log, given up.
pub mod retention;

/// A core that goes on where its log ends.
mod restore;

/// From a folder to a pipeline that goes on.
pub mod open;

/// A store looked at from outside.
pub mod inspect;

/// How far long work has come.
pub mod progress;

/// What a store refuses.
pub mod error;

pub use error::StoreError;
pub use journal::{Journal, Sealed};
pub use open::{OpenCold, Opened, Opening, READERS, StoreSettings, open};
pub use progress::Progress;
pub use rebuild::Families;
pub use records::Records;
pub use store::Store;
