//! `foreshore store`: what a node keeps, looked at, shown, copied and put back, mostly while it runs. Knows the
//! command line and which folder is meant; the work is the store's.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use foreshore_event::nearest;
use foreshore_store::disk::{Disk, RealDisk};
use foreshore_store::inspect::{PipelineFolder, pipelines};

use crate::config;

/// `check`: everything, read through for damage.
mod check;

/// `dump`: records as lines of JSON.
mod dump;

/// `backup`: a copy.
mod backup;

/// `restore`: the copy put back.
mod restore;

/// How far it has come.
mod progress;

/// Look at what a node keeps, copy it, put it back.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Read everything, and report damage by its place
    Check(check::Args),
    /// Show records of the log, one JSON object a line
    Dump(dump::Args),
    /// Copy a store, while its node runs, into a new folder
    Backup(backup::Args),
    /// Put a backup where a node starts from it
    Restore(restore::Args),
}

/// Runs one of them.
pub fn run(args: Args) -> anyhow::Result<()> {
    match args.command {
        Command::Check(args) => check::run(args),
        Command::Dump(args) => dump::run(args),
        Command::Backup(args) => backup::run(args),
        Command::Restore(args) => restore::run(args),
    }
}

/// Which store.
#[derive(clap::Args)]
#[group(required = true, multiple = false)]
struct Place {
    /// The configuration file of its node
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Its folder, or that of one pipeline in it
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
}

impl Place {
    /// The store's folder.
    fn folder(&self) -> anyhow::Result<PathBuf> {
        match (&self.folder, &self.config) {
            (Some(folder), _) => Ok(folder.clone()),
            (None, Some(file)) => configured(file),
            (None, None) => bail!("give --config or --folder"),
        }
    }

    /// The pipelines in it, or the one of this name.
    fn pipelines(&self, only: Option<&str>) -> anyhow::Result<Vec<PipelineFolder>> {
        let folder = self.folder()?;
        let mut found = pipelines(&RealDisk, &folder)?;
        let names: Vec<String> = found.iter().map(|found| found.name.clone()).collect();
        if let Some(name) = only {
            found.retain(|found| found.name == name);
        }
        match (found.is_empty(), only) {
            (false, _) => Ok(found),
            (true, Some(name)) if !names.is_empty() => {
                let near = nearest(name, names.iter().map(String::as_str));
                let hint = near.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
                let place = folder.display();
                bail!(
                    "{place} has no pipeline `{name}`; it has {}{hint}",
                    names.join(", ")
                )
            }
            (true, _) => bail!(
                "{} holds no store: no pipeline has a log there",
                folder.display()
            ),
        }
    }
}

/// The disk all this is on.
fn disk() -> Arc<dyn Disk> {
    Arc::new(RealDisk)
}

/// The folder a configuration file names for its store.
fn configured(file: &Path) -> anyhow::Result<PathBuf> {
    let config = config::read(file)?;
    let folder = config.store.folder.with_context(|| {
        format!(
            "{} has no store.folder: its node keeps nothing",
            file.display()
        )
    })?;
    Ok(file.parent().unwrap_or(Path::new("")).join(folder))
}
