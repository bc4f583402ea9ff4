//! What a node keeps, from outside: read through for damage, shown, copied while it runs, put back, and made
//! again from its log.

/// Damage, by its place.
mod checking;

/// Backups.
mod copying;

/// Decisions from the disk alone, as they were said and made again.
mod telling;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::harness::place::Folder;
use crate::harness::program::{Run, foreshore};
use crate::harness::{Config, Event, Node, paid};

/// A node's folder: its configuration and its store.
struct Kept {
    folder: Folder,
    pipeline: &'static str,
}

impl Kept {
    fn of(config: &Config, pipeline: &'static str) -> Kept {
        let kept = Kept {
            folder: Folder::new(),
            pipeline,
        };
        kept.configure(config);
        kept
    }

    fn cards() -> Kept {
        Kept::of(&Config::cards(), "cards")
    }

    /// Segments so small that a test fills several.
    fn configure(&self, config: &Config) {
        let config = config.clone().with("store.folder", "store");
        let config = config.with("store.segment", "64KiB");
        self.folder.write("node.toml", config.text());
    }

    fn start(&self) -> Node {
        Node::of_file(&self.folder.join("node.toml"), self.pipeline)
    }

    fn path(&self, name: &str) -> String {
        self.folder.join(name).to_str().unwrap().to_owned()
    }

    /// Files of the log with this ending, in order.
    fn log(&self, ending: &str) -> Vec<PathBuf> {
        let folder = self.folder.join("store").join(self.pipeline).join("log");
        let files = fs::read_dir(folder).unwrap();
        let files = files.map(|file| file.unwrap().path());
        let mut files: Vec<PathBuf> = files
            .filter(|file| file.extension().is_some_and(|found| found == ending))
            .collect();
        files.sort();
        files
    }

    fn store(&self, command: &str, more: &[&str]) -> Run {
        let config = self.path("node.toml");
        let arguments = ["store", command, "--config", &config];
        foreshore(arguments.iter().chain(more))
    }

    fn replay(&self, more: &[&str]) -> Run {
        let config = self.path("node.toml");
        let arguments = ["replay", "--config", &config, "--from-log"];
        foreshore(arguments.iter().chain(more))
    }
}

/// Stops a node as its operator would.
#[track_caller]
fn stop(node: Node) {
    node.terminate();
    assert_eq!(node.ended().0, Some(0));
}

/// Enough for several segments: payments of five cards, every tenth of them a minute late.
fn payments(count: u32) -> Vec<Event> {
    let payment = |number: u32| {
        let late = u32::from(number.is_multiple_of(10));
        let card = format!("card-{}", number % 5);
        let event = paid(&number.to_string()).at(2 + number / 7 - late);
        event.by(&card).of(number % 90)
    };
    (0..count).map(payment).collect()
}

/// Changes one byte of a file.
fn flip(file: &Path, offset: usize) {
    let mut bytes = fs::read(file).unwrap();
    bytes[offset] ^= 0x10;
    fs::write(file, bytes).unwrap();
}

fn lines(run: &Run) -> Vec<Value> {
    let lines = run.stdout.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}
