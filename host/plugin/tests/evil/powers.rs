//! What needs an import, or what a component makes itself: G10, G26 to G29, G34, G41.

use crate::beside;
use crate::guests::{counter, feature_module, features};

/// A component of this text.
fn text(component: &str) -> Vec<u8> {
    wat::parse_str(format!("(component {component})")).unwrap()
}

#[test]
fn whatever_a_guest_would_call_it_is_refused_as_an_import() {
    beside(
        "whatever_a_guest_would_call_it_is_refused_as_an_import",
        |beside| {
            // To recurse through, to be called back by, to call a million times, to flood, to leak handles of, to
            // tell the time by.
            let imports = [
                r#"(import "host" (func (param "f" u32)))"#,
                r#"(import "callback" (instance (export "call" (func))))"#,
                r#"(import "log" (func (param "line" string)))"#,
                r#"(import "table" (instance (export "row" (type (sub resource)))))"#,
                r#"(import "wasi:clocks/monotonic-clock@0.2.0" (instance (export "now" (func (result u64)))))"#,
                r#"(import "wasi:random/random@0.2.0" (instance (export "get-random-u64" (func (result u64)))))"#,
                r#"(import "wasi:io/poll@0.2.0" (instance))"#,
                r#"(import "foreshore:plugin/features@0.2.0" (instance))"#,
                r#"(import "m" (core module))"#,
                r#"(import "c" (component))"#,
            ];
            for import in imports {
                let refusal = beside.refusal(&text(import));
                assert!(
                    refusal.starts_with("import `") && refusal.contains("expected no imports"),
                    "{import}: {refusal}"
                );
            }
        },
    );
}

#[test]
fn what_a_core_module_imports_by_itself_makes_no_component() {
    // Core imports can only be met by what the component has: here there is nothing.
    let module = feature_module(&counter(""));
    let importing = module.replacen(
        "(module",
        r#"(module (import "env" "now" (func (result i64)))"#,
        1,
    );
    let encoded = std::panic::catch_unwind(|| crate::guests::features_of(&importing));
    assert!(encoded.is_err());
    beside(
        "what_a_core_module_imports_by_itself_makes_no_component",
        |beside| {
            let unmet = r#"(core module $m (import "env" "now" (func (result i64)))) (core instance (instantiate $m))"#;
            let refusal = beside.refusal(&text(unmet));
            assert!(refusal.starts_with("the component: found "), "{refusal}");
        },
    );
}

#[test]
fn a_component_that_makes_handles_of_its_own_is_refused() {
    beside(
        "a_component_that_makes_handles_of_its_own_is_refused",
        |beside| {
            // A resource that the component itself defines needs no import, and the host keeps every handle.
            let start =
                "what the component makes itself: found a type of resources, expected functions";
            for power in ["resource.new", "resource.drop", "resource.rep"] {
                let own = format!("(type $r (resource (rep i32))) (core func (canon {power} $r))");
                let refusal = beside.refusal(&text(&own));
                assert!(refusal.starts_with(start), "{refusal}");
            }
        },
    );
}

#[test]
fn what_waits_or_runs_beside_is_refused() {
    beside("what_waits_or_runs_beside_is_refused", |beside| {
        // Threads, tasks, streams and contexts of the component model, and threads of the core.
        let powers = [
            "(core func (canon context.get i32 0))",
            "(core func (canon task.cancel))",
            "(core func (canon backpressure.inc))",
            "(type $s (stream u8)) (core func (canon stream.new $s))",
            "(type $f (future u8)) (core func (canon future.new $f))",
            "(core module (memory 1 1 shared))",
            "(core module (memory 1) (func (drop (i32.atomic.load (i32.const 0)))))",
        ];
        for power in powers {
            let refusal = beside.refusal(&text(power));
            let start = "what the component makes itself: found the canonical function ";
            assert!(
                refusal.starts_with("the component: found ") || refusal.starts_with(start),
                "{power}: {refusal}"
            );
        }
    });
}

#[test]
fn a_guest_has_nothing_to_tell_the_time_by() {
    beside("a_guest_has_nothing_to_tell_the_time_by", |beside| {
        // It counts while it works, and writes down how far it came: nothing else runs that could count, and
        // what it counted is the same every time.
        let work = "(local.set $kept (i32.const 0)) (loop $l
            (br_if $l (i32.lt_u (local.tee $kept (i32.add (local.get $kept) (i32.const 1))) (i32.const 100000))))
            (local.set $count (f64.convert_i32_u (local.get $kept))) (local.set $kept (i32.const 0))";
        let mut evil = beside.evil(&features(&counter(work)));
        for _ in 0..10 {
            let folded = beside.fold(&mut evil, &[]).unwrap();
            assert_eq!(folded.features, [100_000.0, 10.0]);
        }
    });
}
