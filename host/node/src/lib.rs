//! The node as a library: wiring of threads, HTTP, configuration and commands. Gives its command line to the
//! binary, its configuration to those who attack it, and its pipelines and answers to those who measure them. Must
//! not be wired into anything else.

/// Who may do what.
mod access;

/// A component against its contract and a trace.
mod check;

/// The only clock.
mod clock;

/// The command line: one command, its error as a message, an exit code.
pub mod command_line;

/// One file per command.
mod commands;

/// This program as the one that compiles.
mod compiler;

/// The one TOML file, as written.
pub mod config;

/// Everything under HTTP.
mod http;

/// From configuration to pipelines ready to run.
pub mod load;

/// What the node counts.
mod metrics;

/// How many files the process may have open.
mod open_files;

/// In which pages the process has its memory.
mod pages;

/// An archive or a log through the core.
mod replay;

/// The pipeline's thread.
mod worker;

pub use http::answer_json;
