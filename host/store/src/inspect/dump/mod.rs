//! Records of a log as lines of JSON: all of them, or those about an event, a timeline or a decision. Takes a
//! view, writes lines; the shape of a line is the codec's.

/// What is asked for.
mod choice;

/// Which records are about it.
mod matcher;

/// Where an event is, by its name.
mod search;

/// From the log to lines.
mod run;

pub use choice::{Choice, Dump, DumpError, Dumped};
pub use run::dump;
