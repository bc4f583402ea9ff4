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

/// The command to run.
#[derive(clap::Subcommand)]
pub enum Command {
    /// Start a plugin: a crate that builds, with a passing test and a trace
    New(new::Args),
    /// Compile a plugin's crate to a checked component
    Build(build::Args),
    /// Check a component: description, limits, a trace, purity
    Check(check::Args),
    /// Run the node of a configuration file
    Serve(serve::Args),
    /// Fold and score an archive of events, as the node would have
    Replay(replay::Args),
}

impl Command {
    /// Runs the command to its end.
    pub fn run(self) -> anyhow::Result<()> {
        match self {
            Command::New(args) => new::run(args),
            Command::Build(args) => build::run(args),
            Command::Check(args) => check::run(args),
            Command::Serve(args) => serve::run(args),
            Command::Replay(args) => replay::run(args),
        }
    }
}
