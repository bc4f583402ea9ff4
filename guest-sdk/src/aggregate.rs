//! What a timeline's events add up to. All are fed in time order and read as of a time not before the last
//! event; all are part of a state, and a function of the events alone, however calls were split.
//!
//! A span at time `t` is `(t - span, t]`: an event exactly `span` ago is out, one at `t` is in. A missing
//! value (NaN) is not taken in; a time before the newest one counts as the newest.

/// Count, sum, mean, minimum, maximum and standard deviation of some values.
pub mod stats;

/// One walk from the newest entry to the oldest, for any number of spans.
mod pass;

/// Entries of a state as a queue in memory.
mod queue;

/// Sliding windows, exact up to a bound.
pub mod window;

/// The oldest part of a window, beyond its bound.
mod coarse;

/// The share of events that fulfil a condition.
pub mod share;

/// How many different values there were.
pub mod distinct;

/// Windows of a fixed resolution.
pub mod panes;

/// The last value and the one before it.
pub mod last;

/// When the first and the last event were, and how many.
pub mod seen;

/// A sum in which the past fades.
pub mod decay;

/// How often a value changed.
pub mod changes;

/// What tells values apart.
pub mod value;

/// What the tests of all aggregates share.
#[cfg(test)]
mod trial;

pub use changes::Changes;
pub use decay::Decay;
pub use distinct::Distinct;
pub use last::Last;
pub use panes::Panes;
pub use seen::Seen;
pub use share::{Portion, Share};
pub use stats::Stats;
pub use value::Value;
pub use window::Window;
