//! Adds what is missing: a target to the user's toolchain, or packages of the distribution.
//! Takes the decision that it is wanted, says what it does before it does it, gives why it did not work.
//! Must not remove or replace anything that is installed.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::command::{Ended, clean, run, run_bounded};
use crate::compile::TARGET;
use crate::error::Error;

/// A download of 30 MB over a poor line, twice over; without a network rustup gives up by itself in seconds.
const RUSTUP_BOUND: Duration = Duration::from_secs(180);

/// A distribution's toolchain is some 200 MB.
const APT_BOUND: Duration = Duration::from_secs(900);

/// Asks rustup for the target, for the toolchain that is chosen in `folder`. The error says why not.
pub(crate) fn add_target(folder: &Path, notice: &dyn Fn(&str)) -> Result<(), String> {
    notice(&format!(
        "running `rustup target add {TARGET}`: plugins are compiled to it"
    ));
    let mut rustup = clean("rustup", folder);
    rustup.args(["target", "add", TARGET]);
    finish(
        "rustup",
        run_bounded(&mut rustup, RUSTUP_BOUND),
        RUSTUP_BOUND,
    )
}

/// Installs a linker for WebAssembly. The error says why not.
pub(crate) fn linker(llvm: u32, notice: &dyn Fn(&str)) -> Result<(), String> {
    apt_install(&[&format!("lld-{llvm}")], notice)
}

/// Installs the distribution's toolchain with library sources. The error says why not.
pub(crate) fn toolchain(notice: &dyn Fn(&str)) -> Result<(), String> {
    notice("running `apt-get update`, to install a Rust toolchain that compiles plugins");
    // A stale list is worth a try: what is wrong with it shows at the installation.
    let _ = run_bounded(apt_get()?.arg("update"), APT_BOUND);
    // Debian's stable releases carry a current Rust for browsers under these names.
    let current = run(Command::new("apt-cache").args(["show", "rustc-web"]))
        .is_ok_and(|shown| shown.status.success());
    let packages = if current {
        ["rustc-web", "cargo-web", "rust-web-src"]
    } else {
        ["rustc", "cargo", "rust-src"]
    };
    apt_install(&packages, notice)
}

fn apt_install(packages: &[&str], notice: &dyn Fn(&str)) -> Result<(), String> {
    let list = packages.join(" ");
    notice(&format!(
        "installing the packages {list} with apt-get: plugins are compiled with them"
    ));
    let mut install = apt_get()?;
    install
        .args(["install", "--yes", "--no-remove", "--no-install-recommends"])
        .args(packages);
    finish(
        &format!("apt-get install {list}"),
        run_bounded(&mut install, APT_BOUND),
        APT_BOUND,
    )
}

/// apt-get with the right to install, if that can be had without asking anyone.
fn apt_get() -> Result<Command, String> {
    let quiet = [
        "DEBIAN_FRONTEND=noninteractive",
        "apt-get",
        "--quiet=2",
        "--option=DPkg::Lock::Timeout=60",
    ];
    let user = run(Command::new("id").arg("-u")).map_err(|error| error.to_string())?;
    let mut command = if user.stdout.trim_ascii() == b"0" {
        Command::new("env")
    } else {
        let mut sudo = Command::new("sudo");
        sudo.args(["--non-interactive", "env"]);
        sudo
    };
    command.args(quiet);
    Ok(command)
}

fn finish(what: &str, ended: Result<Ended, Error>, bound: Duration) -> Result<(), String> {
    match ended {
        Ok(Ended::Itself(status, _)) if status.success() => Ok(()),
        Ok(Ended::Itself(_, words)) => Err(format!("{what}: {}", last_words(&words))),
        Ok(Ended::Stopped) => Err(format!("{what}: not done after {} s", bound.as_secs())),
        Err(error) => Err(error.to_string()),
    }
}

/// The line that tells most: installers first say what they do, and end with why they stopped.
fn last_words(words: &str) -> &str {
    words
        .lines()
        .rev()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .unwrap_or("it failed without a word")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_words_of_an_installer_are_kept() {
        assert_eq!(
            last_words("info: downloading\nerror: no network\n\n"),
            "error: no network"
        );
        assert_eq!(last_words(""), "it failed without a word");
    }

    #[test]
    fn what_was_stopped_says_after_how_long() {
        let stopped = finish("rustup", Ok(Ended::Stopped), Duration::from_secs(180));
        assert_eq!(stopped, Err("rustup: not done after 180 s".into()));
    }
}
