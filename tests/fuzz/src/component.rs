//! Plugin files: form, contract, description, a fold. Whatever the file, it is refused or is a plugin of one
//! world; what a plugin then says and does comes to an answer or a fault, and the next plugin is answered.

use std::cell::LazyCell;
use std::time::Duration;

use foreshore_event::{Event, Schema, Unknown, decode, validate};
use foreshore_plugin::{
    Compiler, Engine, EngineSettings, FeatureBinding, FeaturePlugin, Limits, LoadError,
    ModelPlugin, SandboxSettings, World, inspect,
};
use foreshore_timeline::{Flags, Folder, Row};

use crate::cards::schema;
use crate::memory::within;

/// Memory a look at a file may take beside a multiple of its length: for as many entries as a section says it
/// has, up to limits of its own (a million types), the parser makes room before it reads them.
const LOOK_BYTES_MAX: usize = 64 << 20;

/// What may be said of a plugin that is refused.
const TOLD_BYTES_MAX: usize = 32 << 10;

thread_local! {
    static ENGINE: LazyCell<Engine> = LazyCell::new(|| {
        Engine::new(EngineSettings { cache: None, instances: 4, compiler: Compiler::Here }).unwrap()
    });
}

/// Loads a file as whatever plugin it is, and calls it.
pub fn run(bytes: &[u8]) {
    let world = within(LOOK_BYTES_MAX + 500 * bytes.len(), || inspect(bytes));
    ENGINE.with(|engine| match world {
        Ok(World::Feature) => features(engine, bytes),
        Ok(World::Model) => model(engine, bytes),
        Err(mismatch) => {
            let told = mismatch.to_string();
            assert!(told.len() < 4_000 + bytes.len(), "{told}");
            let refused = FeaturePlugin::load(engine, bytes, &limits());
            assert!(matches!(refused, Err(LoadError::Refused(_))), "{told}");
        }
    });
}

/// A guest that loops costs milliseconds here, so that the fuzzer goes on.
fn limits() -> Limits {
    Limits {
        memory_bytes: 4 << 20,
        call_time: Duration::from_millis(2),
        state_bytes: 256,
        component_bytes: 1 << 20,
        ..Limits::default()
    }
}

fn settings() -> SandboxSettings {
    SandboxSettings {
        limits: limits(),
        purity_every: 2,
        ..SandboxSettings::default()
    }
}

fn features(engine: &Engine, bytes: &[u8]) {
    let plugin = match FeaturePlugin::load(engine, bytes, &limits()) {
        Ok(plugin) => plugin,
        Err(error) => return is_short(&error),
    };
    let description = plugin.description();
    assert!(!description.key.is_empty() && !description.features.is_empty());
    let schema = schema(Unknown::Keep);
    let binding = match FeatureBinding::new(description, &schema) {
        Ok(binding) => binding,
        Err(error) => {
            assert!(!error.mismatches.is_empty());
            return assert!(error.to_string().len() < TOLD_BYTES_MAX);
        }
    };
    let event = paid(&schema);
    let flags = Flags {
        apply: true,
        emit: true,
        mark: true,
    };
    let row = Row {
        event: Some(&event),
        time: event.time(),
        flags,
    };
    let mut sandbox = plugin.sandbox(binding, settings());
    for state in [&b""[..], &[0; 16]] {
        if let Ok(folded) = sandbox.fold(state, &[row, row]) {
            assert_eq!(folded.features.len(), 2 * description.features.len());
            assert!(folded.features.iter().all(|number| !number.is_infinite()));
            assert_eq!(folded.states.len(), 2);
            assert!(folded.states.iter().all(|state| state.len() <= 256));
        }
    }
}

fn model(engine: &Engine, bytes: &[u8]) {
    let plugin = match ModelPlugin::load(engine, bytes, &limits()) {
        Ok(plugin) => plugin,
        Err(error) => return is_short(&error),
    };
    let (inputs, reasons) = {
        let description = plugin.description();
        (description.inputs.len(), description.reasons.len())
    };
    let mut sandbox = plugin.sandbox(settings());
    for input in [0.5, f64::NAN] {
        if let Ok(scores) = sandbox.score(&vec![input; 2 * inputs]) {
            assert_eq!(scores.len(), 2 * (1 + reasons));
            assert!(scores.iter().all(|number| number.is_finite()));
        }
    }
}

/// A file cannot fill a log with what is said of it.
fn is_short(error: &LoadError) {
    let told = error.to_string();
    assert!(told.len() < TOLD_BYTES_MAX, "{} bytes said", told.len());
}

fn paid(schema: &Schema) -> Event {
    let json = br#"{"id":"1","source":"till","type":"paid","time":"2026-03-01T12:00:00Z",
        "data":{"card":"c1","amount":12.5,"online":true}}"#;
    validate(schema, decode(schema, json).unwrap()).unwrap()
}
