//! `foreshore build`: a plugin's crate to a checked component. Knows the command line and which crates are
//! meant; how one is compiled is `guest-build`'s business, what it must be is `check`'s.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use foreshore_guest_build::{Build, build_plugin, plugin_crates};
use foreshore_plugin::Limits;

use crate::check::Component;
use crate::check::description::Description;
use crate::commands::log;

/// Compile a plugin's crate to a checked component.
#[derive(clap::Args)]
pub struct Args {
    /// The plugin's crate; the plugin crates of its workspace that lie in folders below it are built too
    #[arg(default_value = ".", value_name = "DIR")]
    folder: PathBuf,
    /// Where the component goes [default: plugins/NAME.wasm in the target folder]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Where cargo puts what it builds [default: the target folder of the crate's workspace]
    #[arg(long, value_name = "DIR")]
    target_dir: Option<PathBuf>,
    /// Show the compiler's output as it comes
    #[arg(long)]
    verbose: bool,
}

/// Builds, checks and describes every plugin that is meant; prints where each component is.
pub fn run(args: Args) -> anyhow::Result<()> {
    let folders = folders(&args.folder)?;
    if args.out.is_some() && folders.len() > 1 {
        bail!(
            "--out names one file, but {} holds {} plugins; build them one by one, or leave --out out",
            args.folder.display(),
            folders.len()
        );
    }
    folders.iter().try_for_each(|folder| build(folder, &args))
}

/// The folders of the plugins at and below a folder.
fn folders(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let plugins = plugin_crates(folder)?;
    let root = folder
        .canonicalize()
        .with_context(|| format!("read {}", folder.display()))?;
    let below = plugins.into_iter().map(|plugin| plugin.folder);
    let below: Vec<PathBuf> = below.filter(|folder| folder.starts_with(&root)).collect();
    // Without any, building the folder itself tells why.
    Ok(if below.is_empty() { vec![root] } else { below })
}

fn build(folder: &Path, args: &Args) -> anyhow::Result<()> {
    let built = build_plugin(&Build {
        out: args.out.as_deref(),
        target: args.target_dir.as_deref(),
        verbose: args.verbose,
        notice: &log::say,
        ..Build::of(folder)
    })?;
    let component = Component::load(&built.component, &Limits::default())
        .with_context(|| format!("check {}", built.path.display()))?;
    let seconds = built.took.as_secs_f64();
    let described = Description(&component).to_string();
    log::say(&format!(
        "{} in {seconds:.1} s\n{}",
        built.name,
        described.trim_end()
    ));
    Ok(log::give(&built.path.display().to_string())?)
}
