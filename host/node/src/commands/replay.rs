//! `foreshore replay`: an archive, or a node's own log, through the pipeline of a configuration file, offline.
//! Knows the command line and which pipeline is meant; the way of the events is in `replay`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail};
use foreshore_event::nearest;
use foreshore_timeline::Lsn;

use crate::commands::log;
use crate::config::{self, Config};
use crate::load::{self, Loaded};
use crate::replay::from_log::{self, Wanted};
use crate::replay::{self, Job};

/// Time of one plugin call. A replay is in no hurry, and what it gives must not hang on how busy a machine is.
const CALL_TIME: Duration = Duration::from_secs(5);

/// Fold and score an archive of events, as the node would have; or make again what a node said.
#[derive(clap::Args)]
pub struct Args {
    /// The configuration file
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Events that were admitted: .ndjson or .jsonl (CloudEvents, one a line) or .csv (columns source, id, type,
    /// time, sequence and the event's fields)
    #[arg(long, value_name = "FILE", required_unless_present = "from_log")]
    events: Option<PathBuf>,
    /// Where the rows go, one per event of the scored types: .csv or .ndjson
    #[arg(long, value_name = "FILE", required_unless_present = "from_log")]
    out: Option<PathBuf>,
    /// The pipeline, where the file has several
    #[arg(long, value_name = "NAME")]
    pipeline: Option<String>,
    /// Stop at the first line that is not an event, instead of counting it
    #[arg(long, conflicts_with = "from_log")]
    strict: bool,
    /// Make again what the node of this file said, from its log, and compare bit by bit; the node may run
    #[arg(long, conflicts_with = "events")]
    from_log: bool,
    /// Only this decision, with every revision of it
    #[arg(long, value_name = "ID", requires = "from_log", conflicts_with_all = ["from", "to"])]
    decision: Option<String>,
    /// The first record that is made again
    #[arg(long, value_name = "LSN", requires = "from_log")]
    from: Option<u64>,
    /// The last record that is made again
    #[arg(long, value_name = "LSN", requires = "from_log")]
    to: Option<u64>,
}

/// Loads the pipeline and replays.
pub fn run(args: Args) -> anyhow::Result<()> {
    let mut config = config::read(&args.config)?;
    choose(&mut config, args.pipeline.as_deref(), &args.config)?;
    let mut loaded = load::load(&args.config, &config)?;
    let mut loaded: Loaded = loaded.pop().context("the configuration has no pipeline")?;
    let limits = &mut loaded.sandbox.limits;
    limits.call_time = limits.call_time.max(CALL_TIME);
    match (&args.events, &args.out) {
        (Some(events), Some(out)) => archive(&loaded, events, out, args.strict),
        _ => from_log(&loaded, &args),
    }
}

/// Replays an archive.
fn archive(loaded: &Loaded, events: &Path, out: &Path, strict: bool) -> anyhow::Result<()> {
    let job = Job {
        pipeline: loaded.pipeline.clone(),
        events,
        out,
        strict,
        notice: &log::say,
    };
    let tally = replay::run(&job, &mut loaded.sandboxes())?;
    log::say(&tally.to_string());
    Ok(())
}

/// Makes again what the node said; an error when anything comes out differently.
fn from_log(loaded: &Loaded, args: &Args) -> anyhow::Result<()> {
    let file = args.config.display();
    let folder = loaded.folder.as_deref();
    let folder =
        folder.with_context(|| format!("{file} has no store.folder: its node keeps no log"))?;
    let wanted = match &args.decision {
        Some(id) => Wanted::Decision(id.parse()?),
        None => Wanted::Range(
            Lsn(args.from.unwrap_or(1)),
            Lsn(args.to.unwrap_or(u64::MAX)),
        ),
    };
    let job = from_log::Job {
        pipeline: loaded.pipeline.clone(),
        folder,
        wanted,
        out: args.out.as_deref(),
        notice: &log::say,
    };
    let reproduced = from_log::reproduce(&job, &mut loaded.sandboxes())?;
    log::say(&reproduced.to_string());
    match reproduced.different {
        0 => Ok(()),
        1 => bail!("1 revision comes out differently"),
        different => bail!("{different} revisions come out differently"),
    }
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
