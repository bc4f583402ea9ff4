//! An archive of events through the same core, offline: read and decode on all cores, fold and score in one
//! thread, encode and write in another. The stages in path order.

/// CSV or NDJSON, by a file's ending.
mod format;

/// An archive cut into blocks that can be decoded apart.
mod block;

/// A block's lines or records to events.
mod decode;

/// Blocks to events, on all cores, in the file's order.
mod archive;

/// Whether events come in their total order.
mod order;

/// Events through the core.
mod fold;

/// Decisions to rows.
mod rows;

/// A file that appears whole or not at all.
mod output;

/// What a watcher sees on the way.
mod progress;

/// What a replay came to.
mod tally;

/// A node's own log, made again.
pub mod from_log;

/// The stages put together.
mod run;

pub use run::{Job, run};
