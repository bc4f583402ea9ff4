//! The project's own commands, `cargo xtask NAME`: what CI runs and what a contributor runs are the same.
//! Takes a command line, gives an exit code; must not know how any crate works.

#![expect(clippy::print_stderr, reason = "a command line tool reports on stderr")]

/// Building the example plugins and the guests of the tests.
mod plugins;

/// The named steps of the test run.
mod steps;

/// Running steps one after the other, with times and a summary.
mod run;

/// The whole product at work, with its proof.
mod demo;

/// The promises under attack, seed by seed.
mod prove;

/// What it all costs, beside others.
mod bench;

/// The example's model, fitted anew.
mod train;

/// Any bytes against every parser.
mod fuzz;

use std::path::Path;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::prove::Wish;
use crate::steps::Step;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The project's own commands")]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Everything CI checks, in order: fmt, tidy, clippy, doc, deny, plugins, unit, integration
    Test,
    /// Weeks of card payments through the real binary, and the proof that order did not matter
    Demo,
    /// The promises under attack, seed by seed, and a table of what held
    Prove(Wish),
    /// What foreshore costs, beside the floor and beside others: tables, numbers and plots (docs/PERFORMANCE.md)
    Bench(bench::Args),
    /// The weights of the example's model, fitted to what its plugins make of generated traffic
    Train,
    /// Any bytes against every parser, with libFuzzer (needs cargo-fuzz): docs/FUZZING.md
    Fuzz(fuzz::Args),
    #[command(flatten)]
    Step(Step),
}

fn main() -> ExitCode {
    let outcome = match CommandLine::parse().command {
        Command::Prove(wish) => prove::prove(&wish),
        Command::Test => run::all(Step::ALL),
        Command::Demo => demo::demo(),
        Command::Bench(args) => bench::bench(&args),
        Command::Train => train::train(),
        Command::Fuzz(args) => fuzz::fuzz(&args),
        Command::Step(step) => run::one(step),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The repository's root: commands work from any folder of it.
fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}
