//! The named steps of the test run, each a command of its own.
//! Takes a step, gives whether it passed; must not know the order they are reported in.

use std::process::Command;

use anyhow::Result;
use clap::Subcommand;

use crate::bench;
use crate::plugins::build_plugins;
use crate::run::cargo;

/// A step of `cargo xtask test`.
#[derive(Clone, Copy, Subcommand)]
pub(crate) enum Step {
    /// Every file is formatted
    Fmt,
    /// Layers, sizes, headers, words and links (tests/src/tidy)
    Tidy,
    /// No lint fires anywhere
    Clippy,
    /// The documentation builds without a warning
    Doc,
    /// Dependencies: licences, sources, duplicates (needs cargo-deny)
    Deny,
    /// The plugins of the examples and of the tests, to target/plugins
    Plugins,
    /// Unit, property and documentation tests of every crate
    Unit,
    /// The real binary, real plugins, real HTTP
    Integration,
    /// The bench, in a few loads: that it runs, and that what it measures can be true
    ShortBench,
}

/// How a step ended, if it did not fail.
pub(crate) enum Outcome {
    /// It ran and passed.
    Passed,
    /// It could not run here, and why.
    Skipped(&'static str),
}

impl Step {
    /// All steps, the quickest to complain first.
    pub(crate) const ALL: &[Self] = &[
        Self::Fmt,
        Self::Tidy,
        Self::Clippy,
        Self::Doc,
        Self::Deny,
        Self::Plugins,
        Self::Unit,
        Self::Integration,
        Self::ShortBench,
    ];

    /// The name on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Fmt => "fmt",
            Self::Tidy => "tidy",
            Self::Clippy => "clippy",
            Self::Doc => "doc",
            Self::Deny => "deny",
            Self::Plugins => "plugins",
            Self::Unit => "unit",
            Self::Integration => "integration",
            Self::ShortBench => "short-bench",
        }
    }

    /// Runs the step.
    pub(crate) fn run(self) -> Result<Outcome> {
        match self {
            Self::Fmt => cargo("fmt --all -- --check", &[])?,
            Self::Tidy => cargo("test --locked -p foreshore-tests --lib tidy", &[])?,
            Self::Clippy => {
                cargo(
                    "clippy --locked --workspace --all-targets -- -D warnings",
                    &[],
                )?;
            }
            Self::Doc => {
                let strict = [("RUSTDOCFLAGS", "-D warnings")];
                cargo("doc --locked --workspace --no-deps", &strict)?;
            }
            Self::Deny => return deny(),
            Self::Plugins => build_plugins().map(|_| ())?,
            Self::Unit => cargo("test --locked --workspace --exclude foreshore-tests", &[])?,
            Self::Integration => cargo("test --locked -p foreshore-tests -- --skip tidy::", &[])?,
            Self::ShortBench => bench::short()?,
        }
        Ok(Outcome::Passed)
    }
}

/// Checks all but advisories, which change without us: CI watches those.
fn deny() -> Result<Outcome> {
    let version = Command::new("cargo").args(["deny", "--version"]).output();
    if !version.is_ok_and(|version| version.status.success()) {
        return Ok(Outcome::Skipped(
            "get it with `cargo install cargo-deny --locked`",
        ));
    }
    cargo(
        "deny --all-features check --hide-inclusion-graph bans licenses sources",
        &[],
    )?;
    Ok(Outcome::Passed)
}
