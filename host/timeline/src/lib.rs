//! One timeline's events in their total order: placing, folding, checkpoints, going back. Pure: time is an
//! argument, plugins are a trait, nothing is read or written.

/// The contract of a fold call.
pub mod fold;

pub use fold::{Fault, Flags, Folded, Folder, ROWS_MAX, Row, State};
