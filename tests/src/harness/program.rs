//! The `foreshore` program: built once per run, debug for debug tests and else as users have it, and run to its
//! end. Takes arguments; gives exit code and what was said.

use std::env;
use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use super::place::{root, target};

/// What a run of the program came to.
#[derive(Debug)]
pub struct Run {
    /// The exit code.
    pub code: Option<i32>,
    /// What it wrote to standard output.
    pub stdout: String,
    /// What it wrote to standard error.
    pub stderr: String,
}

static BINARY: LazyLock<PathBuf> = LazyLock::new(|| {
    let (target, profile) = target();
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(root()).env("CARGO_TARGET_DIR", &target);
    // As from a shell: what cargo told the tests' program would have some build scripts run again, and the node
    // built again.
    for (name, _) in env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            cargo.env_remove(&*name);
        }
    }
    cargo.args(["build", "--quiet", "--bin", "foreshore"]);
    let folder = match cfg!(debug_assertions) {
        // What the unit tests were built of, with what an example needs: what is under the binary is built once.
        true => {
            cargo.args(["--workspace", "--exclude", "foreshore-tests"]);
            cargo.args(["--example", "seeds"]);
            profile
        }
        false => {
            cargo.args(["--package", "foreshore", "--release"]);
            target.join("release")
        }
    };
    assert!(
        cargo.status().unwrap().success(),
        "build the foreshore binary"
    );
    folder.join("foreshore")
});

/// The program, not started yet.
pub fn command() -> Command {
    let mut command = Command::new(&*BINARY);
    // Crates are built where a user's would be, wherever these tests are.
    command
        .env_remove("FORESHORE_LOG")
        .env_remove("CARGO_TARGET_DIR");
    command.stdin(Stdio::null());
    command
}

/// Runs the program with these arguments, to its end.
pub fn foreshore<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Run {
    Run::of(command().args(arguments))
}

impl Run {
    /// Runs a command to its end.
    pub fn of(command: &mut Command) -> Run {
        let output = command.output().unwrap();
        Run {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The same, if it failed as said, with these words.
    #[track_caller]
    pub fn fails(self, code: i32, words: &[&str]) -> Run {
        assert_eq!(self.code, Some(code), "{}", self.stderr);
        for word in words {
            assert!(
                self.stderr.contains(word),
                "`{word}` is not in\n{}",
                self.stderr
            );
        }
        self
    }

    /// The same, if it went well.
    #[track_caller]
    pub fn good(self) -> Run {
        assert_eq!(self.code, Some(0), "{}", self.stderr);
        self
    }
}
