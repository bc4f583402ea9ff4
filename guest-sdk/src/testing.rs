//! Native tests from trace files: plain `cargo test`, no host. A trace runs through the very bytes of the
//! contract, and the same file runs on the built component with `foreshore check --trace`.

/// Traces of events, for feature plugins.
pub mod trace;

/// Traces of inputs, for model plugins.
pub mod model_trace;

/// One line of a trace of events.
mod line;

/// A line's event as a row's bytes.
mod layout;

/// Numbers by name, and how they differ.
mod numbers;

/// Why a trace cannot be read.
mod error;

pub use error::TraceError;
pub use model_trace::ModelTrace;
pub use trace::{Row, Trace};
