//! Calls and what they give: rows in, features and states out, and every answer that is not what was
//! asked for. Must not know limits or the life of an instance.

use foreshore_event::Time;
use foreshore_timeline::{Fault, Flags, Folder, Row};

use crate::{fault, guests, once, paid, row, sandbox, trap};

#[test]
fn rows_fold_onto_a_state_and_give_features_and_states() {
    let mut sandbox = sandbox(&guests::counter(""));
    let (ten, five) = (paid(10.0), paid(5.0));
    let rows = [row(&ten, "a"), row(&five, "aem"), row(&five, "e")];
    let folded = sandbox.fold(&[], &rows).unwrap();
    assert_eq!(folded.features, [2.0, 15.0, 2.0, 15.0]);
    let [state] = &folded.states[..] else {
        panic!("{folded:?}");
    };
    assert_eq!(
        **state,
        [2.0_f64.to_le_bytes(), 15.0_f64.to_le_bytes()].concat()
    );
    let next = sandbox.fold(state, &[row(&ten, "ae")]).unwrap();
    assert_eq!(next.features, [3.0, 25.0]);
    let counters = sandbox.counters();
    assert_eq!((counters.calls, counters.rows), (2, 4));
    assert_eq!((counters.instantiations, counters.traps), (1, 0));
}

#[test]
fn a_read_has_no_event_and_changes_nothing() {
    let mut sandbox = sandbox(&guests::counter(""));
    let state = once(&mut sandbox).unwrap().states.remove(0);
    let flags = Flags {
        emit: true,
        ..Flags::default()
    };
    let read = Row {
        event: None,
        time: Time(1),
        flags,
    };
    assert_eq!(sandbox.fold(&state, &[read]).unwrap().features, [1.0, 10.0]);
}

#[test]
fn a_trap_is_told_with_its_reason_and_place() {
    assert_eq!(
        fault("unreachable"),
        trap("wasm `unreachable` instruction executed in fold")
    );
    assert_eq!(
        fault("(i32.div_u (i32.const 1) (i32.const 0))"),
        trap("integer divide by zero in fold")
    );
    assert_eq!(
        fault("(call $fold (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))"),
        trap("call stack exhausted in fold < fold < fold")
    );
}

#[test]
fn a_trap_is_placed_where_the_plugin_panicked_not_in_its_languages_panic_code() {
    let fold = r#"(call $_ZN6window4push17h0123456789abcdefE) unreachable)
      (func $_ZN6window4push17h0123456789abcdefE (call $core::panicking::panic_fmt))
      (func $core::panicking::panic_fmt (call $rust_panic))
      (func $rust_panic unreachable"#;
    let expected = "wasm `unreachable` instruction executed in window::push < fold";
    assert_eq!(fault(fold), trap(expected));
}

#[test]
fn a_trap_on_the_third_event_leaves_the_rows_before_it_foldable() {
    let third = "(if (f64.eq (local.get $count) (f64.const 3)) (then unreachable))";
    let mut sandbox = sandbox(&guests::counter(third));
    let event = paid(1.0);
    let rows = [row(&event, "ae"), row(&event, "aem"), row(&event, "ae")];
    assert!(matches!(sandbox.fold(&[], &rows), Err(Fault::Trap(_))));
    let folded = sandbox.fold(&[], &rows[..2]).unwrap();
    assert_eq!(folded.features, [1.0, 1.0, 2.0, 2.0]);
    assert!(matches!(
        sandbox.fold(&folded.states[0], &rows[2..]),
        Err(Fault::Trap(_))
    ));
    let counters = sandbox.counters();
    assert_eq!((counters.traps, counters.instantiations), (2, 2));
}

#[test]
fn answers_that_are_not_what_was_asked_for_are_told_as_such() {
    let answer = |features: i32, count: i32, states: i32, bytes: i32| {
        format!(
            "(call $answer (i32.const {features}) (i32.const {count}) (i32.const {states}) (i32.const {bytes}))"
        )
    };
    let stored = |store: &str, bytes: i32| format!("{store} {}", answer(2048, 2, 4096, bytes));
    let cases = [
        (
            answer(2048, 1, 2048, 4),
            "returned 1 features, expected 2 (1 rows of 2)",
        ),
        (
            answer(2048, 2, 2048, 0),
            "returned 0 states, expected 1 (one per marked row)",
        ),
        (
            answer(2048, 2, 2048, 6),
            "returned 2 bytes after the last of 1 states, expected none",
        ),
        (
            stored("(i32.store (i32.const 4096) (i32.const 9))", 10),
            "returned a state of 9 bytes of which 6 are there",
        ),
        (
            stored("(i32.store (i32.const 4096) (i32.const 65537))", 10),
            "returned a state of 65537 bytes, expected at most 65536",
        ),
        (
            stored("(f64.store (i32.const 2056) (f64.const inf))", 4),
            "returned inf as feature 1 of emitted row 0, expected a finite number or NaN",
        ),
        (
            answer(2048, 0x0fff_ffff, 2048, 4),
            "list pointer/length out of bounds of memory",
        ),
        (
            answer(-8, 2, 2048, 4),
            "list pointer/length out of bounds of memory",
        ),
        (answer(2049, 2, 2048, 4), "list pointer is not aligned"),
        (
            answer(2048, 20_000, 2048, 4),
            "too much data is being copied between the host and the guest: fuel allocated for hostcalls has been exhausted",
        ),
        ("(i32.const 3)".to_owned(), "return pointer not aligned"),
        (
            "(i32.const -8)".to_owned(),
            "pointer out of bounds of memory",
        ),
    ];
    for (fold, reason) in cases {
        assert_eq!(fault(&fold), trap(reason), "{fold}");
    }
}

#[test]
fn every_nan_a_guest_returns_is_the_same_nan() {
    let odd = "(f64.store (i32.const 2048) (f64.const -nan:0x8000000000001))
        (call $answer (i32.const 2048) (i32.const 2) (i32.const 4096) (i32.const 4))";
    let folded = once(&mut sandbox(odd)).unwrap();
    assert_eq!(folded.features[0].to_bits(), f64::NAN.to_bits());
}
