//! The node in numbers, for Prometheus: what the HTTP side measures itself, and what the pipelines' threads
//! tell of theirs, as text.

/// Durations by how long they were.
mod histogram;

/// What is measured of requests.
mod meters;

/// The text format.
mod exposition;

/// Every metric there is, by name.
mod families;

pub use families::{Measured, expose};
pub use meters::Meters;
