//! `foreshore store dump`: records of a log as lines of JSON, of a running node too. Takes a folder and what is
//! looked for; needs no configuration, because the log names everything it says.

use std::io::{BufWriter, stdout};

use anyhow::{Context as _, bail};
use foreshore_core::DecisionId;
use foreshore_store::inspect::{self, Choice, Dump, DumpError, View};
use foreshore_timeline::Lsn;

use super::{Place, disk};
use crate::commands::log;

/// Show records of the log, one JSON object a line.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: Place,
    /// The pipeline, where the store has several
    #[arg(long, value_name = "NAME")]
    pipeline: Option<String>,
    /// The first record
    #[arg(long, value_name = "LSN")]
    from: Option<u64>,
    /// The last record
    #[arg(long, value_name = "LSN")]
    to: Option<u64>,
    #[command(flatten)]
    about: About,
}

/// What the records are about.
#[derive(clap::Args)]
#[group(multiple = false)]
struct About {
    /// About one event: itself, events that contradict it, and its decision
    #[arg(long, value_name = "SOURCE/ID")]
    event: Option<String>,
    /// About one timeline: the events in it, and the decisions about these
    #[arg(long, value_name = "INSTANCE/KEY")]
    timeline: Option<String>,
    /// About one decision: its event, all it said with all it rests on, and what was told of it
    #[arg(long, value_name = "ID")]
    decision: Option<String>,
    /// What operators did: who, when, what, and what came of it
    #[arg(long)]
    audit: bool,
}

impl About {
    fn choice(self) -> anyhow::Result<Choice> {
        Ok(match (self.event, self.timeline, self.decision) {
            (Some(name), ..) => match name.contains('/') {
                true => Choice::Event(name),
                false => bail!("`{name}` names no event: give its source, a slash, and its id"),
            },
            (_, Some(name), _) => {
                let (instance, key) = name.split_once('/').with_context(|| {
                    format!(
                        "`{name}` names no timeline: give the plugin's name, a slash, and the key"
                    )
                })?;
                Choice::Timeline {
                    instance: instance.to_owned(),
                    key: key.to_owned(),
                }
            }
            (.., Some(id)) => Choice::Decision(id.parse::<DecisionId>()?),
            _ if self.audit => Choice::Audit,
            _ => Choice::All,
        })
    }
}

/// Shows the records; an error when some could not be read.
pub fn run(args: Args) -> anyhow::Result<()> {
    let mut found = args.place.pipelines(args.pipeline.as_deref())?;
    if found.len() > 1 {
        let names: Vec<String> = found.into_iter().map(|found| found.name).collect();
        bail!(
            "there are several pipelines; choose one with --pipeline: {}",
            names.join(", ")
        );
    }
    let pipeline = found.pop().context("there is no pipeline")?;
    let view = View::open(disk(), &pipeline.folder)?;
    let asked = Dump {
        from: Lsn(args.from.unwrap_or(0)),
        to: Lsn(args.to.unwrap_or(u64::MAX)),
        choice: args.about.choice()?,
    };
    let mut to = BufWriter::new(stdout().lock());
    let dumped = inspect::dump(&view, &asked, &mut to, &mut |error| {
        log::say(&format!("unreadable: {error}"));
    });
    let dumped = match dumped {
        // Whoever reads has seen enough.
        Err(DumpError::Write(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => {
            return Ok(());
        }
        dumped => dumped?,
    };
    // That nobody did anything is an answer.
    if dumped.lines == 0 && !matches!(asked.choice, Choice::All | Choice::Audit) {
        bail!("the log has nothing about it");
    }
    match dumped.unread {
        0 => Ok(()),
        1 => bail!("1 place of the log could not be read"),
        unread => bail!("{unread} places of the log could not be read"),
    }
}
