//! What of the state can be rebuilt from checkpoint and log, kept so that it need not be: timelines at rest
//! and the trails of decisions. Takes and gives opaque bytes; must not know what a timeline is made of.

/// Which timeline, and how a key stands in the tree.
pub mod key;

/// A record as it is stored: version, LSN, length, checksum, body.
pub mod value;

/// What is wrong, and what to do.
pub mod error;

/// An ordered map of bytes with a disk under it: all that cold state asks of an engine.
pub mod tree;

/// A record in its place in the tree.
mod record;

/// Cold state: reading, writing, forgetting.
pub mod state;

/// Opening a folder whose engine may not come back.
mod attempt;

/// Merging tables lets others run.
mod merging;

/// Cold state in a folder.
pub mod folder;

/// Cold state in memory, which can lose its power.
pub mod memory;

pub use error::{ColdError, Damage, Flaw};
pub use folder::FjallCold;
pub use key::{Family, Key, Place};
pub use memory::MemoryCold;
pub use state::{Batch, Cold, KEY_BYTES_MAX, Rested, Visit};
pub use value::{BODY_BYTES_MAX, Stored};
