//! Guests that trap: every kind of trap, in every function a host calls, now and then, half-way: G11 to G13.

use crate::beside;
use crate::beside::Comes;
use crate::guests::{counter, feature_module, features, features_of};
use crate::time::after_returning;

/// What a trap is told as, and code for it. `$t`: a table of a null and a function of another type.
const TRAPS: [(&str, &str); 10] = [
    ("wasm `unreachable` instruction executed", "unreachable"),
    (
        "integer divide by zero",
        "(drop (i32.rem_s (i32.const 1) (i32.const 0)))",
    ),
    (
        "integer overflow",
        "(drop (i64.div_s (i64.const -9223372036854775808) (i64.const -1)))",
    ),
    (
        "invalid conversion to integer",
        "(drop (i32.trunc_f64_s (f64.const nan)))",
    ),
    (
        "out of bounds memory access",
        "(i32.store (i32.const -1) (i32.const 0))",
    ),
    (
        "out of bounds memory access in fold",
        "(memory.fill (i32.const 1) (i32.const 0) (i32.shl (memory.size) (i32.const 16)))",
    ),
    (
        "undefined element: out of bounds table access",
        "(call_indirect $t (i32.const 9))",
    ),
    ("uninitialized element", "(call_indirect $t (i32.const 0))"),
    (
        "indirect call type mismatch",
        "(call_indirect $t (i32.const 1))",
    ),
    (
        "out of bounds table access",
        "(table.set $t (i32.const 3) (ref.null func))",
    ),
];

/// What `TRAPS` need.
const TABLE: &str = "(table $t 3 funcref) (elem (table $t) (i32.const 1) func $other)
    (func $other (param i64))";

#[test]
fn every_kind_of_trap_is_told_as_what_it_is() {
    beside("every_kind_of_trap_is_told_as_what_it_is", |beside| {
        for (told, code) in TRAPS {
            let guest = features(&format!("{code} unreachable) {TABLE} (func"));
            beside.comes_to(&guest, Comes::Trap(told));
        }
    });
}

#[test]
fn a_trap_in_any_function_that_the_host_calls_is_told() {
    beside(
        "a_trap_in_any_function_that_the_host_calls_is_told",
        |beside| {
            let trap = Comes::Trap("`unreachable` instruction executed");
            let module = feature_module(&counter(""));
            let allocating = module.replacen("(local $at i32)\n", "(local $at i32) unreachable", 1);
            beside.comes_to(&features_of(&allocating), trap);
            beside.comes_to(&after_returning("unreachable"), trap);
            let starting = features(&format!("{}) (start $s) (func $s unreachable", counter("")));
            let describing = module.replace(
                "#describe\") (result i32)",
                "#describe\") (result i32) unreachable",
            );
            assert_ne!(module, describing);
            for guest in [starting, features_of(&describing)] {
                let refusal = beside.refusal(&guest);
                let words = "call `describe`: trap: wasm `unreachable` instruction executed in ";
                assert!(refusal.starts_with(words), "{refusal}");
            }
        },
    );
}

#[test]
fn a_guest_that_traps_now_and_then_answers_in_between() {
    beside(
        "a_guest_that_traps_now_and_then_answers_in_between",
        |beside| {
            // Every third call of an instance; each trap costs it the instance.
            let third =
                "(i32.store (i32.const 640) (i32.add (i32.load (i32.const 640)) (i32.const 1)))
            (if (i32.eq (i32.load (i32.const 640)) (i32.const 3)) (then unreachable))";
            let mut evil = beside.evil(&features(&counter(third)));
            for n in 1..=30 {
                let answer = beside.fold(&mut evil, &[]);
                match n % 3 {
                    0 => assert!(answer.is_err(), "call {n}"),
                    _ => assert_eq!(answer.unwrap().features, [1.0, 10.0], "call {n}"),
                }
            }
            let counters = evil.counters();
            // A call may be repeated on an instance of its own, whichever chance picks.
            let instances = counters.instantiations - counters.purity_checks;
            assert_eq!((counters.traps, instances), (10, 10));
        },
    );
}

#[test]
fn a_trap_after_half_a_state_was_written_leaves_the_state_that_was() {
    beside(
        "a_trap_after_half_a_state_was_written_leaves_the_state_that_was",
        |beside| {
            // Scribbles over the state it was given and the one it gives, then traps once the sum is large.
            let torn = "(i64.store (local.get $states) (i64.const -1))
            (if (local.get $state_bytes) (then (i64.store (local.get $state) (i64.const -1))))
            (if (f64.gt (local.get $spent) (f64.const 15)) (then unreachable))";
            let mut evil = beside.evil(&features(&counter(torn)));
            let state = beside.fold(&mut evil, &[]).unwrap().states[0].to_vec();
            let before = state.clone();
            assert!(beside.fold(&mut evil, &state).is_err());
            assert_eq!(state, before);
            assert_eq!(
                beside.fold(&mut evil, &[]).unwrap().states[0].to_vec(),
                before
            );
        },
    );
}
