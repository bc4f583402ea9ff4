//! Weeks of card payments through a real node, disordered as devices send them, and the proof that the order
//! did not matter. The story from top to bottom; every chapter is a module.

#![expect(clippy::print_stdout, reason = "the story is told on standard output")]
#![expect(clippy::print_stderr, reason = "a command line tool reports on stderr")]

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

/// Plays the deliveries.
mod play;

/// Follows the amendments.
mod amendments;

/// What those who asked were told.
mod told;

/// The last word on every payment.
mod finals;

/// `foreshore replay` of the sorted archive.
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
use std::time::SystemTime;

use anyhow::{Context as _, ensure};
use card_traffic::{Settings, Traffic, admitted};
use clap::Parser;
use foreshore_event::Time;

use crate::amendments::Follower;
use crate::client::Client;
use crate::finals::{finals, published};
use crate::node::Node;
use crate::play::play;
use crate::proof::Proof;
use crate::replay::{replay, write_archive};
use crate::report::answers::Answers;
use crate::report::corrections::Corrections;
use crate::report::dispositions::Dispositions;
use crate::report::frauds::Frauds;
use crate::report::proof::Shown;
use crate::report::story::Story;
use crate::report::traffic::World;
use crate::told::Told;

/// Plays weeks of card payments to a node, and proves that their order did not matter.
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
    /// Where the archive, the rows and the logs go
    #[arg(long, value_name = "FOLDER", default_value = "target/demo")]
    out: PathBuf,
    /// Another number, another world
    #[arg(long)]
    seed: Option<u64>,
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
    let Arguments {
        foreshore,
        config,
        out,
        seed,
    } = arguments;
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

    let log = out.join("node.log");
    let node = Node::start(foreshore, config, &log)?;
    let client = Client::new(&node.data, &node.admin);
    client.wait_until_ready()?;
    let follower = Follower::start(&client)?;
    let played = play(&deliveries, &client)
        .with_context(|| format!("play the traffic (the node's log is {})", log.display()))?;
    let metrics = client.metrics()?;
    show(
        "Every event is accounted for",
        Dispositions::of(&deliveries, &played.replies, &metrics)?,
    );

    let told = Told::by(&played.replies);
    show("Answered at once", Answers::of(&played, &told));

    client.close(now()?)?;
    let metrics = client.wait_until_settled()?;
    let admitted = admitted(&deliveries);
    let settled = finals(&admitted, &told, &client)?;
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

    let archive = out.join("events.ndjson");
    write_archive(&admitted, &archive)?;
    let proof = Proof::of(&settled, &replay(foreshore, config, &archive)?)?;
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
