//! Guests that never end, or nearly: G1 to G5, G9, G40, G42.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use foreshore_timeline::{Fault, Folder};

use crate::beside;
use crate::beside::{Comes, engine, patient, sandbox, strict};
use crate::guests::{counter, feature_module, features, features_of};
use crate::pipeline::{paid, row};

const LOOP: &str = "(loop $l (br $l)) unreachable";

/// What a guest that is stopped is told.
const STOPPED: Comes = Comes::Timeout("ran over the call's limit of 10.02ms");

#[test]
fn a_loop_without_end_is_stopped() {
    beside("a_loop_without_end_is_stopped", |beside| {
        let nested = "(loop $a (loop $b (br_if $b (i32.const 0)) (br $a))) unreachable";
        let counting = "(local $n i64) (loop $l
            (local.set $n (i64.add (local.get $n) (i64.const 1))) (br $l)) unreachable";
        for fold in [LOOP, nested, counting] {
            beside.comes_to(&features(fold), STOPPED);
        }
    });
}

#[test]
fn a_loop_while_starting_keeps_the_plugin_from_being_loaded() {
    beside(
        "a_loop_while_starting_keeps_the_plugin_from_being_loaded",
        |beside| {
            let guest = features(&format!("unreachable) (start $s) (func $s {LOOP}"));
            let refusal = beside.refusal(&guest);
            let words = "call `describe`: timeout: ran over the call's limit of 1s";
            assert!(refusal.starts_with(words), "{refusal}");
        },
    );
}

#[test]
fn starting_and_answering_share_one_deadline() {
    beside("starting_and_answering_share_one_deadline", |beside| {
        // Starts for longer than half a call may take, on any machine, and then loops.
        let started = "(local $n i32) (loop $l (br_if $l (i32.lt_u
            (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 4000000))))";
        let guest = format!("{LOOP}) (start $s) (func $s {started}");
        beside.comes_to(&features(&guest), STOPPED);
    });
}

#[test]
fn a_loop_while_allocating_is_stopped() {
    beside("a_loop_while_allocating_is_stopped", |beside| {
        let module = feature_module(&counter(""));
        let head = "(local $at i32)\n";
        assert!(module.contains(head));
        let module = module.replacen(head, &format!("{head} (loop $l (br $l))"), 1);
        beside.comes_to(&features_of(&module), STOPPED);
    });
}

#[test]
fn a_loop_after_returning_is_stopped() {
    beside("a_loop_after_returning_is_stopped", |beside| {
        let guest = after_returning("(loop $l (br $l))");
        beside.comes_to(&guest, STOPPED);
    });
}

/// An honest counter that does this when its answer has been taken.
pub fn after_returning(what: &str) -> Vec<u8> {
    let module = feature_module(&counter(""));
    let post = "#fold\") (param i32)";
    assert!(module.contains(post));
    features_of(&module.replace(post, &format!("{post} {what}")))
}

#[test]
fn filling_and_copying_all_memory_again_and_again_is_stopped() {
    beside(
        "filling_and_copying_all_memory_again_and_again_is_stopped",
        |beside| {
            let grown = "(drop (memory.grow (i32.const 1020)))";
            let fill = "(memory.fill (i32.const 0) (i32.const 1) (i32.const 67108864))";
            let copy = "(memory.copy (i32.const 1) (i32.const 0) (i32.const 67108863))";
            let down = "(memory.copy (i32.const 0) (i32.const 1) (i32.const 67108863))";
            let init = "(memory.init $d (i32.shl (memory.grow (i32.const 0)) (i32.const 15))
              (i32.const 0) (i32.const 3000000))";
            let table = "(table.fill $t (i32.const 0) (ref.null func) (i32.const 20000))";
            let entries = "(table.copy $t $t (i32.const 0) (i32.const 1) (i32.const 19999))";
            let elements = "(table.init $t $e (i32.const 0) (i32.const 0) (i32.const 20000))";
            let (data, functions) = ("a".repeat(3_000_000), "$z ".repeat(20_000));
            for each in [fill, copy, down, init, table, entries, elements] {
                let fold = format!(
                    "{grown} (loop $l {each} (br $l)) unreachable) (table $t 20000 funcref)
                     (data $d \"{data}\") (elem $e func {functions}) (func $z"
                );
                beside.comes_to(&features(&fold), STOPPED);
            }
        },
    );
}

#[test]
fn recursion_without_end_exhausts_the_guests_own_stack() {
    beside(
        "recursion_without_end_exhausts_the_guests_own_stack",
        |beside| {
            let exhausted = Comes::Trap("call stack exhausted in");
            let direct = "(call $r (i64.const 0)) unreachable) (func $r (param i64)
            (call $r (i64.add (local.get 0) (i64.const 1)))";
            let indirect = "(call $r) unreachable) (table funcref (elem $r)) (type $t (func))
            (func $r (call_indirect (type $t) (i32.const 0))";
            // Frames of half a stack each.
            let locals = "(local i64 i64 i64 i64)".repeat(2_000);
            let fat = format!(
                "(call $r) unreachable) (func $r {locals} (call $r) (local.set 1 (i64.const 1))
             (call $r) (drop (local.get 1))"
            );
            for fold in [direct, indirect, &fat] {
                beside.comes_to(&features(fold), exhausted);
            }
        },
    );
}

#[test]
fn a_guest_full_of_vectors_gives_what_it_computes() {
    beside("a_guest_full_of_vectors_gives_what_it_computes", |beside| {
        let fold = format!("{}) {}", counter("(call $vectors)"), vectors(200));
        beside.comes_to(&features(&fold), Comes::Nothing);
    });
}

/// A function that keeps so many vectors alive at once, more than there are registers, over a call, and traps
/// unless their sum is right.
fn vectors(count: usize) -> String {
    let each = |code: &dyn Fn(usize) -> String| (0..count).map(code).collect::<String>();
    let locals = each(&|n| format!("(local $v{n} v128)"));
    let set = each(&|n| format!("(local.set $v{n} (i64x2.splat (i64.const {n})))"));
    let sum = each(&|n| format!("(local.get $v{n}) i64x2.add "));
    let total = count * (count - 1) / 2;
    format!(
        "(func $nothing) (func $vectors {locals} {set} (call $nothing) v128.const i64x2 0 0 {sum}
         i64x2.extract_lane 1 (i64.const {total}) i64.ne (if (then unreachable))"
    )
}

#[test]
fn a_guest_that_takes_all_the_time_there_is_leaves_its_neighbour_its_answers() {
    beside(
        "a_guest_that_takes_all_the_time_there_is_leaves_its_neighbour_its_answers",
        |_| {
            let engine = engine(6);
            let over = AtomicBool::new(false);
            thread::scope(|scope| {
                scope.spawn(|| {
                    let mut evil = sandbox(&engine, &features(LOOP), strict());
                    let event = paid(1.0);
                    while !over.load(Ordering::Relaxed) {
                        let fault = evil.fold(&[], &[row(&event, "aem")]).unwrap_err();
                        assert!(matches!(fault, Fault::Timeout(_)), "{fault}");
                    }
                });
                let mut honest = sandbox(&engine, &features(&counter("")), patient());
                let mut state = Vec::new();
                let event = paid(10.0);
                for n in 1..=2_000 {
                    let folded = honest.fold(&state, &[row(&event, "aem")]).unwrap();
                    assert_eq!(folded.features, [f64::from(n), f64::from(n) * 10.0]);
                    state = folded.states[0].to_vec();
                }
                over.store(true, Ordering::Relaxed);
            });
        },
    );
}
