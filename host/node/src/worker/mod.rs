//! A pipeline's own thread: it alone owns timelines, decisions and warm instances, so nothing on the path
//! needs a lock. Takes requests from a bounded queue; gives replies once what they rest on is logged.

/// What a worker can be asked.
pub mod request;

/// How the rest of the node talks to a worker.
pub mod handle;

/// The plugins of one pipeline, as the core calls them.
pub mod sandboxes;

/// Word of plugins that are left alone.
pub mod watch;

/// Where log records go.
pub mod log;

/// Published amendments, kept for those who follow them.
pub mod amendments;

/// The thread itself.
pub mod run;

pub use handle::{Handle, Unavailable};
pub use request::Snapshot;
pub use run::start;
