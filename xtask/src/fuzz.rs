//! Any bytes against every parser, with libFuzzer and without end: for minutes here, in `cargo xtask test` over
//! the inputs that were kept. Takes names of targets and a time, gives success if nothing broke; must not know
//! what a target promises.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::root;
use crate::run::cargo;

/// Longest input: everything a parser does is within reach, and a run is short.
const INPUT_BYTES_MAX: usize = 4096;

/// Most memory of a run, in MiB: a target that takes more is broken.
const MEMORY_MIB_MAX: usize = 2048;

/// Seconds after which an input hangs.
const HANG_SECONDS: usize = 20;

/// What to attack, and for how long.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The target; all of them, one after the other, if left out
    target: Option<String>,
    /// How long each runs
    #[arg(long, default_value_t = 15)]
    minutes: u64,
}

/// Runs the targets asked for.
pub(crate) fn fuzz(args: &Args) -> Result<()> {
    let version = Command::new("cargo").args(["fuzz", "--version"]).output();
    if !version.is_ok_and(|version| version.status.success()) {
        bail!("cargo-fuzz is not there; get it with `cargo install cargo-fuzz --locked`");
    }
    let targets = targets()?;
    let wanted = match &args.target {
        None => targets,
        Some(name) if targets.contains(name) => vec![name.clone()],
        Some(name) => bail!("`{name}` is no target; one of {}", targets.join(", ")),
    };
    for (nth, name) in (1..).zip(&wanted) {
        eprintln!(
            "==> {name}, {nth} of {}, {} minutes",
            wanted.len(),
            args.minutes
        );
        run(name, args.minutes * 60)?;
    }
    Ok(())
}

/// The names of the targets, by their files.
fn targets() -> Result<Vec<String>> {
    let folder = root().join("fuzz/fuzz_targets");
    let files = fs::read_dir(&folder).with_context(|| format!("read {}", folder.display()))?;
    let mut names = Vec::new();
    for file in files {
        let path = file?.path();
        names.extend(
            path.file_stem()
                .map(|stem| stem.to_string_lossy().into_owned()),
        );
    }
    names.sort();
    Ok(names)
}

/// Starts from what is kept, and keeps what is new aside: it is looked at before it is committed.
fn run(name: &str, seconds: u64) -> Result<()> {
    let found = format!("target/fuzz/{name}");
    fs::create_dir_all(root().join(&found)).with_context(|| format!("create {found}"))?;
    let kept = ["corpus", "regressions"].map(|kept| format!("fuzz/{kept}/{name}"));
    let kept = kept
        .into_iter()
        .filter(|folder| root().join(folder).is_dir());
    let kept: Vec<String> = kept.collect();
    let line = format!(
        "fuzz run --sanitizer none {name} {found} {} -- -max_total_time={seconds} -max_len={INPUT_BYTES_MAX} \
         -rss_limit_mb={MEMORY_MIB_MAX} -timeout={HANG_SECONDS} -print_final_stats=1",
        kept.join(" ")
    );
    // The compiler's own instrumentation is not stable; nothing of the product is built this way.
    cargo(&line, &[("RUSTC_BOOTSTRAP", "1")])
        .with_context(|| format!("the input that broke {name} is in fuzz/artifacts/{name}"))
}
