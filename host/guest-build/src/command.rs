//! Running cargo, rustc and installers from within another cargo: in a clean environment, and with an end.
//! Takes command lines, gives their output; must not know what they are for.

use std::ffi::OsStr;
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use std::{env, io};

use crate::error::Error;

/// How often a bounded command is asked whether it has ended: unnoticeable beside what it does.
const POLL: Duration = Duration::from_millis(50);

/// `program`, to be run in `folder` without what an outer cargo or the caller's shell set for other builds.
pub(crate) fn clean(program: impl AsRef<OsStr>, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).stdin(Stdio::null());
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(belongs_to_another_build) {
            command.env_remove(name);
        }
    }
    command
}

/// The cargo that a shell in `folder` would run.
pub(crate) fn cargo_here(folder: &Path) -> Command {
    clean("cargo", folder)
}

/// Whether an environment variable would change what is built, or how. What says where cargo keeps and gets
/// things stays, and so does the choice of a rustup toolchain.
fn belongs_to_another_build(name: &str) -> bool {
    const FLAGS: [&str; 7] = [
        "RUSTC",
        "RUSTDOC",
        "RUSTFLAGS",
        "RUSTDOCFLAGS",
        "RUSTC_WRAPPER",
        "RUSTC_WORKSPACE_WRAPPER",
        "RUSTC_BOOTSTRAP",
    ];
    const KEPT: [&str; 9] = [
        "CARGO_HOME",
        "CARGO_TARGET_DIR",
        "CARGO_BUILD_JOBS",
        "CARGO_CACHE_",
        "CARGO_HTTP_",
        "CARGO_NET_",
        "CARGO_REGISTR",
        "CARGO_SOURCE_",
        "CARGO_TERM_",
    ];
    let of_cargo = name == "CARGO" || name.starts_with("CARGO_");
    FLAGS.contains(&name) || (of_cargo && !KEPT.iter().any(|kept| name.starts_with(kept)))
}

/// Runs a command to its end, both outputs collected unless it was given others.
pub(crate) fn run(command: &mut Command) -> Result<Output, Error> {
    command.output().map_err(|source| not_run(command, source))
}

/// How a bounded command ended.
pub(crate) enum Ended {
    /// By itself, with this status and these last words.
    Itself(ExitStatus, String),
    /// Stopped at its bound.
    Stopped,
}

/// Runs a command for at most `bound`, then stops it. What it writes to stderr is collected.
pub(crate) fn run_bounded(command: &mut Command, bound: Duration) -> Result<Ended, Error> {
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|source| not_run(command, source))?;
    // Read aside, so that a talkative command is not held up by a full pipe.
    let stderr = child.stderr.take();
    let words = thread::spawn(move || {
        let mut words = Vec::new();
        if let Some(mut stderr) = stderr {
            let _: io::Result<usize> = stderr.read_to_end(&mut words);
        }
        String::from_utf8_lossy(&words).trim().to_owned()
    });
    match wait(&mut child, bound).map_err(|source| not_run(command, source))? {
        Some(status) => Ok(Ended::Itself(status, words.join().unwrap_or_default())),
        None => Ok(Ended::Stopped),
    }
}

fn wait(child: &mut Child, bound: Duration) -> io::Result<Option<ExitStatus>> {
    let started = Instant::now();
    while started.elapsed() < bound {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        thread::sleep(POLL);
    }
    child.kill()?;
    child.wait()?;
    Ok(None)
}

fn not_run(command: &Command, source: io::Error) -> Error {
    Error::Run {
        program: command.get_program().to_string_lossy().into_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_outer_cargo_sets_is_cleaned_and_where_cargo_keeps_things_is_not() {
        let cleaned = [
            "CARGO",
            "CARGO_ENCODED_RUSTFLAGS",
            "CARGO_MANIFEST_DIR",
            "CARGO_PKG_NAME",
            "CARGO_PROFILE_RELEASE_LTO",
            "CARGO_BUILD_TARGET",
            "CARGO_MAKEFLAGS",
            "RUSTFLAGS",
            "RUSTC_WRAPPER",
        ];
        let kept = [
            "CARGO_HOME",
            "CARGO_TARGET_DIR",
            "CARGO_REGISTRIES_OURS_TOKEN",
            "CARGO_NET_OFFLINE",
            "RUSTUP_TOOLCHAIN",
            "PATH",
        ];
        for name in cleaned {
            assert!(belongs_to_another_build(name), "{name} stays");
        }
        for name in kept {
            assert!(!belongs_to_another_build(name), "{name} goes");
        }
    }

    #[test]
    fn a_command_that_ends_gives_its_status_and_last_words() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo why >&2; exit 3"]);
        let Ok(Ended::Itself(status, words)) = run_bounded(&mut command, Duration::from_secs(60))
        else {
            panic!("it did not end by itself");
        };
        assert_eq!((status.code(), words.as_str()), (Some(3), "why"));
    }

    #[test]
    fn a_command_that_does_not_end_is_stopped() {
        let mut command = Command::new("sh");
        command.args(["-c", "exec sleep 600"]);
        let ended = run_bounded(&mut command, Duration::from_millis(1));
        assert!(matches!(ended, Ok(Ended::Stopped)));
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let error = run(&mut Command::new("no-such-program-here")).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("run `no-such-program-here`: "),
            "{error}"
        );
    }
}
