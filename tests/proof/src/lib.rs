//! A claim and the attacks on it, driven by seeds. Takes a test of one seed; gives as many of them as the run
//! asks for, the line that runs a failing one alone, and a row for the table of `cargo xtask prove`. Must not
//! know what is claimed.
//!
//! | variable | what it does |
//! | --- | --- |
//! | `FORESHORE_SEED` | this seed alone |
//! | `FORESHORE_SEEDS` | every count of seeds times this many thousandths; 1000 if it is not set |
//! | `FORESHORE_SECONDS` | no proof begins another seed after so long |
//! | `FORESHORE_FULL` | what has no seeds runs at its full size too |
//! | `FORESHORE_PROOFS` | a file that gets a row when a proof begins and when it ends, a JSON object a line |

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "this is a part of tests: a failed one is the message"
)]

/// Numbers from a seed.
pub mod random;

use std::collections::BTreeMap;
use std::env;
use std::fs::OpenOptions;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

pub use self::random::Random;

/// One claim under attack. Dropped, it leaves its row.
#[derive(Debug)]
pub struct Proof {
    row: Row,
    /// Figures that are also told per minute.
    rates: Vec<String>,
    again: String,
    started: Instant,
}

/// What came of a proof: a row of the table.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// What is attacked: `order`, `power`, `processes`, `plugins`, `clients`.
    pub part: String,
    /// What is claimed, as a sentence.
    pub claim: String,
    /// Seeds, or attacks by other means.
    pub cases: u64,
    /// What was counted besides, by name: also what has to be zero.
    pub figures: BTreeMap<String, u64>,
    /// Whether it held. A proof that has begun and not ended yet does not.
    pub held: bool,
    /// The seed it fell at, if it was one.
    #[serde(default)]
    pub seed: Option<u64>,
    /// How long it took, in seconds.
    pub seconds: f64,
}

impl Proof {
    /// A claim about a part: the test's name is the claim. `suite` is where the test is, as arguments of
    /// `cargo test`: `-p foreshore-store --test power`.
    pub fn new(part: &str, suite: &str, test: &str) -> Proof {
        let row = Row {
            part: part.to_owned(),
            claim: test.replace('_', " "),
            ..Row::default()
        };
        // One that does not come to its end, because its process does, is not forgotten.
        row.leave();
        Proof {
            row,
            rates: Vec::new(),
            again: format!("cargo test {suite} {test}"),
            started: Instant::now(),
        }
    }

    /// Runs `quick` seeds in a quick run, and as many times more as the run asks for.
    ///
    /// # Panics
    /// When one of them does.
    pub fn seeds(&mut self, quick: u64, mut run: impl FnMut(&mut Proof, u64)) {
        let seeds = match number("FORESHORE_SEED") {
            Some(seed) => seed..seed + 1,
            None => 0..scaled(quick),
        };
        for seed in seeds {
            if self.is_over() {
                break;
            }
            if let Err(panic) = catch_unwind(AssertUnwindSafe(|| run(self, seed))) {
                let again = &self.again;
                eprintln!("seed {seed} failed; to run it alone: FORESHORE_SEED={seed} {again}");
                self.row.seed = Some(seed);
                resume_unwind(panic);
            }
            self.row.cases += 1;
        }
    }

    /// Counts attacks that have no seeds.
    pub fn cases(&mut self, cases: u64) {
        self.row.cases += cases;
    }

    /// Counts something that belongs into the row; zero counts too.
    pub fn count(&mut self, what: &str, count: u64) {
        *self.row.figures.entry(what.to_owned()).or_default() += count;
    }

    /// Counts something whose rate belongs into the row, too.
    pub fn count_rate(&mut self, what: &str, count: u64) {
        self.count(what, count);
        if !self.rates.iter().any(|rate| rate == what) {
            self.rates.push(what.to_owned());
        }
    }

    /// The largest of what was measured belongs into the row.
    pub fn most(&mut self, what: &str, measured: u64) {
        let most = self.row.figures.entry(what.to_owned()).or_default();
        *most = measured.max(*most);
    }

    /// Whether the time for a proof is over.
    pub fn is_over(&self) -> bool {
        let limit = number("FORESHORE_SECONDS").map(Duration::from_secs);
        limit.is_some_and(|limit| self.started.elapsed() >= limit)
    }
}

impl Drop for Proof {
    fn drop(&mut self) {
        self.row.held = !std::thread::panicking();
        self.row.seconds = self.started.elapsed().as_secs_f64();
        for what in std::mem::take(&mut self.rates) {
            let minutes = self.row.seconds / 60.0;
            let rate = (self.row.figures[&what] as f64 / minutes) as u64;
            self.count(&format!("{what} a minute"), rate);
        }
        self.row.leave();
    }
}

impl Row {
    /// Adds it to the file of rows, if somebody wants one.
    fn leave(&self) {
        let Ok(file) = env::var("FORESHORE_PROOFS") else {
            return;
        };
        let mut line = serde_json::to_string(self).unwrap();
        line.push('\n');
        let file = OpenOptions::new().create(true).append(true).open(file);
        file.unwrap().write_all(line.as_bytes()).unwrap();
    }
}

/// So many in a quick run, so many more in a longer one.
pub fn scaled(quick: u64) -> u64 {
    let thousandths = number("FORESHORE_SEEDS").unwrap_or(1000);
    (quick * thousandths).div_ceil(1000)
}

/// The first in a quick run, the second in a full one.
pub fn sized<T>(quick: T, full: T) -> T {
    match env::var_os("FORESHORE_FULL") {
        Some(_) => full,
        None => quick,
    }
}

fn number(name: &str) -> Option<u64> {
    let value = env::var(name).ok()?;
    match value.parse() {
        Ok(number) => Some(number),
        Err(_) => panic!("{name} is a whole number, not `{value}`"),
    }
}
