//! Guests that keep something between calls, on purpose: a global, memory left over from the call before, and one
//! that does so on every second call only. Sampling finds each of them.

use std::time::Duration;

use foreshore_event::{Event, Field, Kind, Schema, Unknown, decode, validate};
use foreshore_plugin::{FeatureBinding, FeaturePlugin, Limits, SandboxSettings};
use foreshore_timeline::{Fault, Flags, Folder, Row};

use crate::{engine, guests, proof};

/// As a node has it, if nothing else is said.
const EVERY: u64 = 1_000;

/// Counts its calls in a mutable global.
fn global() -> String {
    let fold = guests::counter(
        "(global.set $calls (i32.add (global.get $calls) (i32.const 1)))
         (local.set $count (f64.convert_i32_u (global.get $calls)))",
    );
    // The text of `fold` ends its function, so that what follows stands in the module.
    format!("{fold}) (global $calls (mut i32) (i32.const 0)) (func")
}

/// Adds what its output buffer holds before it has written there: what the call before has left.
fn uninitialised() -> String {
    guests::counter("(local.set $count (f64.add (local.get $count) (f64.load (local.get $out))))")
}

/// Counts its calls in memory, and lies on every second one.
fn every_second() -> String {
    guests::counter(
        "(i32.store (i32.const 640) (i32.add (i32.load (i32.const 640)) (i32.const 1)))
         (if (i32.and (i32.gt_u (i32.load (i32.const 640)) (i32.const 1))
                      (i32.and (i32.load (i32.const 640)) (i32.const 1)))
           (then (local.set $count (f64.const 7))))",
    )
}

fn schema() -> Schema {
    let amount = Field {
        unit: Some("EUR".into()),
        ..Field::new("amount", Kind::Number)
    };
    let fields = vec![amount, Field::new("card", Kind::Text)];
    Schema::new(vec!["paid".into()], fields, Unknown::Reject).unwrap()
}

fn event(schema: &Schema) -> Event {
    let json = br#"{"id":"1","source":"till","type":"paid","time":"2026-03-01T12:00:00Z",
        "data":{"amount":12.5,"card":"c1"}}"#;
    validate(schema, decode(schema, json).unwrap()).unwrap()
}

/// Calls such a guest until it is found out; so often in a row, each time in a sandbox of its own.
fn found_out(name: &str, fold: &str, calls_max: u64) {
    let (mut proof, schema) = (proof(name), schema());
    let plugin =
        FeaturePlugin::load(&engine(), &guests::features(fold), &Limits::default()).unwrap();
    let binding = FeatureBinding::new(plugin.description(), &schema).unwrap();
    let event = event(&schema);
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
    let settings = SandboxSettings {
        limits: Limits {
            call_time: Duration::from_secs(60),
            ..Limits::default()
        },
        purity_every: EVERY,
        ..SandboxSettings::default()
    };
    proof.seeds(10, |proof, _| {
        let mut sandbox = plugin.sandbox(binding.clone(), settings.clone());
        let calls = (1..=calls_max).find(|_| match sandbox.fold(&[], &[row]) {
            Ok(_) => false,
            Err(Fault::Impure(_)) => true,
            Err(other) => panic!("{other}"),
        });
        let calls = calls.unwrap_or_else(|| panic!("not found out within {calls_max} calls"));
        proof.most(&format!("most calls, with one in {EVERY} repeated"), calls);
    });
}

#[test]
fn a_plugin_that_keeps_a_global_is_found_out() {
    let name = "a_plugin_that_keeps_a_global_is_found_out";
    found_out(name, &global(), 2 * EVERY);
}

#[test]
fn a_plugin_that_reads_memory_it_never_wrote_is_found_out() {
    let name = "a_plugin_that_reads_memory_it_never_wrote_is_found_out";
    found_out(name, &uninitialised(), 2 * EVERY);
}

#[test]
fn a_plugin_that_lies_on_every_second_call_is_found_out() {
    // Every repeated call finds it with a chance of one half: it gets away with a chance of one in 2^40.
    let name = "a_plugin_that_lies_on_every_second_call_is_found_out";
    found_out(name, &every_second(), 40 * 2 * EVERY);
}
