//! The `foreshore` program: built once per run in the tests' own profile, and run to its end. Takes
//! arguments; gives exit code and what was said.

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
    cargo.args(["build", "--quiet", "-p", "foreshore"]);
    if profile.ends_with("release") {
        cargo.arg("--release");
    }
    assert!(cargo.status().unwrap().success(), "build the foreshore binary");
    profile.join("foreshore")
});

/// The program, not started yet.
pub fn command() -> Command {
    let mut command = Command::new(&*BINARY);
    command.stdin(Stdio::null()).env_remove("FORESHORE_LOG");
    command
}

/// Runs the program with these arguments, to its end.
pub fn foreshore<S: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = S>) -> Run {
    let output = command().args(arguments).output().unwrap();
    Run {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

impl Run {
    /// The same, if it went well.
    #[track_caller]
    pub fn good(self) -> Run {
        assert_eq!(self.code, Some(0), "{}", self.stderr);
        self
    }
}
