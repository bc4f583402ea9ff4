//! What any bytes must not do to foreshore. A target takes bytes and panics when a promise breaks; `fuzz/`
//! hands them over to libFuzzer, the tests here run every kept input. Must not know who calls.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is how a target tells"
)]

/// Every target, by name.
pub mod target;

/// Bytes to drafts: CloudEvents, a line each.
pub mod decode;

/// Drafts to events, against a second opinion.
pub mod validate;

/// The TOML file, and what can be checked of it without other files.
pub mod configuration;

/// Records of the log, timelines at rest, the state of the core.
pub mod record;

/// A log whose files were changed behind its back.
pub mod segment;

/// Plugin files: form, contract, description, a fold.
pub mod component;

/// Rows to bytes, and what comes back from a guest.
pub mod lowering;

/// What the fuzzer starts from.
pub mod seeds;

/// How much memory a piece of work may take.
mod memory;

/// The pipeline that targets read and write events of.
mod cards;

/// An event as JSON again.
mod rendered;

/// Guests made from text.
#[path = "../../../host/plugin/tests/plugin/guests.rs"]
mod guests;
