//! `foreshore store check`: everything a node keeps, read through. Takes folders; says what is wrong by its
//! place, and what to do.

use anyhow::bail;
use foreshore_store::inspect::{self, Checked, Finding, Told};
use serde::Serialize;

use super::progress::{Progress, bytes};
use super::{Place, disk};
use crate::commands::log;

/// Read everything, and report damage by its place.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: Place,
    /// Only this pipeline
    #[arg(long, value_name = "NAME")]
    pipeline: Option<String>,
    /// Print findings and sums as JSON on standard output
    #[arg(long)]
    json: bool,
}

/// What was found of one pipeline.
#[derive(Serialize)]
struct Report {
    pipeline: String,
    #[serde(flatten)]
    checked: Checked,
    findings: Vec<Finding>,
}

/// Checks; an error when anything is damaged.
pub fn run(args: Args) -> anyhow::Result<()> {
    let mut reports = Vec::new();
    for pipeline in args.place.pipelines(args.pipeline.as_deref())? {
        let mut findings = Vec::new();
        let mut progress = Progress::start();
        let checked = inspect::check(&disk(), &pipeline.folder, &mut |told| match told {
            Told::Finding(finding) => {
                progress.clear();
                say(&pipeline.name, finding);
                findings.push(finding.clone());
            }
            Told::Log { bytes: done, of } => {
                progress.tell(|| format!("log: {} of {}", bytes(done), bytes(of)));
            }
            Told::Cold { timelines } => {
                progress.tell(|| format!("cold state: {timelines} timelines"))
            }
        })?;
        let took = progress.end();
        log::say(&format!(
            "{}: {} in {:.2} s",
            pipeline.name,
            summary(&checked),
            took.as_secs_f64()
        ));
        reports.push(Report {
            pipeline: pipeline.name,
            checked,
            findings,
        });
    }
    if args.json {
        log::give(&serde_json::to_string(&reports)?)?;
    }
    match reports.iter().map(|report| report.checked.damaged).sum() {
        0 => Ok(()),
        1 => bail!("1 thing is damaged"),
        damaged => bail!("{damaged} things are damaged"),
    }
}

fn say(pipeline: &str, finding: &Finding) {
    let mut place = finding.file.display().to_string();
    if let Some(offset) = finding.offset {
        place = format!("{place}:{offset}");
    }
    if let (Some(instance), Some(key)) = (&finding.instance, &finding.key) {
        place = format!("{place}: timeline {instance}/{key}");
    }
    let weight = match finding.harmless {
        true => "note",
        false => "damaged",
    };
    log::say(&format!(
        "{weight}: {pipeline}: {place}: {}",
        finding.message
    ));
}

fn summary(checked: &Checked) -> String {
    let cold = match &checked.cold_unread {
        Some(why) => format!("cold state not checked: {why}"),
        None => format!("{} timelines, {} trails", checked.timelines, checked.trails),
    };
    format!(
        "records {} to {} in {} segments ({}), {} checkpoints, {cold}; {} damaged, {} to note;",
        checked.first,
        checked.last,
        checked.segments,
        bytes(checked.bytes),
        checked.checkpoints,
        checked.damaged,
        checked.harmless
    )
}
