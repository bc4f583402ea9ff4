//! The commands, one file each: arguments and what they do with them.

/// What the program says while it works.
pub mod log;

/// `foreshore new`: a plugin's crate to start from.
pub mod new;

/// `foreshore build`: a plugin's crate to a checked component.
pub mod build;

/// `foreshore check`: a component against its contract and a trace.
pub mod check;

/// `foreshore serve`: the node.
pub mod serve;

/// `foreshore replay`: an archive through the same core.
pub mod replay;
