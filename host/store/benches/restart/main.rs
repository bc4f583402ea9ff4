//! How long a restart takes, what one timeline costs to bring in, and how long everything takes to build anew.
//! Every measurement is a process of its own. Run: `cargo bench -p foreshore-store --bench restart`; two
//! numbers after `--` are timelines and events, one and ten million without.

#![allow(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints its table and has nobody to report a failure to"
)]

#[path = "../machine/mod.rs"]
mod machine;

/// What is stored.
mod town;

/// How it came to be.
mod history;

/// The processes that are measured.
mod measured;

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::measured::Measured;
use crate::town::Town;

/// Measurements, of which the median is shown.
const ROUNDS: usize = 5;

/// How much smaller the store is that is built anew.
const SMALLER: u64 = 10;

fn main() {
    let words: Vec<String> = env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    if let [step, folder, timelines, events] = &*words {
        let town = Town::new(timelines.parse().unwrap(), events.parse().unwrap());
        return println!("{}", measured::run(step, Path::new(folder), &town));
    }
    let mut numbers = words.iter().map(|word| word.parse().unwrap());
    let timelines = numbers.next().unwrap_or(1_000_000);
    let events = numbers.next().unwrap_or(10_000_000);
    let folder = env::temp_dir().join(format!("foreshore-restart-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();

    let large = Place::new(&folder.join("large"), timelines, events);
    println!("{}", large.once("write"));
    large.rounds("stopped, files in memory", "open", Pages::Kept);
    large.rounds("stopped, files on disk", "open", Pages::Forgotten);
    for (name, pages) in [
        ("files in memory", Pages::Kept),
        ("files on disk", Pages::Forgotten),
    ] {
        for kind in ["customer", "terminal"] {
            large.rounds(
                &format!("one {kind}, {name}"),
                &format!("load-{kind}"),
                pages,
            );
        }
    }
    println!("{}", large.once("write-on"));
    large.rounds("killed, files in memory", "open", Pages::Kept);
    large.rounds("killed, files on disk", "open", Pages::Forgotten);

    let small = Place::new(&folder.join("small"), timelines / SMALLER, events / SMALLER);
    println!("{}", small.once("write"));
    fs::remove_dir_all(small.folder.join("cold")).unwrap();
    small.rounds_of(1, "without cold state", "open", Pages::Kept);
    fs::remove_dir_all(folder).unwrap();
}

/// Whether files are in memory when a process begins.
#[derive(Clone, Copy)]
enum Pages {
    Kept,
    Forgotten,
}

/// A town's store.
struct Place {
    folder: std::path::PathBuf,
    timelines: u64,
    events: u64,
}

impl Place {
    fn new(folder: &Path, timelines: u64, events: u64) -> Place {
        Place {
            folder: folder.to_owned(),
            timelines,
            events,
        }
    }

    /// Runs one process, and gives what it says.
    fn once(&self, step: &str) -> Measured {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args([step, self.folder.to_str().unwrap()]);
        command.args([self.timelines, self.events].map(|number| number.to_string()));
        let output = command.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        Measured::read(&String::from_utf8(output.stdout).unwrap())
    }

    fn rounds(&self, name: &str, step: &str, pages: Pages) {
        self.rounds_of(ROUNDS, name, step, pages);
    }

    fn rounds_of(&self, count: usize, name: &str, step: &str, pages: Pages) {
        let round = |_| {
            if let Pages::Forgotten = pages {
                machine::forget_pages(&self.folder);
            }
            self.once(step)
        };
        let median = Measured::median((0..count).map(round).collect());
        println!("{name}: {median}");
    }
}
