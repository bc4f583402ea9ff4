//! A pipeline's own thread: it alone owns timelines, decisions and warm instances, so nothing on the path
//! needs a lock. Takes requests from a bounded queue; gives replies once what they rest on is durable.

/// What a worker can be asked.
pub mod request;

/// How the rest of the node talks to a worker.
pub mod handle;

/// Who is let in.
pub mod gate;

/// How much of a processor may be used.
pub mod budget;

/// Whom the system runs first.
mod priority;

/// When work that nobody waits for may go on.
mod deferral;

/// What is turned away after all.
mod refuse;

/// The plugins of one pipeline, as the core calls them.
pub mod sandboxes;

/// Word of plugins that are left alone.
pub mod watch;

/// What becomes durable, then what leaves.
pub mod committer;

/// What is put away.
pub mod keeper;

/// What a worker has of its store.
pub mod storage;

/// The oldest part of the log, given up.
mod retention;

/// Published amendments, kept for those who follow them.
pub mod amendments;

/// Another pipeline in place of the one that runs.
pub mod deploy;

/// It is built beside the old one.
mod building;

/// The worker goes on as it.
mod switch;

/// The thread itself.
mod run;

/// One request to its reply.
mod apply;

/// From a loaded pipeline to a thread that runs it.
pub mod start;

pub use gate::Shed;
pub use handle::{Handle, Unavailable};
pub use request::Snapshot;
pub use start::{Started, start};
