//! The life of an instance: kept, renewed, repeated on a fresh one, refused when there is no room. Must
//! not know what is computed in it.

use foreshore_plugin::{
    Compiler, Engine, EngineSettings, FeatureBinding, FeaturePlugin, FeatureSandbox, Isolation,
    Limits, ModelPlugin, ModelSandbox, SandboxSettings,
};
use foreshore_timeline::Fault;

use crate::{guests, once, patient, sandbox_with, schema};

/// A counter that also counts its own calls, which no pure plugin can.
fn impure() -> String {
    guests::counter(
        "(i32.store (i32.const 640) (i32.add (i32.load (i32.const 640)) (i32.const 1)))
         (local.set $count (f64.convert_i32_u (i32.load (i32.const 640))))",
    )
}

fn settings(isolation: Isolation, purity_every: u64) -> SandboxSettings {
    SandboxSettings {
        isolation,
        purity_every,
        ..patient()
    }
}

#[test]
fn a_plugin_that_keeps_something_between_calls_is_found_out() {
    let mut sandbox = sandbox_with(&impure(), settings(Isolation::Warm, 3));
    // The first call of an instance has nothing to remember; a later one is repeated within twice three calls.
    let answers: Vec<_> = (0..6).map(|_| once(&mut sandbox)).collect();
    let calls = 1 + answers.iter().position(Result::is_err).unwrap();
    let expected = format!(
        "the same call on a fresh instance gave something else: number 0 of its features {calls} and 1"
    );
    assert_eq!(answers[calls - 1], Err(Fault::Impure(expected)));
}

#[test]
fn a_pure_plugin_passes_every_check_and_keeps_its_instance() {
    let mut sandbox = sandbox_with(&guests::counter(""), settings(Isolation::Warm, 1));
    for _ in 0..10 {
        once(&mut sandbox).unwrap();
    }
    let counters = sandbox.counters();
    assert_eq!((counters.purity_checks, counters.impure), (10, 0));
    assert_eq!(counters.instantiations, 11);
}

#[test]
fn with_an_instance_per_call_nothing_reaches_the_next_call() {
    let mut sandbox = sandbox_with(&impure(), settings(Isolation::PerCall, 1));
    for _ in 0..5 {
        assert_eq!(once(&mut sandbox).unwrap().features[0], 1.0);
    }
    let counters = sandbox.counters();
    assert_eq!((counters.instantiations, counters.purity_checks), (5, 0));
}

#[test]
fn when_every_instance_slot_is_taken_the_plugin_is_not_blamed() {
    let engine = Engine::new(EngineSettings {
        cache: None,
        instances: 1,
        compiler: Compiler::Here,
    })
    .unwrap();
    let bytes = guests::features(&guests::counter(""));
    let plugin = FeaturePlugin::load(&engine, &bytes, &Limits::default()).unwrap();
    let binding = FeatureBinding::new(plugin.description(), &schema()).unwrap();
    let mut first = plugin.sandbox(binding.clone(), patient());
    let mut second = plugin.sandbox(binding.clone(), patient());
    // One more has the slot that one which failed would have, while it is dropped.
    let mut between = plugin.sandbox(binding, patient());
    once(&mut first).unwrap();
    once(&mut between).unwrap();
    let expected = Fault::Open("every instance slot of the engine is taken".into());
    assert_eq!(once(&mut second), Err(expected));
    drop(first);
    once(&mut second).unwrap();
}

#[test]
fn engines_and_plugins_are_shared_between_threads_and_sandboxes_move_to_one() {
    fn shared<T: Clone + Send + Sync>() {}
    fn owned<T: Send>() {}
    shared::<Engine>();
    shared::<FeaturePlugin>();
    shared::<ModelPlugin>();
    owned::<FeatureSandbox>();
    owned::<ModelSandbox>();
}
