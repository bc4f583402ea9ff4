//! What folding the example's plugins costs per in-order event, natively and in the sandbox, and what a hot
//! timeline takes in memory. Takes the generator's traffic in order; prints a table; checks that both give
//! the same bits. Run: `cargo xtask plugins && cargo run --release -p card-bench`.

#![expect(clippy::print_stdout, reason = "a bench prints its table")]

mod lane;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use card_traffic::{Settings, Traffic};
use customer_spending::Customer;
use foreshore_event::{Event, Field, Kind, Schema, Unknown, decode, validate};
use foreshore_guest::features::{Features, fold};
use foreshore_plugin::{
    Engine, EngineSettings, FeatureBinding, FeaturePlugin, Limits, NativeFolder, SandboxSettings,
};
use terminal_risk::Terminal;

use crate::lane::{Lane, Measured};

/// Rounds of each arm, interleaved; the median is shown.
const ROUNDS: usize = 5;

fn main() -> anyhow::Result<()> {
    let schema = schema()?;
    let events = events(&schema)?;
    let engine = Engine::new(EngineSettings {
        cache: None,
        instances: 4,
    })?;
    println!(
        "{} events in order, median of {ROUNDS} interleaved rounds\n",
        events.len()
    );
    println!(
        "| plugin | events | native, ns/event | wasm, ns/event | ratio | timelines | bytes per hot timeline | of it state |"
    );
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    compare::<Customer>("customer-spending", &engine, &schema, &events)?;
    compare::<Terminal>("terminal-risk", &engine, &schema, &events)
}

/// Folds the events with one plugin both ways, in turn, and prints its line.
fn compare<F: Features>(
    name: &str,
    engine: &Engine,
    schema: &Schema,
    events: &[Arc<Event>],
) -> anyhow::Result<()> {
    let file =
        Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../../target/plugins/{name}.wasm"));
    let bytes = fs::read(&file)
        .with_context(|| format!("read {}; `cargo xtask plugins` builds it", file.display()))?;
    let plugin = FeaturePlugin::load(engine, &bytes, &Limits::default())?;
    let binding = FeatureBinding::new(plugin.description(), schema)?;
    let width = plugin.description().features.len();
    let lane = Lane::new(&binding, events);
    let (mut native, mut wasm): (Vec<Measured>, Vec<Measured>) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let call = |state: &[u8], rows: &[u8]| {
            let folded = fold::<F>(state, rows);
            (folded.features, folded.states)
        };
        native.push(lane.run(&mut NativeFolder::new(binding.clone(), width, call))?);
        let settings = SandboxSettings {
            purity_every: 0,
            ..SandboxSettings::default()
        };
        wasm.push(lane.run(&mut plugin.sandbox(binding.clone(), settings))?);
    }
    let digests = native.iter().chain(&wasm).map(|measured| measured.digest);
    ensure!(
        digests.collect::<hashbrown::HashSet<_>>().len() == 1,
        "native and wasm differ"
    );
    let (native, wasm) = (median(native)?, median(wasm)?);
    println!(
        "| {name} | {} | {:.0} | {:.0} | {:.2} | {} | {} | {} |",
        lane.events(),
        native.nanoseconds,
        wasm.nanoseconds,
        wasm.nanoseconds / native.nanoseconds,
        wasm.timelines,
        wasm.bytes / wasm.timelines.max(1),
        wasm.state_bytes / wasm.timelines.max(1),
    );
    Ok(())
}

fn median(mut measured: Vec<Measured>) -> anyhow::Result<Measured> {
    measured.sort_by(|a, b| a.nanoseconds.total_cmp(&b.nanoseconds));
    let middle = measured.len() / 2;
    measured.into_iter().nth(middle).context("no rounds")
}

/// The fields of the example's pipeline.
fn schema() -> anyhow::Result<Schema> {
    let amount = Field {
        unit: Some("EUR".into()),
        ..Field::new("amount", Kind::Number)
    };
    let mut fields = vec![amount];
    fields.extend(
        ["customer", "terminal", "payment", "country"].map(|name| Field::new(name, Kind::Text)),
    );
    fields.extend(["online", "fraud"].map(|name| Field::new(name, Kind::Boolean)));
    let types = ["payment.attempted", "payment.completed", "fraud.reported"].map(String::from);
    Ok(Schema::new(types.into(), fields, Unknown::Reject)?)
}

/// Four weeks of traffic in order.
fn events(schema: &Schema) -> anyhow::Result<Vec<Arc<Event>>> {
    let traffic = Traffic::generate(&Settings::demo());
    let decoded = traffic.sorted().into_iter().map(|event| {
        let json = event.to_string();
        Ok(Arc::new(validate(
            schema,
            decode(schema, json.as_bytes())?,
        )?))
    });
    decoded.collect()
}
