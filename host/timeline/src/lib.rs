//! One timeline's events in their total order: placing, folding, checkpoints, going back. Pure: time is an
//! argument, plugins are a trait, nothing is read or written.

/// The contract of a fold call.
pub mod fold;

/// What a timeline holds of an event.
pub mod entry;

/// The border between what is committed and what a late event may still reach.
pub mod watermark;

/// States kept on the way, so that going back is cheap.
pub mod checkpoints;

/// The timeline: placing events in order.
pub mod timeline;

/// One step of folding, and the verdict about events that trap.
pub mod step;

/// Folding what has been placed.
pub mod settle;

/// Features as of a point, without changing anything.
pub mod read;

/// A timeline at rest: what it takes to go on with it later.
pub mod dormant;

/// A folder in plain Rust, for tests and simulations.
pub mod native;

pub use dormant::{Border, Dormant, NotWoken};
pub use entry::{Entry, Lsn, Role};
pub use fold::{Fault, Flags, Folded, Folder, ROWS_MAX, Row, State};
pub use read::{Point, ReadError};
pub use settle::Emission;
pub use timeline::{Late, Placed, Settings, Timeline};
pub use watermark::Watermark;
