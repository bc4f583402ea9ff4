//! The command line: parses it, runs one command, turns its error into a message and an exit code. Knows no
//! command's work.

use std::process::ExitCode;

use clap::Parser;

use crate::commands;
use crate::compiler;
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
    /// Make a token for someone
    Token(commands::token::Args),
    /// Tell what scores cost, from a node's metrics
    Cost(commands::cost::Args),
    /// Look at what a node keeps, copy it, put it back
    Store(commands::store::Args),
    /// Compile one component from standard input, within limits: what the others start for themselves
    #[command(name = compiler::COMMAND, hide = true)]
    CompilePlugin(commands::compile_plugin::Args),
}

impl Command {
    fn run(self) -> anyhow::Result<()> {
        match self {
            Command::New(args) => commands::new::run(args),
            Command::Build(args) => commands::build::run(args),
            Command::Check(args) => commands::check::run(args),
            Command::Serve(args) => commands::serve::run(args),
            Command::Replay(args) => commands::replay::run(args),
            Command::Token(args) => commands::token::run(args),
            Command::Cost(args) => commands::cost::run(args),
            Command::Store(args) => commands::store::run(args),
            Command::CompilePlugin(args) => commands::compile_plugin::run(args),
        }
    }
}

/// Exit code of a bad configuration, as sysexits.h has it for bad use of a command.
const BAD_CONFIGURATION: u8 = 64;

/// Runs the command that the process was started with.
pub fn run() -> ExitCode {
    let CommandLine { command } = CommandLine::parse();
    commands::log::start();
    match command.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            commands::log::say(&format!("error: {}", told(&error)));
            match error.downcast_ref::<ConfigError>() {
                Some(_) => ExitCode::from(BAD_CONFIGURATION),
                None => ExitCode::FAILURE,
            }
        }
    }
}

/// An error and its causes, outermost first; a cause that was quoted already is not told twice.
fn told(error: &anyhow::Error) -> String {
    let mut told = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !told.contains(&cause) {
            told = format!("{told}: {cause}");
        }
    }
    told
}
