//! Weeks of card payments through a real node, disordered as devices send them, with the node killed twice
//! among them, and the proof that none of it mattered. The story from top to bottom; every chapter is a module.

#![expect(clippy::print_stdout, reason = "the story is told on standard output")]
#![expect(clippy::print_stderr, reason = "a command line tool reports on stderr")]

/// The `foreshore` program.
mod program;

/// What the node keeps.
mod store;

/// The node as a process.
mod node;

/// A client of the node.
mod client;

/// What the node says over HTTP.
mod wire;

/// The node's numbers.
mod metrics;

/// The same work for many items, from a few threads.
mod concurrent;

/// Which requests may overtake each other.
mod rounds;

/// When the node is killed.
mod kills;

/// Kills it and starts it again.
mod operator;

/// Plays the deliveries.
mod play;

/// Follows the amendments.
mod amendments;

/// What those who asked were told.
mod told;

/// The last word on every payment.
mod finals;

/// Whether what was answered still stands.
mod acknowledged;

/// `foreshore replay`, of the sorted archive and of the log.
mod replay;

/// The node's decisions against the replay's.
mod proof;

/// Aligned columns.
mod table;

/// Times, spans and counts in words.
mod words;

/// What the demo shows.
mod report;

use std::fmt::Display;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::SystemTime;

use anyhow::{Context as _, ensure};
use card_traffic::{Event, Settings, Traffic, admitted};
use clap::Parser;
use foreshore_event::Time;

use crate::acknowledged::still_stand;
use crate::amendments::Follower;
use crate::client::Client;
use crate::finals::{Settled, finals, published};
use crate::kills::kills;
use crate::node::Node;
use crate::operator::Operator;
use crate::play::play;
use crate::program::Program;
use crate::proof::Proof;
use crate::replay::{replay, replay_log, write_archive};
use crate::report::answers::Answers;
use crate::report::corrections::Corrections;
use crate::report::dispositions::Dispositions;
use crate::report::frauds::Frauds;
use crate::report::kept::Kept;
use crate::report::proof::Shown;
use crate::report::restarts::Restarts;
use crate::report::story::Story;
use crate::report::traffic::World;
use crate::rounds::rounds;
use crate::told::Told;

/// Plays weeks of card payments to a node that is killed twice, and proves that neither that nor their order
/// mattered.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The binary of the node
    #[arg(long, value_name = "FILE", default_value = "target/release/foreshore")]
    foreshore: PathBuf,
    /// The pipeline
    #[arg(
        long,
        value_name = "FILE",
        default_value = "examples/card-fraud/card-fraud.toml"
    )]
    config: PathBuf,
    /// Where the archive, the rows and the logs go; the configuration's store must lie in it
    #[arg(long, value_name = "FOLDER", default_value = "target/demo")]
    out: PathBuf,
    /// Another number, another world
    #[arg(long)]
    seed: Option<u64>,
}

impl Arguments {
    fn program(&self) -> Program {
        Program {
            binary: self.foreshore.clone(),
            config: self.config.clone(),
            out: self.out.clone(),
        }
    }
}

fn main() -> ExitCode {
    match demo(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn demo(arguments: &Arguments) -> anyhow::Result<()> {
    let (program, seed) = (arguments.program(), arguments.seed);
    let out = &program.out;
    fs::create_dir_all(out).with_context(|| format!("create {}", out.display()))?;
    let settings = Settings::demo().ending_before(now()?);
    let settings = Settings {
        seed: seed.unwrap_or(settings.seed),
        ..settings
    };
    let traffic = Traffic::generate(&settings);
    let deliveries = traffic.deliveries();
    show(
        "The traffic",
        World {
            settings: &settings,
            deliveries: &deliveries,
        },
    );

    store::begin(&program)?;
    let node = Node::start(&program)?;
    let client = Client::new(&node.addresses);
    client.wait_until_ready()?;
    let follower = Follower::start(&client)?;
    let rounds = rounds(&deliveries);
    let kills = kills(&rounds, settings.seed);
    let operator = Operator::new(&program, node, &client, &kills);
    let played = play(&rounds, &client, &operator)
        .with_context(|| format!("play the traffic (the node's log is in {})", out.display()))?;
    let (node, restarts) = operator.retire();
    let metrics = client.metrics()?;
    show(
        "Every event is accounted for",
        Dispositions::of(&deliveries, &played.replies, &kills, &metrics)?,
    );
    let told = Told::by(&played.replies);
    show("Answered at once", Answers::of(&played, &told));

    client.close(now()?)?;
    let metrics = client.wait_until_settled()?;
    let admitted = admitted(&deliveries);
    let settled = finals(&admitted, &told, &client)?;
    let standing = still_stand(&settled, &told)?;
    show(
        "Killed, and started again",
        Restarts::of(&deliveries, &played.replies, &kills, &restarts, standing),
    );
    let amendments = follower.take(published(&settled, &told))?;
    let told = told.amended(&amendments);
    show(
        "Corrected later",
        Corrections::of(&settled, &told, &amendments, &metrics)?,
    );
    if let Some(story) = Story::find(&deliveries, &settled, &amendments) {
        show("One correction", story);
    }
    show(
        "Fraud caught",
        Frauds::of(&settled, &told, traffic.ground_truth()),
    );
    node.stop()?;
    prove(&program, &admitted, &settled)?;
    let (checked, replayed) = (store::check(&program)?, replay_log(&program)?);
    show(
        "On the disk",
        Kept::of(&deliveries, &kills, &metrics, checked, replayed),
    );
    Ok(())
}

/// Replays the archive of what was admitted, and compares.
fn prove(program: &Program, admitted: &[Arc<Event>], settled: &[Settled]) -> anyhow::Result<()> {
    let archive = program.out.join("events.ndjson");
    write_archive(admitted, &archive)?;
    let proof = Proof::of(settled, &replay(program, &archive)?)?;
    show("The proof", Shown(&proof));
    ensure!(proof.holds(), "the node and the replay differ");
    Ok(())
}

/// The next chapter, which ends its own last line.
fn show(title: &str, chapter: impl Display) {
    print!("\n{title}\n\n{chapter}");
}

fn now() -> anyhow::Result<Time> {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    Ok(Time(i64::try_from(since.as_micros())?))
}
