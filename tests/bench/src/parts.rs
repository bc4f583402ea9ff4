//! What is measured, part by part, and the run of them all. Takes a wish; every part adds its figures and gives its
//! section. Must not know what a part measures.

/// Score requests, beside the floor and beside the same by hand.
mod http;

/// Events nobody waits for.
mod ingest;

/// Events that come late.
mod late;

/// The steps of an event, one by one, in a process without HTTP.
mod steps;

/// An archive through the same core.
mod replay;

/// A long time at half of the ceiling.
mod long;

/// What grows with what.
mod growth;

/// From a start to a first answer.
mod starts;

/// Another model in place of the one that runs.
mod deploys;

/// What a decision costs.
mod cost;

/// What people would use instead.
mod instead;

/// Instructions, which do not depend on the machine's mood.
mod instructions;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, ensure};

use crate::cores::{Cores, pin};
use crate::figure::Figures;
use crate::machine::Machine;
use crate::plan::{Plan, Wish};
use crate::report::{self, Section};
use crate::rows::Rows;
use crate::sanity;

pub use self::http::ratio;

/// Where everything goes, from the root: what a debug build says does not go over what was measured.
const FOLDER: &str = match cfg!(debug_assertions) {
    true => "target/bench-debug",
    false => "target/bench",
};

/// How much further from each other arms may be in a debug build, whose loads are short and slow.
const SLACK: f64 = match cfg!(debug_assertions) {
    true => 4.0,
    false => 1.0,
};

/// What a part works with.
pub struct Bench {
    /// How much is measured.
    pub plan: Plan,
    /// Whose processors are which.
    pub cores: Cores,
    /// The repository.
    pub root: PathBuf,
    /// Where stores and logs go; what was there is gone.
    pub folder: PathBuf,
    /// The events that are sent.
    pub rows: Rows,
    /// What was measured so far.
    pub figures: Figures,
}

/// A part of the bench.
struct Part {
    name: &'static str,
    run: fn(&mut Bench) -> anyhow::Result<Section>,
    /// Whether it takes minutes however little is measured.
    is_slow: bool,
}

const PARTS: [Part; 12] = [
    Part::new("http", http::run),
    Part::new("ingest", ingest::run),
    Part::new("late", late::run),
    Part::new("steps", steps::run),
    Part::new("replay", replay::run),
    Part::new("growth", growth::run),
    Part::new("starts", starts::run),
    Part::new("deploys", deploys::run),
    Part::new("cost", cost::run),
    Part::slow("long", long::run),
    Part::slow("instead", instead::run),
    Part::slow("instructions", instructions::run),
];

impl Part {
    const fn new(name: &'static str, run: fn(&mut Bench) -> anyhow::Result<Section>) -> Part {
        let is_slow = false;
        Part { name, run, is_slow }
    }

    const fn slow(name: &'static str, run: fn(&mut Bench) -> anyhow::Result<Section>) -> Part {
        let is_slow = true;
        Part { name, run, is_slow }
    }
}

/// Runs what is wished for, and writes what came of it.
pub fn run(wish: &Wish) -> anyhow::Result<()> {
    let started = Instant::now();
    for only in &wish.only {
        let names = PARTS.map(|part| part.name);
        let known = names.contains(&only.as_str());
        ensure!(
            known,
            "there is no part `{only}`; the parts are {}",
            names.join(", ")
        );
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()?;
    let machine = Machine::look(&root, wish.command());
    let mut bench = Bench::new(wish.plan(), root)?;
    let out = bench.root.join(FOLDER);
    let mut sections = vec![bench.setting()];
    let (mut tables, mut failed) = (String::new(), Vec::new());
    for part in PARTS
        .iter()
        .filter(|part| wish.means(part.name, part.is_slow))
    {
        eprintln!("==> {}, after {} s", part.name, started.elapsed().as_secs());
        match (part.run)(&mut bench) {
            Ok(section) => sections.push(section),
            Err(error) => {
                eprintln!("{} failed: {error:#}", part.name);
                failed.push(part.name);
            }
        }
        // Part by part: what an hour has brought is there, whatever comes after it.
        tables = report::write(&out, &machine, &bench.figures, &sections)?;
    }
    eprintln!(
        "\n{tables}\n{FOLDER}/tables.md, {FOLDER}/results.json, {} s",
        started.elapsed().as_secs()
    );
    ensure!(failed.is_empty(), "not measured: {}", failed.join(", "));
    sanity::check(&bench.figures, SLACK)
}

impl Bench {
    fn new(plan: Plan, root: PathBuf) -> anyhow::Result<Bench> {
        let cores = Cores::find()?;
        pin(&[cores.client])?;
        let folder = root.join(FOLDER).join("run");
        drop(fs::remove_dir_all(&folder));
        fs::create_dir_all(&folder).with_context(|| format!("create {}", folder.display()))?;
        Ok(Bench {
            rows: Rows::new(&plan)?,
            plan,
            cores,
            root,
            folder,
            figures: Figures::default(),
        })
    }

    /// What holds for all parts.
    fn setting(&self) -> Section {
        let cores = match self.cores.are_apart() {
            true => {
                "The client has one processor, all servers another, on which one works at a time."
            }
            false => {
                "**There is one processor only: client and servers share it, and no figure holds.**"
            }
        };
        let build = match cfg!(debug_assertions) {
            true => " **This is a debug build: all that it tells is that it runs.**",
            false => "",
        };
        Section::new("What is sent").saying(format!(
            "{} different payments in random order, after a history of {} events that every arm knows. {cores}{build}",
            self.rows.count(),
            self.rows.history().len(),
        ))
    }
}

/// Bytes of the files in a folder.
fn bytes(folder: &Path) -> anyhow::Result<u64> {
    let mut sum = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let about = entry.metadata()?;
        sum += if about.is_dir() {
            bytes(&entry.path())?
        } else {
            about.len()
        };
    }
    Ok(sum)
}
