//! Guests that want too much: time, memory, bytes. Checks that the host answers and says which limit it
//! was. Must not know what a right answer is.

use std::time::{Duration, Instant};

use foreshore_plugin::{Limits, ModelPlugin, SandboxSettings};
use foreshore_timeline::{Fault, Folder};

use crate::{engine, fault, fault_in, guests, once, paid, row, sandbox, sandbox_with};

#[test]
fn two_hundred_and_fifty_six_states_of_the_default_size_fit_one_call() {
    let states = r#"(local $at i32) (local $n i32)
    (local.set $at (call $cabi_realloc (i32.const 0) (i32.const 0) (i32.const 8)
      (i32.mul (i32.const 256) (i32.const 65540))))
    (loop $next
      (i32.store (i32.add (local.get $at) (i32.mul (local.get $n) (i32.const 65540)))
        (i32.const 65536))
      (br_if $next (i32.lt_u
        (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 256))))
    (call $answer (i32.const 0) (i32.const 0)
      (local.get $at) (i32.mul (i32.const 256) (i32.const 65540)))"#;
    let mut sandbox = sandbox(states);
    let event = paid(1.0);
    let rows = vec![row(&event, "am"); 256];
    let folded = sandbox.fold(&[1; 65536], &rows).unwrap();
    assert_eq!(folded.states.len(), 256);
    assert!(folded.states.iter().all(|state| state.len() == 65536));
}

#[test]
fn a_loop_is_stopped_by_the_calls_limit() {
    let looping = "(loop $l (br $l)) unreachable";
    let sandbox = sandbox_with(looping, SandboxSettings::default());
    let expected = Fault::Timeout("ran over the call's limit of 20.02ms".into());
    assert_eq!(fault_in(sandbox), expected);
}

#[test]
fn a_loop_is_stopped_by_the_requests_deadline_where_that_is_nearer() {
    let mut sandbox = sandbox("(loop $l (br $l)) unreachable");
    // Far enough away for a busy machine to begin with the call before it.
    sandbox.set_deadline(Some(Instant::now() + Duration::from_secs(1)));
    let Err(Fault::Timeout(reason)) = once(&mut sandbox) else {
        panic!("not stopped");
    };
    assert!(
        reason.starts_with("ran over what was left of the request's time"),
        "{reason}"
    );
    // Now it is over: answered without a call.
    let made = sandbox.counters().instantiations;
    let over = Fault::Timeout("the request's deadline is over".into());
    assert_eq!(once(&mut sandbox), Err(over));
    assert_eq!(sandbox.counters().instantiations, made);
    assert_eq!(sandbox.counters().timeouts, 2);
}

#[test]
fn a_loop_while_allocating_or_after_returning_is_stopped_too() {
    let wit = guests::contract();
    let good = "foreshore:plugin/model@0.1.0#score";
    let inputs = r#"(memory (export "memory") 1) (data (i32.const 8) "\18\00\00\00\01\00\00\00")
        (data (i32.const 24) "\20\00\00\00\01\00\00\00a")
        (func (export "foreshore:plugin/model@0.1.0#describe") (result i32) (i32.const 8))"#;
    let looping = "(loop $l (br $l)) unreachable";
    let allocating = format!(
        r#"(module {inputs}
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) {looping})
        (func (export "{good}") (param i32 i32) (result i32) (i32.const 64)))"#
    );
    let after = format!(
        r#"(module {inputs}
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 64))
        (func (export "{good}") (param i32 i32) (result i32)
            (i32.store (i32.const 512) (i32.const 64))
            (i32.store (i32.const 516) (i32.const 1))
            (i32.const 512))
        (func (export "cabi_post_{good}") (param i32) {looping}))"#
    );
    for module in [allocating, after] {
        let bytes = guests::component(&wit, "model-plugin", &module);
        let plugin = ModelPlugin::load(&engine(), &bytes, &Limits::default()).unwrap();
        let mut model = plugin.sandbox(SandboxSettings::default());
        let fault = model.score(&[0.5]).unwrap_err();
        assert!(matches!(fault, Fault::Timeout(_)), "{fault}");
    }
}

#[test]
fn a_guest_that_wants_more_memory_than_its_limit_is_not_said_to_trap() {
    let bomb =
        "(loop $l (br_if $l (i32.ge_s (memory.grow (i32.const 64)) (i32.const 0)))) unreachable";
    let fault = fault(bomb);
    // 4 pages and fifteen times 64 fit 64 MiB; the next 64 do not.
    let expected = "asked for 67371008 bytes of memory, more than its limit";
    assert_eq!(fault, Fault::Timeout(expected.into()));
}

#[test]
fn a_refused_growth_that_the_guest_survives_does_not_colour_a_later_trap() {
    let only_trap = r#"(if (local.get $state_bytes) (then unreachable))
        (drop (memory.grow (i32.const 60000)))
        (call $answer (i32.const 2048) (i32.const 2) (i32.const 2048) (i32.const 4))"#;
    let mut sandbox = sandbox(only_trap);
    once(&mut sandbox).unwrap();
    let event = paid(1.0);
    let fault = sandbox.fold(&[1], &[row(&event, "aem")]).unwrap_err();
    assert!(matches!(fault, Fault::Trap(_)), "{fault}");
}
