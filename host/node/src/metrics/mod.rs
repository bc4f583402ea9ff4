//! The node in numbers, for Prometheus: what the HTTP side measures itself, and what the pipelines' threads
//! tell of theirs, as text.

/// Durations by how long they were.
mod histogram;

/// What is measured of requests.
mod meters;

/// What is counted of connections.
mod ports;

/// The text format.
mod exposition;

/// A metric that is one number of something.
mod metric;

/// A pipeline's store in numbers.
mod store;

/// Who is let in, in numbers.
mod access;

/// Every metric there is, by name.
mod families;

pub use access::access;
pub use exposition::Exposition;
pub use families::{Measured, expose};
pub use histogram::Histogram;
pub use meters::Meters;
pub use ports::{MeasuredPort, PortMeters};
pub use store::StoreGauges;
