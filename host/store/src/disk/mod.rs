//! The store's own file layer: the few things it asks of a disk, so that a test can cut the power between
//! any two of them. Takes paths and bytes, gives bytes and errors that name the place. Must not know what
//! the bytes mean.

/// What is asked of a disk.
mod layer;

/// What a disk refuses, and where.
mod error;

/// The disk of the machine.
pub mod real;

/// A disk in memory that loses power when told to.
pub mod simulated;

pub use error::{DiskError, LockError, Operation};
pub use layer::{Access, Disk, DiskFile, Lock, read_whole};
pub use real::RealDisk;
pub use simulated::SimulatedDisk;
