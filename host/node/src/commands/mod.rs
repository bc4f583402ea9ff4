//! The commands, one file each: arguments and what they do with them.

/// What the program says while it works.
pub mod log;

/// What a service manager is told.
mod notify;

/// `foreshore new`: a plugin's crate to start from.
pub mod new;

/// `foreshore build`: a plugin's crate to a checked component.
pub mod build;

/// `foreshore check`: a component against its contract and a trace.
pub mod check;

/// `foreshore serve`: the node.
pub mod serve;

/// Who a node lets in, from its files.
mod guarding;

/// `foreshore replay`: an archive through the same core.
pub mod replay;

/// `foreshore token`: a token for someone.
pub mod token;

/// `foreshore cost`: what scores cost, from a node's metrics.
pub mod cost;

/// `foreshore store`: what a node keeps, from outside.
pub mod store;

/// The process in which a component is compiled.
pub mod compile_plugin;
