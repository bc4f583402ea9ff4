//! The `foreshore` binary: parses the command line, runs one command, turns its error into a message and an
//! exit code. Knows no command's work.

mod clock;
mod config;
mod load;
mod worker;

fn main() {}
