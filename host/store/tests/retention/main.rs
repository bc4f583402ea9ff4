//! The oldest log given up, over and over: what is left says the same as a twin that kept everything in memory,
//! record by record, also after a loss of power and after the loss of all that was stored beside the log.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed test is the message"
)]

/// A disk that decays while a checkpoint is written.
mod decay;

/// The node and its twin.
mod node;

/// What is held to be true.
mod stories;

/// What was said, made again from what is left.
mod reproducing;

/// A pipeline with native plugins, and a reference.
#[path = "../../../core/tests/world/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the reference is for other tests")]
mod world;
