//! Guests that want more memory and tables than there are: G6 to G8.

use crate::beside;
use crate::beside::Comes;
use crate::guests::{counter, feature_module, features, features_of};

/// What a guest that wanted too much is told.
const DENIED: Comes = Comes::Timeout("bytes of memory, more than its limit");

/// Writes to every page there is.
const TOUCH: &str = "(local.set $at (i32.const 0))
    (loop $touch
      (i32.store (i32.add (local.get $at) (i32.const 65532)) (i32.const -1))
      (local.set $at (i32.add (local.get $at) (i32.const 65536)))
      (br_if $touch (i32.lt_u (local.get $at) (i32.mul (memory.size) (i32.const 65536)))))";

/// Grows until it gets no more.
const GROW: &str = "(loop $grow
    (br_if $grow (i32.ge_s (memory.grow (i32.const 16)) (i32.const 0))))";

#[test]
fn growing_without_end_stops_at_the_limit_of_memory() {
    beside(
        "growing_without_end_stops_at_the_limit_of_memory",
        |beside| {
            // Whether it touches what it got or not, and gives up or goes on as if nothing were.
            beside.comes_to(&features(&format!("{GROW} unreachable")), DENIED);
            let touched = format!("(local $at i32) {GROW} {TOUCH} unreachable");
            beside.comes_to(&features(&touched), DENIED);
            let modest = counter(&format!("(local.set $left (local.get $left)) {GROW}"));
            beside.comes_to(&features(&modest), Comes::Nothing);
            let at_once = "(if (i32.ge_s (memory.grow (i32.const 65532)) (i32.const 0))
            (then (loop $l (br $l)))) unreachable";
            beside.comes_to(&features(at_once), DENIED);
        },
    );
}

#[test]
fn a_table_that_grows_without_end_stops_at_what_a_slot_has() {
    beside(
        "a_table_that_grows_without_end_stops_at_what_a_slot_has",
        |beside| {
            let fold = format!(
                "{}) (table $t 1 funcref) (func $bomb
              (loop $grow (br_if $grow
                (i32.ge_s (table.grow $t (ref.null func) (i32.const 1)) (i32.const 0))))
              (if (i32.ne (table.size $t) (i32.const 20000)) (then unreachable))",
                counter("(call $bomb)")
            );
            beside.comes_to(&features(&fold), Comes::Nothing);
        },
    );
}

#[test]
fn memories_and_tables_declared_larger_than_any_slot_are_refused() {
    beside(
        "memories_and_tables_declared_larger_than_any_slot_are_refused",
        |beside| {
            let module = feature_module(&counter(""));
            let memory = r#"(memory (export "memory") 4)"#;
            assert!(module.contains(memory));
            // No slot has so much; a slot has, and this pipeline's limit has not.
            for (pages, words) in [
                (65_536, "compile the component: "),
                (4_097, "compile the component: "),
                (1_025, "more than its limit"),
            ] {
                let larger =
                    module.replace(memory, &format!(r#"(memory (export "memory") {pages})"#));
                let refusal = beside.refusal(&features_of(&larger));
                assert!(refusal.contains(words), "{pages} pages: {refusal}");
            }
            for (tables, words) in [
                ("(table 4294967295 funcref)", "compile the component: "),
                ("(table 20001 funcref)", "compile the component: "),
                (
                    "(table 1 funcref) (table 1 funcref) (table 1 funcref) (table 1 funcref) (table 1 funcref)",
                    "compile the component: ",
                ),
                ("(memory 1)", "multiple memories"),
            ] {
                let fold = format!("{}) {tables} (func", counter(""));
                let refusal = beside.refusal(&features(&fold));
                assert!(refusal.contains(words), "{tables}: {refusal}");
            }
        },
    );
}
