//! The sandbox against good and bad guests. Gives its cases an engine, a pipeline's events and sandboxes;
//! must not know what a case checks.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failed test is the message, in its helpers too"
)]

mod bounds;
mod cache;
mod calls;
mod guests;
mod instances;
mod load;
mod model;

use std::time::Duration;

use foreshore_event::{Event, Field, Kind, Schema, Unknown, decode, validate};
use foreshore_plugin::{
    Compiler, Engine, EngineSettings, FeatureBinding, FeaturePlugin, FeatureSandbox, Limits,
    SandboxSettings,
};
use foreshore_timeline::{Fault, Flags, Folded, Folder, Row};

fn engine() -> Engine {
    Engine::new(EngineSettings {
        cache: None,
        instances: 4,
        compiler: Compiler::Here,
    })
    .unwrap()
}

fn schema() -> Schema {
    let mut amount = Field::new("amount", Kind::Number);
    amount.unit = Some("EUR".into());
    let fields = vec![amount, Field::new("card", Kind::Text)];
    Schema::new(
        vec!["refused".into(), "paid".into()],
        fields,
        Unknown::Reject,
    )
    .unwrap()
}

fn paid(amount: f64) -> Event {
    let json = format!(
        r#"{{"id":"1","source":"till","type":"paid","time":"2026-03-01T12:00:00Z","data":{{"amount":{amount},"card":"c1"}}}}"#
    );
    let schema = schema();
    validate(&schema, decode(&schema, json.as_bytes()).unwrap()).unwrap()
}

/// A row of an event: `a`pply, `e`mit, `m`ark.
fn row<'a>(event: &'a Event, flags: &str) -> Row<'a> {
    Row {
        event: Some(event),
        time: event.time(),
        flags: Flags {
            apply: flags.contains('a'),
            emit: flags.contains('e'),
            mark: flags.contains('m'),
        },
    }
}

fn sandbox_with(fold: &str, settings: SandboxSettings) -> FeatureSandbox {
    let plugin = FeaturePlugin::load(&engine(), &guests::features(fold), &settings.limits).unwrap();
    let binding = FeatureBinding::new(plugin.description(), &schema()).unwrap();
    plugin.sandbox(binding, settings)
}

/// Settings under which no busy machine makes an honest guest late.
fn patient() -> SandboxSettings {
    SandboxSettings {
        limits: Limits {
            call_time: Duration::from_secs(60),
            ..Limits::default()
        },
        ..SandboxSettings::default()
    }
}

fn sandbox(fold: &str) -> FeatureSandbox {
    sandbox_with(fold, patient())
}

/// What one row with all flags gives.
fn once(sandbox: &mut FeatureSandbox) -> Result<Folded, Fault> {
    let event = paid(10.0);
    sandbox.fold(&[], &[row(&event, "aem")])
}

/// The fault a guest's `fold` comes to.
fn fault(fold: &str) -> Fault {
    fault_in(sandbox(fold))
}

/// The fault a sandbox's guest comes to.
fn fault_in(mut sandbox: FeatureSandbox) -> Fault {
    let fault = once(&mut sandbox).unwrap_err();
    // Whatever happened, the next call meets a fresh instance and the same fault.
    assert_eq!(once(&mut sandbox).unwrap_err(), fault);
    assert_eq!(sandbox.counters().instantiations, 2);
    fault
}

fn trap(reason: &str) -> Fault {
    Fault::Trap(reason.into())
}
