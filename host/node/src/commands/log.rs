//! What the program says while it works: a log on standard error, and single lines for people. `FORESHORE_LOG`
//! chooses how much (`info` by default, `debug`, `warn`, or per module as `tracing` has it).

use std::io::{IsTerminal, Write, stderr, stdout};

use tracing_subscriber::EnvFilter;

/// Starts the log.
pub fn start() {
    let filter =
        EnvFilter::try_from_env("FORESHORE_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(stderr)
        .with_ansi(stderr().is_terminal())
        .with_target(false)
        .init();
}

/// Says a line to whoever is watching. One that nobody can read is not worth failing for.
pub fn say(line: &str) {
    drop(writeln!(stderr(), "{line}"));
}

/// Writes a line of data.
///
/// # Errors
/// When nobody takes it.
pub fn give(line: &str) -> std::io::Result<()> {
    let mut stdout = stdout();
    writeln!(stdout, "{line}")?;
    stdout.flush()
}
