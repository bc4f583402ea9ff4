//! `foreshore store restore`: a backup put where a node starts from it. Writes over nothing, and says what the
//! next start will do.

use std::path::PathBuf;

use foreshore_store::inspect;

use super::backup::reaches;
use super::progress::{Progress, bytes};
use super::{Place, disk};
use crate::commands::log;

/// Put a backup where a node starts from it.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: Place,
    /// The backup
    #[arg(long, value_name = "DIR")]
    from: PathBuf,
    /// Only this pipeline
    #[arg(long, value_name = "NAME")]
    pipeline: Option<String>,
}

/// Reads the backup through, copies it, and says what comes next.
pub fn run(args: Args) -> anyhow::Result<()> {
    let store = args.place.folder()?;
    let mut progress = Progress::start();
    let mut copied = 0;
    let only = args.pipeline.as_deref();
    let restored = inspect::restore(&disk(), &args.from, &store, only, &mut |more| {
        copied += more;
        progress.tell(|| format!("copied {}", bytes(copied)));
    })?;
    let took = progress.end();
    for pipeline in &restored {
        let (saved, folder) = (&pipeline.saved, pipeline.folder.display());
        let from = match saved.checkpoint {
            Some(lsn) => format!("from the checkpoint of record {lsn} and the records after it"),
            None => "from the log".to_owned(),
        };
        log::say(&format!(
            "{}: {} in {folder}; the next start builds all timelines anew {from}, then goes on with record {}",
            saved.name,
            reaches(saved),
            saved.last + 1
        ));
    }
    log::say(&format!(
        "{} copied and read through in {:.2} s",
        bytes(copied),
        took.as_secs_f64()
    ));
    Ok(())
}
