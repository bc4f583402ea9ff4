//! The command line of the card traffic: writes events, deliveries and the truth, and trains the model.
//! Data goes to standard output or `--out`, what is for people to standard error.

mod report;

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use card_traffic::train::rows::Rows;
use card_traffic::train::{Model, weights};
use card_traffic::truth::Truth;
use card_traffic::{Delivery, Request, Settings, Traffic, admitted};
use clap::{Args, Parser, Subcommand, ValueEnum};
use foreshore_event::Time;

/// Card payments of a small world, seeded, and the training of the fraud model on them.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Writes the events in their total order, as NDJSON: what `foreshore replay` takes.
    Events {
        #[command(flatten)]
        world: WorldArguments,
        /// Leave out what comes too late or from a clock gone wrong, as a node would.
        #[arg(long)]
        admitted: bool,
        #[command(flatten)]
        out: Out,
    },
    /// Writes the requests in the order of their arrival, one JSON object a line.
    Deliveries {
        #[command(flatten)]
        world: WorldArguments,
        #[command(flatten)]
        out: Out,
    },
    /// Writes which attempts were fraud, as CSV.
    Truth {
        #[command(flatten)]
        world: WorldArguments,
        #[command(flatten)]
        out: Out,
    },
    /// Trains the fraud model and writes its weights as Rust.
    Train {
        /// Feature rows, as `foreshore replay --out rows.csv` writes them.
        #[arg(long)]
        rows: PathBuf,
        /// The truth about the same events, as `card-traffic truth` writes it.
        #[arg(long)]
        truth: PathBuf,
        /// How much large weights cost.
        #[arg(long, default_value_t = 1.0)]
        penalty: f64,
        /// The pipeline's review threshold: marked in the report.
        #[arg(long, default_value_t = 0.1)]
        review: f64,
        #[command(flatten)]
        out: Out,
    },
}

#[derive(Args)]
struct WorldArguments {
    /// Another number, another world.
    #[arg(long)]
    seed: Option<u64>,
    /// How much of it.
    #[arg(long, value_enum, default_value_t = Size::Demo)]
    size: Size,
    /// Midnight of the first day, in RFC 3339.
    #[arg(long)]
    start: Option<Time>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Size {
    /// Four weeks of some 20,000 payments.
    Demo,
    /// Some hundred events.
    Small,
}

#[derive(Args)]
struct Out {
    /// Write to this file instead of standard output.
    #[arg(long)]
    out: Option<PathBuf>,
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().command {
        Command::Events {
            world,
            admitted: true,
            out,
        } => out.write(&lines(admitted(&world.traffic().deliveries()))),
        Command::Events { world, out, .. } => out.write(&lines(world.traffic().sorted())),
        Command::Deliveries { world, out } => {
            out.write(&lines(world.traffic().deliveries().iter().map(as_json)))
        }
        Command::Truth { world, out } => out.write(&Truth::write(&world.traffic())),
        Command::Train {
            rows,
            truth,
            penalty,
            review,
            out,
        } => {
            let truth =
                Truth::read(&read(&truth)?).with_context(|| format!("read {}", truth.display()))?;
            let rows = Rows::read(&read(&rows)?, &truth)
                .with_context(|| format!("read {}", rows.display()))?;
            report::held_out(rows.clone(), penalty, review, &mut io::stderr())?;
            out.write(&weights::render(&Model::train(&rows, penalty)?))
        }
    }
}

impl WorldArguments {
    fn traffic(&self) -> Traffic {
        let settings = match self.size {
            Size::Demo => Settings::demo(),
            Size::Small => Settings::small(),
        };
        Traffic::generate(&Settings {
            seed: self.seed.unwrap_or(settings.seed),
            start: self.start.unwrap_or(settings.start),
            ..settings
        })
    }
}

impl Out {
    fn write(&self, text: &str) -> anyhow::Result<()> {
        match &self.out {
            Some(path) => {
                fs::write(path, text).with_context(|| format!("write {}", path.display()))
            }
            None => match io::stdout().write_all(text.as_bytes()) {
                // Whoever reads may have seen enough (`| head`).
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
                written => written.context("write to standard output"),
            },
        }
    }
}

fn read(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("read {}", path.display()))
}

fn lines(items: impl IntoIterator<Item: std::fmt::Display>) -> String {
    items.into_iter().map(|item| format!("{item}\n")).collect()
}

fn as_json(delivery: &Delivery) -> String {
    let request = match delivery.request {
        Request::Score => "score",
        Request::Batch => "batch",
    };
    let events: Vec<String> = delivery
        .events
        .iter()
        .map(|sent| sent.event.to_string())
        .collect();
    format!(
        r#"{{"arrival":"{}","request":"{request}","events":[{}]}}"#,
        delivery.arrival,
        events.join(",")
    )
}
