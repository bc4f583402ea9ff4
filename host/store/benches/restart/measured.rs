//! The processes that are measured: each does one thing to a store and says what it took, by name.

use std::cell::RefCell;
use std::fmt;
use std::path::Path;
use std::time::Instant;

use foreshore_store::Progress;

use crate::history::{History, Stage, open_town};
use crate::machine::resident_mib;
use crate::town::{Town, mix};

/// Bytes for timelines in memory while a history is written: nothing need be brought in.
const ROOMY: usize = 10 << 30;

/// The node's default.
const HOT: usize = 512 << 20;

/// Events between two puttings away while a history is written, as a share of it.
const PUT_AWAY_SHARE: u64 = 4;

/// Events that are not put away when the process is killed: half of them are decided about, so that their records
/// are the 20,000 of the node's default (`dirty_records`).
const DIRTY: u64 = 13_333;

/// Timelines brought in.
const LOADS: u64 = 10_000;

/// Runs a step by its name.
pub fn run(step: &str, folder: &Path, town: &Town) -> Measured {
    match step {
        "write" => write(folder, town),
        "write-on" => write_on(folder, town),
        "open" => opening(folder, town),
        "load-customer" => loading(folder, town, 0),
        "load-terminal" => loading(folder, town, 1),
        _ => panic!("there is no step {step}"),
    }
}

/// What was measured, by name.
#[derive(Clone, Debug, Default)]
pub struct Measured(Vec<(String, f64)>);

impl Measured {
    fn add(&mut self, name: &str, value: f64) {
        self.0.push((name.to_owned(), value));
    }

    /// As it was said.
    pub fn read(said: &str) -> Measured {
        let values = said.trim().split(", ").map(|part| {
            let (value, name) = part.split_once(' ').unwrap();
            (name.to_owned(), value.parse().unwrap())
        });
        Measured(values.collect())
    }

    /// Of each value the median.
    pub fn median(rounds: Vec<Measured>) -> Measured {
        let mut median = rounds[0].clone();
        for (at, (_, value)) in median.0.iter_mut().enumerate() {
            let mut values: Vec<f64> = rounds.iter().map(|round| round.0[at].1).collect();
            values.sort_by(f64::total_cmp);
            *value = values[values.len() / 2];
        }
        median
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = self
            .0
            .iter()
            .map(|(name, value)| format!("{value:.3} {name}"));
        f.write_str(&parts.collect::<Vec<_>>().join(", "))
    }
}

/// The whole history, stopped as the node is.
fn write(folder: &Path, town: &Town) -> Measured {
    let started = Instant::now();
    let mut history = History::open(town, folder, ROOMY);
    history.take(0..town.events, town.events / PUT_AWAY_SHARE);
    history.put_away();
    let (log, cold) = history.bytes();
    let mut measured = Measured::default();
    measured.add("s to write", started.elapsed().as_secs_f64());
    measured.add(
        "timelines in memory",
        history.core().gauges().timelines as f64,
    );
    measured.add("records", history.last().0 as f64);
    measured.add("log bytes/event", log as f64 / town.events as f64);
    measured.add("cold bytes/timeline", cold as f64 / town.timelines as f64);
    measured
}

/// Some events more, then gone without a word: what they changed is in the log alone.
fn write_on(folder: &Path, town: &Town) -> Measured {
    let started = Instant::now();
    let mut history = History::open(town, folder, ROOMY);
    history.take(town.events..town.events + DIRTY, u64::MAX);
    let mut measured = Measured::default();
    measured.add("s to write on", started.elapsed().as_secs_f64());
    println!("{measured}");
    std::process::exit(0);
}

/// A start, stage by stage.
fn opening(folder: &Path, town: &Town) -> Measured {
    let started = Instant::now();
    let stages = RefCell::new(Vec::new());
    let told = |stage| stages.borrow_mut().push((stage, started.elapsed()));
    let opened = open_town(town, folder, HOT, &told);
    let all = started.elapsed();
    let resident = resident_mib();
    let stages = stages.take();
    let last = |wanted: &dyn Fn(&Stage) -> bool| {
        let of_kind = stages.iter().rev().find(|(stage, _)| wanted(stage));
        of_kind.map(|(_, at)| at.as_secs_f64() * 1e3)
    };
    let mut at = 0.0;
    let mut measured = Measured::default();
    let mut add = |name: &str, until: Option<f64>| {
        let until = until.unwrap_or(at);
        measured.add(name, until - at);
        at = until;
    };
    add("ms log", last(&|stage| matches!(stage, Stage::Log)));
    add("ms cold", last(&|stage| matches!(stage, Stage::Cold)));
    let rebuilt = |stage: &Stage| matches!(stage, Stage::Told(Progress::Rebuilding { .. }));
    add("ms rebuilding", last(&rebuilt));
    let read = |stage: &Stage| matches!(stage, Stage::Told(Progress::Identities { .. }));
    add("ms identities", last(&read));
    add("ms replay", Some(all.as_secs_f64() * 1e3));
    measured.add("ms ALL", all.as_secs_f64() * 1e3);
    measured.add("MiB resident", resident as f64);
    measured.add("identities", opened.core.gauges().identities as f64);
    measured
}

/// Timelines of one kind brought in, each for the first time.
fn loading(folder: &Path, town: &Town, instance: usize) -> Measured {
    let mut opened = open_town(town, folder, HOT, &|_| {});
    let (count, name) = match instance {
        0 => (town.customers(), Town::customer as fn(u64) -> String),
        _ => (town.terminals(), Town::terminal as fn(u64) -> String),
    };
    let mut took = Vec::new();
    let mut events = 0;
    for number in 0..LOADS.min(count / 4) {
        let key = name(mix(number) % count);
        let (store, core) = (&opened.store, &mut opened.core);
        if core.need_of(instance, &key).is_none() {
            continue;
        }
        let before = core.gauges().foreshore_events;
        let started = Instant::now();
        store
            .bring(core, |core| core.need_of(instance, &key))
            .unwrap();
        took.push(started.elapsed().as_secs_f64() * 1e6);
        events += core.gauges().foreshore_events - before;
        core.evict(1);
    }
    took.sort_by(f64::total_cmp);
    let percent = |percent: usize| took[(took.len() - 1) * percent / 100];
    let mut measured = Measured::default();
    measured.add("us p50", percent(50));
    measured.add("us p99", percent(99));
    measured.add("events each", events as f64 / took.len() as f64);
    measured
}
