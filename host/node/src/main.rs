//! The `foreshore` binary: parses the command line, runs one command, turns its error into a message and an
//! exit code. Knows no command's work.

mod check;
mod clock;
mod commands;
mod config;
mod http;
mod load;
mod metrics;
mod replay;
mod worker;

use std::process::ExitCode;

use clap::Parser;

use crate::config::ConfigError;

/// Score events at the edge, in exact event-time order, with plugins in sandboxes.
#[derive(Parser)]
#[command(version, about, max_term_width = 100)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

/// The command to run.
#[derive(clap::Subcommand)]
enum Command {
    /// Start a plugin: a crate that builds, with a passing test and a trace
    New(commands::new::Args),
    /// Compile a plugin's crate to a checked component
    Build(commands::build::Args),
    /// Check a component: description, limits, a trace, purity
    Check(commands::check::Args),
    /// Run the node of a configuration file
    Serve(commands::serve::Args),
    /// Fold and score an archive of events, as the node would have
    Replay(commands::replay::Args),
}

impl Command {
    fn run(self) -> anyhow::Result<()> {
        match self {
            Command::New(args) => commands::new::run(args),
            Command::Build(args) => commands::build::run(args),
            Command::Check(args) => commands::check::run(args),
            Command::Serve(args) => commands::serve::run(args),
            Command::Replay(args) => commands::replay::run(args),
        }
    }
}

/// Exit code of a bad configuration, as sysexits.h has it for bad use of a command.
const BAD_CONFIGURATION: u8 = 64;

fn main() -> ExitCode {
    let CommandLine { command } = CommandLine::parse();
    commands::log::start();
    match command.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            commands::log::say(&format!("error: {error:#}"));
            match error.downcast_ref::<ConfigError>() {
                Some(_) => ExitCode::from(BAD_CONFIGURATION),
                None => ExitCode::FAILURE,
            }
        }
    }
}
