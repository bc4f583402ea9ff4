//! An ordered map of bytes with a disk under it: all that cold state asks of an engine, so that the same
//! code runs over a folder and over a simulation. Must not know what the bytes mean.

use std::ops::{ControlFlow, Range};

use super::error::ColdError;

/// One change.
#[derive(Clone, Debug)]
pub enum Change {
    /// The key has this value.
    Put(Vec<u8>, Vec<u8>),
    /// The key is gone.
    Remove(Vec<u8>),
}

/// When a change has to be on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durable {
    /// Before the call returns, together with all changes before it.
    Now,
    /// At the latest with the next that is `Now`.
    Later,
}

/// What is shown a key and its value, and says whether to go on.
pub type Look<'a> = dyn FnMut(&[u8], &[u8]) -> ControlFlow<()> + 'a;

/// An ordered map of bytes. After a loss of power it holds everything up to the last change made durable,
/// and of those after it the first few or none: never one without all before it.
pub trait Tree: Send + Sync {
    /// The value under a key.
    ///
    /// # Errors
    /// When its block is damaged, or the engine failed.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, ColdError>;

    /// Shows keys and values of a range in order, all as of one moment, until told to break.
    ///
    /// # Errors
    /// When the engine fails, also over a damaged block.
    fn scan(&self, range: Range<Vec<u8>>, visit: &mut Look<'_>) -> Result<(), ColdError>;

    /// Makes changes, in order.
    ///
    /// # Errors
    /// When the engine failed: now or earlier, for it takes no change after that.
    fn apply(&self, changes: Vec<Change>, durable: Durable) -> Result<(), ColdError>;

    /// Bytes of disk it takes.
    fn bytes(&self) -> u64;
}
