//! The log over a disk that loses power, fails, fills up and decays: whatever happens, what was committed is
//! there byte for byte, or the place that is damaged is named.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed test is the message"
)]

/// Power cuts and failures, by seeds.
mod cuts;

/// Flipped bits and missing files, by seeds.
mod damage;

/// Single stories.
mod stories;

/// A log and what it should hold.
mod world;
