//! What the example's pipeline costs per in-order event, step by step, in one process without HTTP: reading, placing,
//! folding natively and in the sandbox, scoring, writing down; all of it as the core does it; and what a hot timeline
//! takes in memory. Takes the generator's traffic in order; prints a table; checks that native and sandboxed folds
//! give the same bits. Run:
//! `cargo xtask plugins && cargo run --release -p card-bench`.

#![expect(clippy::print_stdout, reason = "a bench prints its table")]

/// What a step costs.
mod figure;

/// The events.
mod traffic;

/// The folds.
mod lane;

/// The steps around them.
mod steps;

/// A plugin that does nothing.
mod idle;

/// The pipeline as the node runs it.
mod whole;

/// Guests for the sandbox's tests, of which one is the plugin that does nothing.
#[allow(
    clippy::unwrap_used,
    reason = "a guest that does not compile is a defect"
)]
#[path = "../../../../host/plugin/tests/plugin/guests.rs"]
mod guests;

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use clap::Parser;
use customer_spending::Customer;
use foreshore_event::{Event, Schema};
use foreshore_guest::features::{Features, fold};
use foreshore_plugin::{
    Compiler, Engine, EngineSettings, FeatureBinding, FeaturePlugin, Limits, NativeFolder,
    SandboxSettings,
};
use mimalloc::MiMalloc;
use terminal_risk::Terminal;

use crate::figure::Figures;
use crate::lane::{Lane, Measured};
use crate::whole::Whole;

/// The node's allocator.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Calls of a plugin that does the same each time.
const CALLS: usize = 20_000;

/// Time of one call.
const CALL_TIME: Duration = Duration::from_secs(10);

/// States of a plugin that does nothing: of a short history, a usual one, a long one.
const IDLE_STATES: [usize; 3] = [256, 2_048, 8_192];

#[derive(Parser)]
#[command(about = "What the example's pipeline costs per event, step by step")]
struct CommandLine {
    /// Rounds of each step, interleaved; the median is shown
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// No more than so many events, and calls of a plugin
    #[arg(long, default_value_t = usize::MAX)]
    events: usize,
    /// A line of JSON for each step, for programs
    #[arg(long)]
    json: bool,
}

fn main() -> anyhow::Result<()> {
    let wish = CommandLine::parse();
    let schema = card_traffic::schema()?;
    let mut lines = traffic::lines();
    lines.truncate(wish.events);
    let calls = wish.events.min(CALLS);
    let events = traffic::events(&schema, &lines)?;
    let engine = Engine::new(EngineSettings {
        cache: None,
        instances: 16,
        compiler: Compiler::Here,
    })?;
    let model = component("fraud-model")?;
    let log = target().join(format!("bench-log-{}", std::process::id()));
    let mut folds = (
        Folds::<Customer>::new("customer-spending", &engine, &schema, &events)?,
        Folds::<Terminal>::new("terminal-risk", &engine, &schema, &events)?,
    );
    let whole = Whole::new()?;
    let mut figures = Figures::default();
    for _ in 0..wish.rounds {
        steps::read(&mut figures, &schema, &lines)?;
        folds.0.measure(&mut figures)?;
        folds.1.measure(&mut figures)?;
        for bytes in IDLE_STATES {
            idle::call(&mut figures, &engine, bytes, calls)?;
        }
        steps::model(&mut figures, &engine, &model, calls)?;
        whole.measure(&mut figures, &lines)?;
        steps::log(&mut figures, &events, &log)?;
    }
    if wish.json {
        for figure in figures.iter() {
            println!("{}", serde_json::to_string(figure)?);
        }
        return Ok(());
    }
    println!(
        "{} events in order, median of {} interleaved rounds\n",
        events.len(),
        wish.rounds
    );
    println!("| step | ns per event |\n| --- | ---: |");
    for figure in figures.iter() {
        println!("| {} | {:.0} |", figure.step, figure.median());
    }
    println!("\n| plugin | events | timelines | bytes per hot timeline | of it state |");
    println!("| --- | ---: | ---: | ---: | ---: |");
    println!("{}\n{}", folds.0.sizes(), folds.1.sizes());
    Ok(())
}

/// One plugin, folded both ways.
struct Folds<F> {
    name: &'static str,
    plugin: FeaturePlugin,
    binding: FeatureBinding,
    lane: Lane,
    last: Option<Measured>,
    of: std::marker::PhantomData<F>,
}

impl<F: Features> Folds<F> {
    fn new(
        name: &'static str,
        engine: &Engine,
        schema: &Schema,
        events: &[Arc<Event>],
    ) -> anyhow::Result<Folds<F>> {
        let plugin = FeaturePlugin::load(engine, &component(name)?, &Limits::default())?;
        let binding = FeatureBinding::new(plugin.description(), schema)?;
        Ok(Folds {
            name,
            lane: Lane::new(&binding, events),
            plugin,
            binding,
            last: None,
            of: std::marker::PhantomData,
        })
    }

    /// Folds its events natively and in the sandbox; both must give the same.
    fn measure(&mut self, figures: &mut Figures) -> anyhow::Result<()> {
        let call = |state: &[u8], rows: &[u8]| {
            let folded = fold::<F>(state, rows);
            (folded.features, folded.states)
        };
        let width = self.plugin.description().features.len();
        let placed = self.lane.place()?;
        let native = self
            .lane
            .run(&mut NativeFolder::new(self.binding.clone(), width, call))?;
        let mut sandbox = self.plugin.sandbox(self.binding.clone(), settings());
        let wasm = self.lane.run(&mut sandbox)?;
        let at_once = self.lane.run_at_once(&mut sandbox)?;
        ensure!(
            native.digest == wasm.digest,
            "{}: native and wasm differ",
            self.name
        );
        figures.note(&format!("place, {}", self.name), placed);
        figures.note(
            &format!("fold natively, {}", self.name),
            native.nanoseconds - placed,
        );
        figures.note(
            &format!("fold in wasm, {}", self.name),
            wasm.nanoseconds - placed,
        );
        figures.note(
            &format!("fold in wasm, many rows a call, {}", self.name),
            at_once,
        );
        self.last = Some(wasm);
        Ok(())
    }

    /// What its timelines take, as a line of a table.
    fn sizes(&self) -> String {
        let events = self.lane.events();
        let line = self.last.as_ref().map(|last| {
            let each = |bytes: usize| bytes / last.timelines.max(1);
            let (bytes, states) = (each(last.bytes), each(last.state_bytes));
            format!(
                "| {} | {events} | {} | {bytes} | {states} |",
                self.name, last.timelines
            )
        });
        line.unwrap_or_default()
    }
}

/// How plugins are run: no call is repeated, and none is stopped because the machine does something else.
fn settings() -> SandboxSettings {
    SandboxSettings {
        purity_every: 0,
        limits: Limits {
            call_time: CALL_TIME,
            ..Limits::default()
        },
        ..SandboxSettings::default()
    }
}

fn target() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../target"))
}

fn component(name: &str) -> anyhow::Result<Vec<u8>> {
    let file = target().join(format!("plugins/{name}.wasm"));
    let bytes = fs::read(&file);
    bytes.with_context(|| format!("read {}; `cargo xtask plugins` builds it", file.display()))
}
