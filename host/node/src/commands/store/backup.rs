//! `foreshore store backup`: a copy of what a node keeps, made while it runs. Says how far the copy reaches.

use std::path::PathBuf;

use foreshore_store::inspect::{self, Saved};

use super::progress::{Progress, bytes};
use super::{Place, disk};
use crate::commands::log;

/// Copy a store, while its node runs, into a new folder.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: Place,
    /// Only this pipeline
    #[arg(long, value_name = "NAME")]
    pipeline: Option<String>,
    /// The folder of the backup, which must be new or empty
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
}

/// Copies, reads through what was copied, and says what it is.
pub fn run(args: Args) -> anyhow::Result<()> {
    let pipelines = args.place.pipelines(args.pipeline.as_deref())?;
    let mut progress = Progress::start();
    let mut copied = 0;
    let contents = inspect::backup(&disk(), &pipelines, &args.to, &mut |more| {
        copied += more;
        progress.tell(|| format!("copied {}", bytes(copied)));
    })?;
    let took = progress.end();
    for saved in &contents.pipelines {
        log::say(&format!("{}: {}", saved.name, reaches(saved)));
    }
    log::say(&format!(
        "{} copied to {} and read through in {:.2} s",
        bytes(copied),
        args.to.display(),
        took.as_secs_f64()
    ));
    Ok(())
}

/// What a pipeline's copy holds.
pub(super) fn reaches(saved: &Saved) -> String {
    match &saved.reaches {
        None => "no record yet".to_owned(),
        Some(time) => format!("records {} to {}, up to {time}", saved.first, saved.last),
    }
}
