//! A disk in memory that loses power when told to: whatever was not synced may then be there, be gone or be
//! torn, as a seed decides. Takes what `Disk` takes, and faults; gives the same bytes for the same seed.
//! Must not know what is stored on it.

/// One file: what is written, and what of it is sure.
mod content;

/// The names: what is seen, and what of it is sure.
mod names;

/// When it stops working.
mod power;

/// Numbers from a seed.
mod random;

/// The disk, as the store meets it.
mod disk;

/// The whole of it, behind one lock.
mod state;

pub use disk::SimulatedDisk;

#[cfg(test)]
mod tests;
