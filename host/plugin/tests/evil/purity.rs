//! Guests that keep something between calls: G24, G25.

use foreshore_plugin::{Isolation, SandboxSettings};
use foreshore_timeline::{Fault, Folder};

use crate::beside;
use crate::beside::{patient, sandbox};
use crate::guests::{counter, features};
use crate::pipeline::{paid, row};

/// One call in so many is repeated, in the mean.
const PURITY_EVERY: u64 = 50;

/// Settings that find out soon, or leave nothing to find.
fn settings(isolation: Isolation) -> SandboxSettings {
    SandboxSettings {
        isolation,
        purity_every: PURITY_EVERY,
        ..patient()
    }
}

/// Guests whose answer depends on what they kept: in memory, in a global, in a table, in how much memory there
/// is, in memory that an allocation leaves as it was.
const KEEPERS: [(&str, &str, &str); 5] = [
    (
        "memory",
        "(i32.store (i32.const 640) (i32.add (i32.load (i32.const 640)) (i32.const 1)))
        (local.set $count (f64.convert_i32_u (i32.load (i32.const 640))))",
        "",
    ),
    (
        "a global",
        "(global.set $kept (f64.add (global.get $kept) (f64.const 1)))
        (local.set $count (global.get $kept))",
        "(global $kept (mut f64) (f64.const 0))",
    ),
    (
        "a table",
        "(if (ref.is_null (table.get $t (i32.const 0)))
          (then (table.set $t (i32.const 0) (ref.func $cabi_realloc)))
          (else (local.set $count (f64.const -1))))",
        "(table $t 1 funcref) (elem declare func $cabi_realloc)",
    ),
    (
        "the size of memory",
        "(drop (memory.grow (i32.const 1)))
        (local.set $count (f64.convert_i32_u (memory.size)))",
        "",
    ),
    (
        "what it did not initialise",
        "(local.set $spent (f64.load (i32.const 100000)))
        (f64.store (i32.const 100000) (local.get $count))",
        "",
    ),
];

#[test]
fn whatever_a_guest_keeps_between_calls_is_found_out() {
    beside(
        "whatever_a_guest_keeps_between_calls_is_found_out",
        |beside| {
            for (what, keep, needs) in KEEPERS {
                let guest = features(&format!("{}) {needs} (func", counter(keep)));
                let mut evil = sandbox(&beside.engine, &guest, settings(Isolation::Warm));
                let event = paid(10.0);
                // Two repeated calls away at the most: the first may be the very first call, which is like a fresh one.
                let within = 4 * PURITY_EVERY;
                let found = (1..=within).any(|_| {
                    matches!(evil.fold(&[], &[row(&event, "aem")]), Err(Fault::Impure(_)))
                });
                assert!(found, "{what}");
                beside.healthy_still_answers();
            }
        },
    );
}

#[test]
fn with_an_instance_per_call_no_guest_can_link_two_devices() {
    beside(
        "with_an_instance_per_call_no_guest_can_link_two_devices",
        |beside| {
            for (what, keep, needs) in KEEPERS {
                let guest = features(&format!("{}) {needs} (func", counter(keep)));
                let mut evil = sandbox(&beside.engine, &guest, settings(Isolation::PerCall));
                let fold = |evil: &mut dyn Folder, amount: f64| {
                    let event = paid(amount);
                    evil.fold(&[], &[row(&event, "aem")]).unwrap()
                };
                let first = fold(&mut evil, 10.0);
                fold(&mut evil, 99.0);
                assert_eq!(fold(&mut evil, 10.0), first, "{what}");
            }
        },
    );
}
