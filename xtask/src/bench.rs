//! The bench: builds what is measured, in release, then hands over to the program that measures it. Takes its words,
//! gives success when what came out is sane; must not know what is measured (`tests/bench`).

use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use clap::Args as Arguments;

use crate::plugins::build_plugins;
use crate::root;
use crate::run::cargo;

/// What measures it: together, so that what they have in common is built once.
const MEASURING: &str = "--locked --release -p foreshore-bench -p card-bench";

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
    let mut bench = Command::new(root().join("target/release/foreshore-bench"));
    let status = bench.arg("run").args(&args.words).status();
    let status = status.context("run target/release/foreshore-bench")?;
    ensure!(status.success(), "the bench failed ({status})");
    Ok(())
}
