//! `foreshore replay`: an archive through the pipeline of a configuration file, offline. Knows the command
//! line and which pipeline is meant; the way of the events is in `replay`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail};
use foreshore_event::nearest;

use crate::commands::log;
use crate::config::{self, Config};
use crate::load::{self, Loaded};
use crate::replay::{self, Job};

/// Time of one plugin call. A replay is in no hurry, and what it gives must not hang on how busy a machine is.
const CALL_TIME: Duration = Duration::from_secs(5);

/// Fold and score an archive of events, as the node would have.
#[derive(clap::Args)]
pub struct Args {
    /// The configuration file
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Events that were admitted: .ndjson or .jsonl (CloudEvents, one a line) or .csv (columns source, id, type,
    /// time, sequence and the event's fields)
    #[arg(long, value_name = "FILE")]
    events: PathBuf,
    /// Where the rows go, one per event of the scored types: .csv or .ndjson
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The pipeline, where the file has several
    #[arg(long, value_name = "NAME")]
    pipeline: Option<String>,
    /// Stop at the first line that is not an event, instead of counting it
    #[arg(long)]
    strict: bool,
}

/// Loads the pipeline and replays.
pub fn run(args: Args) -> anyhow::Result<()> {
    let mut config = config::read(&args.config)?;
    choose(&mut config, args.pipeline.as_deref(), &args.config)?;
    let mut loaded = load::load(&args.config, &config)?;
    let mut loaded: Loaded = loaded.pop().context("the configuration has no pipeline")?;
    let limits = &mut loaded.sandbox.limits;
    limits.call_time = limits.call_time.max(CALL_TIME);
    let job = Job {
        pipeline: loaded.pipeline.clone(),
        events: &args.events,
        out: &args.out,
        strict: args.strict,
        notice: &log::say,
    };
    let tally = replay::run(&job, &mut loaded.sandboxes())?;
    log::say(&tally.to_string());
    Ok(())
}

/// Leaves the pipeline that is meant.
fn choose(config: &mut Config, name: Option<&str>, file: &Path) -> anyhow::Result<()> {
    let names: Vec<String> = config.pipelines.keys().cloned().collect();
    match name {
        None if names.len() > 1 => bail!(
            "{} has several pipelines; choose one with --pipeline: {}",
            file.display(),
            names.join(", ")
        ),
        None => {}
        Some(name) if names.iter().any(|known| known == name) => {
            config.pipelines.retain(|known, _| known == name);
        }
        Some(name) => {
            let near = nearest(name, names.iter().map(String::as_str));
            let hint = near.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
            bail!(
                "{} has no pipeline `{name}`; it has {}{hint}",
                file.display(),
                names.join(", ")
            )
        }
    }
    Ok(())
}
