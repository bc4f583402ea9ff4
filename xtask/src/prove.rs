//! The promises under attack: builds what is attacked, runs every proof at full speed, and tells what held.
//! Takes a wish, gives the table in `target/prove`; must not know what any proof claims.

/// Where the proofs are: a line each.
mod suites;

/// The programs that the suites' proofs are in, built.
mod programs;

/// The proofs of one suite, found and run.
mod attack;

/// What came of them, as rows and as a table.
mod table;

use std::collections::BTreeSet;
use std::fs;
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::plugins::build_plugins;
use crate::root;
use crate::run::cargo;

use self::attack::Attack;
use self::suites::{SUITES, Suite};
use self::table::{Table, rows_in};

/// Seeds of a full run: what has no seeds runs at its full size, too.
const FULL: u64 = 100_000;

/// Where the table goes, and its rows.
const FOLDER: &str = "target/prove";

/// How much is to be attacked.
#[derive(Args)]
pub(crate) struct Wish {
    /// Seeds of a proof that runs 1,000 in `cargo xtask test`; the others in proportion
    #[arg(long, default_value_t = FULL)]
    seeds: u64,
    /// No more than about so many minutes, shared out over the proofs
    #[arg(long)]
    minutes: Option<u64>,
    /// This seed alone
    #[arg(long)]
    seed: Option<u64>,
    /// Only proofs of this part: order, power, processes, plugins, clients, load
    #[arg(long)]
    part: Option<String>,
    /// Only proofs with this in their name
    #[arg(long)]
    only: Option<String>,
}

/// Runs the proofs and tells what held.
pub(crate) fn prove(wish: &Wish) -> Result<()> {
    let started = Instant::now();
    let attacks = wish.attacks()?;
    build_plugins()?;
    cargo("build --locked --release -p foreshore", &[])?;
    let folder = root().join(FOLDER);
    let rows = folder.join("rows.jsonl");
    fs::create_dir_all(&folder).with_context(|| format!("create {FOLDER}"))?;
    fs::write(&rows, "").with_context(|| format!("write {FOLDER}/rows.jsonl"))?;

    let proofs: usize = attacks.iter().map(Attack::len).sum();
    let (mut begun, mut ended_badly) = (0, BTreeSet::new());
    for (nth, attack) in attacks.iter().enumerate() {
        eprintln!(
            "\n==> {} of {}: {attack}, after {} s",
            nth + 1,
            attacks.len(),
            started.elapsed().as_secs()
        );
        let share = wish.share(started.elapsed(), proofs - begun, attack);
        if !attack.run(&wish.environment(share, &rows.display().to_string()))? {
            ended_badly.insert(attack.to_string());
        }
        begun += attack.len();
    }

    let table = Table {
        command: wish.command(),
        rows: rows_in(&fs::read_to_string(&rows)?)?,
        took: started.elapsed(),
    };
    table.write(&folder)?;
    eprintln!("\n{}", table.markdown());
    eprintln!("{FOLDER}/table.md, {FOLDER}/rows.jsonl");
    for failed in table.failed() {
        eprintln!("{failed}");
    }
    for attack in &ended_badly {
        eprintln!("a test did not pass: {attack}");
    }
    match table.failed().is_empty() && ended_badly.is_empty() {
        true => Ok(()),
        false => bail!("not everything held"),
    }
}

impl Wish {
    /// The suites that have proofs of the kind that is wished for, built.
    fn attacks(&self) -> Result<Vec<Attack>> {
        let parts: BTreeSet<&str> = SUITES.iter().map(|suite| suite.part).collect();
        if let Some(part) = &self.part
            && !parts.contains(part.as_str())
        {
            let parts = Vec::from_iter(parts).join(", ");
            bail!("there is no part `{part}`; the parts are {parts}");
        }
        let is_meant = |part: &str| self.part.as_deref().is_none_or(|meant| meant == part);
        let meant = SUITES.iter().filter(|suite| is_meant(suite.part));
        let suites: Vec<&Suite> = meant.collect();
        let mut attacks = Vec::new();
        for (suite, program) in suites.iter().zip(programs::build(&suites)?) {
            let attack = Attack::of(suite, program, self.only.as_deref().unwrap_or(""))?;
            attacks.extend((attack.len() > 0).then_some(attack));
        }
        match (attacks.is_empty(), &self.only) {
            (true, Some(only)) => bail!("no proof has `{only}` in its name"),
            _ => Ok(attacks),
        }
    }

    /// What of the time is one proof's: as much as every other one's that is still to come.
    fn share(&self, passed: Duration, proofs_left: usize, attack: &Attack) -> Option<Duration> {
        let whole = Duration::from_secs(self.minutes? * 60);
        let at_once = match attack.is_alone() {
            true => 1,
            false => available_parallelism().map_or(1, |threads| threads.get()),
        };
        let left = whole.saturating_sub(passed).as_secs_f64();
        let seconds = left * at_once.min(attack.len()) as f64 / proofs_left as f64;
        Some(Duration::from_secs_f64(seconds.max(1.0)))
    }

    /// What the proofs are told (`tests/proof`).
    fn environment(&self, share: Option<Duration>, rows: &str) -> Vec<(&'static str, String)> {
        let mut told = vec![
            ("FORESHORE_PROOFS", rows.to_owned()),
            ("FORESHORE_SEEDS", self.seeds.to_string()),
        ];
        if let Some(seed) = self.seed {
            told.push(("FORESHORE_SEED", seed.to_string()));
        } else if self.seeds >= FULL {
            told.push(("FORESHORE_FULL", "1".to_owned()));
        }
        if let Some(share) = share {
            told.push(("FORESHORE_SECONDS", share.as_secs().to_string()));
        }
        told
    }

    /// The command that wishes this.
    fn command(&self) -> String {
        let mut command = format!("cargo xtask prove --seeds {}", self.seeds);
        let numbers = [("minutes", self.minutes), ("seed", self.seed)];
        let numbers = numbers.map(|(name, number)| (name, number.map(|number| number.to_string())));
        let words = [("part", self.part.clone()), ("only", self.only.clone())];
        for (name, value) in numbers.into_iter().chain(words) {
            if let Some(value) = value {
                command.push_str(&format!(" --{name} {value}"));
            }
        }
        command
    }
}
