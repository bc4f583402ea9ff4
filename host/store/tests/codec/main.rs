//! Records, timelines and manifests to bytes and back: nothing is lost, nothing drifts, and no bytes panic.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed test is the message"
)]

/// The pipeline they are of.
mod cards;

/// One of each.
mod examples;

/// What values there could be.
mod values;

/// What records there could be.
mod arbitrary;

/// There and back.
mod round_trip;

/// Bytes that are not what was written.
mod damage;

/// Records of one pipeline, read by a later one.
mod recast;

/// The very bytes.
mod vectors;

/// The very lines.
mod json;
