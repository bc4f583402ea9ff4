//! A component against its contract and a trace: what it says of itself, whether it gives what is expected,
//! and whether it gives the same again, however it is asked.

/// A file loaded as a plugin.
pub mod component;

/// What a plugin says of itself, for people and programs.
pub mod description;

/// A trace's lines.
mod trace;

/// Numbers by name: what is expected, and what differs.
mod numbers;

/// What is wrong with a plugin.
pub mod finding;

/// A trace's events as timelines.
mod timelines;

/// Feature plugins: fold, go back, fold again.
mod folds;

/// Model plugins: score, and score again.
mod scores;

/// Times of calls.
mod timing;

/// What a trace showed.
pub mod outcome;

/// All that is known of a component.
pub mod report;

pub use component::Component;
pub use report::check;
