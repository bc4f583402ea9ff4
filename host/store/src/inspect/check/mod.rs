//! Everything a store keeps, looked through for damage: every byte of the log, every record of it, what stands
//! beside its segments, checkpoints, cold state. Takes a pipeline's folder, tells what is wrong by its place.

/// What is told.
mod finding;

/// The log: bytes, records, identities.
mod log;

/// Checkpoints.
mod checkpoints;

/// Cold state.
mod cold;

/// The parts put together.
mod run;

pub use finding::{Checked, Finding, Part, Told};
pub use run::check;
