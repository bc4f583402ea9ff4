//! Runs steps one after the other, each with its time, and sums up at the end.
//! Takes steps, gives success or the first failure with the command to run again; must not know what a step does.

use std::env;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::root;
use crate::steps::{Outcome, Step};

/// Runs one step.
pub(crate) fn one(step: Step) -> Result<()> {
    timed(step).map(|_| ())
}

/// Runs all steps in order; stops at the first that fails.
pub(crate) fn all(steps: &[Step]) -> Result<()> {
    let started = Instant::now();
    let mut summary = String::new();
    for &step in steps {
        let (outcome, took) = timed(step).with_context(|| {
            format!(
                "step `{}` failed; run it again with `cargo xtask {}`",
                step.name(),
                step.name()
            )
        })?;
        let seconds = took.as_secs_f64();
        let line = match outcome {
            Outcome::Passed => format!("{:<12} {seconds:>7.1} s\n", step.name()),
            Outcome::Skipped(why) => format!("{:<12} skipped: {why}\n", step.name()),
        };
        summary.push_str(&line);
    }
    let seconds = started.elapsed().as_secs_f64();
    eprintln!(
        "\n{summary}{:<12} {seconds:>7.1} s\nall steps passed",
        "together"
    );
    Ok(())
}

fn timed(step: Step) -> Result<(Outcome, Duration)> {
    let started = Instant::now();
    eprintln!("\n==> {}", step.name());
    let outcome = step.run()?;
    let took = started.elapsed();
    eprintln!("<== {} in {:.1} s", step.name(), took.as_secs_f64());
    Ok((outcome, took))
}

/// Runs cargo in the repository's root with the arguments of a line, its output streaming through.
pub(crate) fn cargo(line: &str, environment: &[(&str, &str)]) -> Result<()> {
    eprintln!("cargo {line}");
    let status = plain_cargo()
        .args(line.split(' '))
        .envs(environment.iter().copied())
        .status()
        .with_context(|| format!("run `cargo {line}`"))?;
    if !status.success() {
        bail!("`cargo {line}` failed ({status})");
    }
    Ok(())
}

/// Cargo in the repository's root, as from a shell. Cargo has told this program which package it is of; build
/// scripts that look at that would run again, and what depends on them would be built again, at every change
/// between a shell and a program.
pub(crate) fn plain_cargo() -> Command {
    let mut cargo = Command::new("cargo");
    for (name, _) in env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            cargo.env_remove(&*name);
        }
    }
    cargo.current_dir(root());
    cargo
}
