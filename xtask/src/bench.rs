//! The bench: builds what is measured, then hands over to the program that measures it. Takes its words, gives
//! success when what came out is sane; must not know what is measured (`tests/bench`).

use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use clap::Args as Arguments;

use crate::plugins::build_plugins;
use crate::run::cargo;

/// What measures it: together, so that what they have in common is built once.
const MEASURING: &str = "--locked --release -p foreshore-bench -p card-bench";

/// The programs as `cargo xtask unit` has built what is under them: of the same packages, with what an example needs.
const PROGRAMS: &str =
    "build --locked --workspace --exclude foreshore-tests --bins --example seeds";

/// What a test measures: not the parts that a slow build cannot keep up with.
const SHORT: [&str; 8] = [
    "--quick",
    "--rounds=1",
    "--only=http",
    "--only=ingest",
    "--only=steps",
    "--only=replay",
    "--only=starts",
    "--only=cost",
];

/// What is wished for.
#[derive(Arguments)]
pub(crate) struct Args {
    /// `--quick`: under two minutes; `--only PART`: one part; `--rounds N`: of which the median is told
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    words: Vec<String>,
}

/// Builds everything and measures.
pub(crate) fn bench(args: &Args) -> Result<()> {
    build_plugins()?;
    // As everybody builds it, with the features it has alone.
    cargo("build --locked --release -p foreshore", &[])?;
    cargo(&format!("build {MEASURING}"), &[])?;
    run("release", &args.words)
}

/// That it runs, and that what it measures can be true: in a few loads, of the programs that are tested.
pub(crate) fn short() -> Result<()> {
    build_plugins()?;
    cargo(PROGRAMS, &[])?;
    run("debug", &SHORT.map(str::to_owned))
}

/// Runs the bench of a profile.
fn run(profile: &str, words: &[String]) -> Result<()> {
    // Wherever cargo puts what it builds, this program is there, too.
    let own = std::env::current_exe().context("find this program")?;
    let target = own.parent().and_then(|debug| debug.parent());
    let target = target.context("this program is in no target folder")?;
    let program = target.join(profile).join("foreshore-bench");
    let status = Command::new(&program).arg("run").args(words).status();
    let status = status.with_context(|| format!("run {}", program.display()))?;
    ensure!(status.success(), "the bench failed ({status})");
    Ok(())
}
