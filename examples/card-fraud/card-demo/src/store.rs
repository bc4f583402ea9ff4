//! What the node keeps: begun anew, so that the demo is the same every time, and read through when the node has
//! stopped. Takes the program; must not know how anything is stored.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, ensure};
use serde::Deserialize;
use toml::{Table, Value};

use crate::program::Program;

/// What `foreshore store check` read of the store.
#[derive(Clone, Debug, Deserialize)]
pub struct Checked {
    pub records: usize,
    /// Of the log.
    pub bytes: usize,
    pub timelines: usize,
}

/// Removes what is left of the last time.
///
/// # Errors
/// When the configuration names no store, or one that is not the demo's own.
pub fn begin(program: &Program) -> anyhow::Result<()> {
    let file = &program.config;
    let text = fs::read_to_string(file).with_context(|| format!("read {}", file.display()))?;
    let config: Table = text
        .parse()
        .with_context(|| format!("read {}", file.display()))?;
    let folder = config.get("store").and_then(|store| store.get("folder"));
    let folder = folder.and_then(Value::as_str).with_context(|| {
        format!(
            "{} has no store.folder: nothing would outlive the kills",
            file.display()
        )
    })?;
    let folder = file.parent().unwrap_or(Path::new("")).join(folder);
    fs::create_dir_all(&folder).with_context(|| format!("create {}", folder.display()))?;
    let (folder, out) = (folder.canonicalize()?, program.out.canonicalize()?);
    ensure!(
        folder.starts_with(&out),
        "the store is in {}, expected it within {}: the demo begins it anew, and removes nothing elsewhere",
        folder.display(),
        out.display()
    );
    fs::remove_dir_all(&folder).with_context(|| format!("remove {}", folder.display()))
}

/// Has everything read that the node has left.
///
/// # Errors
/// When anything is damaged.
pub fn check(program: &Program) -> anyhow::Result<Checked> {
    let said = program
        .run(["store", "check", "--json"], "check.log")?
        .stdout;
    let mut pipelines: Vec<Checked> =
        serde_json::from_str(&said).with_context(|| format!("read what was checked: `{said}`"))?;
    pipelines.pop().context("the store has no pipeline")
}
