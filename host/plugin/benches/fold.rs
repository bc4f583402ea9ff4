//! What a call costs through the whole sandbox: encoding, limits, the guest, checking. Prints a table. The
//! guest counts and sums; its own time is part of the figures. Run: `cargo bench -p foreshore-plugin --bench fold`.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints its table and has nobody to report a failure to"
)]

#[path = "../tests/plugin/guests.rs"]
mod guests;

use std::hint::black_box;
use std::time::{Duration, Instant};

use foreshore_event::{Event, Field, Kind, Schema, Unknown, decode, validate};
use foreshore_plugin::{
    Compiler, Engine, EngineSettings, FeatureBinding, FeaturePlugin, FeatureSandbox, Isolation,
    Limits, ModelPlugin, SandboxSettings,
};
use foreshore_timeline::{Flags, Folder, Row};

/// Measurements of each case, of which the median is shown.
const ROUNDS: usize = 41;

/// Calls of one measurement.
const CALLS: u32 = 2_000;

fn main() {
    let settings = EngineSettings {
        cache: None,
        instances: 8,
        compiler: Compiler::Here,
    };
    let engine = Engine::new(settings).unwrap();
    println!("| call | ns per call |");
    println!("| --- | ---: |");
    for rows in [1, 16, 256] {
        let fold = folding(&engine, Isolation::Warm, rows);
        show(&format!("fold {rows} rows, one emitted and marked"), fold);
    }
    let fold = folding(&engine, Isolation::PerCall, 1);
    show("fold 1 row on an instance of its own", fold);
    show("score 1 row of 2 inputs", scoring(&engine));
}

fn show(name: &str, mut call: impl FnMut()) {
    let mut rounds: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            (0..CALLS).for_each(|_| call());
            start.elapsed().as_nanos() as f64 / f64::from(CALLS)
        })
        .collect();
    rounds.sort_by(f64::total_cmp);
    println!("| {name} | {:.0} |", rounds[ROUNDS / 2]);
}

fn schema() -> Schema {
    let mut amount = Field::new("amount", Kind::Number);
    amount.unit = Some("EUR".into());
    let fields = vec![amount, Field::new("card", Kind::Text)];
    Schema::new(vec!["paid".into()], fields, Unknown::Reject).unwrap()
}

fn event(schema: &Schema) -> Event {
    let json = br#"{"id":"1","source":"till","type":"paid","time":"2026-03-01T12:00:00Z",
        "data":{"amount":12.5,"card":"4929 1234 5678"}}"#;
    validate(schema, decode(schema, json).unwrap()).unwrap()
}

/// The default settings, but for time: a machine busy with other things must not end the bench.
fn patient() -> SandboxSettings {
    SandboxSettings {
        limits: Limits {
            call_time: Duration::from_secs(60),
            ..Limits::default()
        },
        ..SandboxSettings::default()
    }
}

fn folding(engine: &Engine, isolation: Isolation, rows: usize) -> impl FnMut() {
    let bytes = guests::features(&guests::counter(""));
    let plugin = FeaturePlugin::load(engine, &bytes, &Limits::default()).unwrap();
    let schema = schema();
    let binding = FeatureBinding::new(plugin.description(), &schema).unwrap();
    let settings = SandboxSettings {
        isolation,
        ..patient()
    };
    let mut sandbox: FeatureSandbox = plugin.sandbox(binding, settings);
    let event = event(&schema);
    move || {
        let row = |last| Row {
            event: Some(&event),
            time: event.time(),
            flags: Flags {
                apply: true,
                emit: last,
                mark: last,
            },
        };
        let rows: Vec<Row<'_>> = (1..=rows).map(|nth| row(nth == rows)).collect();
        black_box(sandbox.fold(&[0; 16], &rows).unwrap());
    }
}

fn scoring(engine: &Engine) -> impl FnMut() {
    let score = r#"
      (f64.store (i32.const 2048) (f64.load (local.get $inputs)))
      (f64.store (i32.const 2056) (f64.load offset=8 (local.get $inputs)))
      (call $answer (i32.const 2048) (i32.const 2) (i32.const 0) (i32.const 0))"#;
    let bytes = guests::model(score);
    let plugin = ModelPlugin::load(engine, &bytes, &Limits::default()).unwrap();
    let mut model = plugin.sandbox(patient());
    move || {
        black_box(model.score(&[0.25, 0.5]).unwrap());
    }
}
