//! The bench: foreshore beside a bare server, beside the same written by hand, and beside what people would use
//! instead, all in one run. Takes a wish; gives tables, numbers and plots in `target/bench`. `cargo xtask bench`
//! builds what it starts.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a bench tells on stderr how far it is, and servers say on stdout where they are"
)]

/// How much is measured.
mod plan;

/// What it is measured on.
mod machine;

/// Which processor is whose.
mod cores;

/// A server as a process of its own.
mod server;

/// The events that are sent.
mod rows;

/// Who is measured beside whom.
mod arms;

/// Figures of several rounds.
mod figure;

/// What is measured.
mod parts;

/// Tables, numbers and plots.
mod report;

/// Whether what came out can be true.
mod sanity;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use mimalloc::MiMalloc;

use crate::cores::Pinned;
use crate::plan::Wish;

/// The node's, so that the arms it is compared with have no worse one.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[derive(Parser)]
#[command(
    name = "foreshore-bench",
    about = "What foreshore costs, beside others"
)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Measures, and writes tables, numbers and plots
    Run(Wish),
    /// The server that answers every request with the bytes of a file
    #[command(hide = true)]
    Floor { answer: PathBuf },
    /// The example's pipeline as one would write it for this one case
    #[command(hide = true)]
    Handwritten(arms::handwritten::Settings),
    /// Becomes another program, on one processor, that ends with whoever started it
    #[command(hide = true)]
    Pinned(Pinned),
}

fn main() -> ExitCode {
    let outcome = match CommandLine::parse().command {
        Command::Run(wish) => parts::run(&wish),
        Command::Floor { answer } => arms::floor::serve(&answer),
        Command::Handwritten(settings) => arms::handwritten::serve(&settings),
        Command::Pinned(pinned) => pinned.become_it(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
