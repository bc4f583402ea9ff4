//! Limits, and guests that keep just within them or pass them by one: G43.

use foreshore_plugin::{FeaturePlugin, Limits};

use crate::beside::{Comes, sandbox, strict};
use crate::guests::{counter, feature_module, features, features_of};
use crate::once;

/// A guest that answers with one state of so many bytes.
fn state_of(bytes: u32) -> Vec<u8> {
    let there = bytes + 4;
    features(&format!(
        "(f64.store (i32.const 2048) (f64.const 1)) (f64.store (i32.const 2056) (f64.const 10))
         (i32.store (i32.const 131072) (i32.const {bytes}))
         (call $answer (i32.const 2048) (i32.const 2) (i32.const 131072) (i32.const {there}))"
    ))
}

#[test]
fn a_state_of_the_largest_size_is_taken_and_one_byte_more_is_not() {
    once(
        "a_state_of_the_largest_size_is_taken_and_one_byte_more_is_not",
        |beside| {
            beside.comes_to(&state_of(65_536), Comes::Nothing);
            let more = Comes::Trap("a state of 65537 bytes, expected at most 65536");
            beside.comes_to(&state_of(65_537), more);
        },
    );
}

#[test]
fn all_of_the_memory_there_is_can_be_used_and_one_page_more_cannot() {
    once(
        "all_of_the_memory_there_is_can_be_used_and_one_page_more_cannot",
        |beside| {
            // 64 MiB are 1,024 pages; the guest starts with four.
            let grown = |by: u32| {
                features(&counter(&format!(
                "(if (i32.lt_s (memory.grow (i32.const {by})) (i32.const 0)) (then unreachable))
                 (i32.store8 (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 1))
                   (i32.const 1))"
            )))
            };
            let mut evil = beside.evil(&grown(1_020));
            assert_eq!(beside.fold(&mut evil, &[]).unwrap().features, [1.0, 10.0]);
            let more = Comes::Timeout("asked for 67174400 bytes of memory, more than its limit");
            beside.comes_to(&grown(1_021), more);
        },
    );
}

#[test]
fn a_component_as_large_as_it_may_be_is_loaded_and_one_byte_more_is_not() {
    once(
        "a_component_as_large_as_it_may_be_is_loaded_and_one_byte_more_is_not",
        |beside| {
            let bytes = features(&counter(""));
            let load = |component_bytes: usize| {
                let limits = Limits {
                    component_bytes,
                    ..strict().limits
                };
                FeaturePlugin::load(&beside.engine, &bytes, &limits)
            };
            assert!(load(bytes.len()).is_ok());
            let refusal = load(bytes.len() - 1).err().unwrap().to_string();
            assert!(
                refusal.starts_with("the component's bytes: found "),
                "{refusal}"
            );
        },
    );
}

#[test]
fn as_many_functions_and_bytes_of_code_as_there_may_be_are_loaded_and_one_more_is_not() {
    once(
        "as_many_functions_and_bytes_of_code_as_there_may_be_are_loaded_and_one_more_is_not",
        |beside| {
            let module = feature_module(&counter(""));
            let own = module.matches("(func ").count();
            let with =
                |code: &str| features_of(&format!("{}{code})", module.strip_suffix(')').unwrap()));
            let many = |count: usize| with(&"(func)".repeat(count));
            // What makes a component of a module adds a few functions of its own, not always as many.
            let most = (19_900..=20_000 - own)
                .rev()
                .find(|count| beside.loads(&many(*count)))
                .unwrap();
            let refusal = beside.refusal(&many(most + 1));
            assert!(
                refusal.starts_with("functions: found 20001, expected at most 20000; "),
                "{refusal}"
            );
            // A body has its count of locals before, and its end behind.
            let body = |nops: usize| with(&format!("(func {})", "nop ".repeat(nops)));
            assert!(beside.loads(&body(262_144 - 2)));
            let refusal = beside.refusal(&body(262_144 - 1));
            let words = "bytes of one function's body: found 262145, expected at most 262144; ";
            assert!(refusal.starts_with(words), "{refusal}");
        },
    );
}

#[test]
fn a_call_that_takes_less_than_its_time_is_answered_however_close_it_comes() {
    once(
        "a_call_that_takes_less_than_its_time_is_answered_however_close_it_comes",
        |beside| {
            // Work in growing amounts: answered, until from some amount on it is stopped; and never anything else.
            let mut stopped = false;
            for exponent in 10..34 {
                let work = format!(
                    "(local.set $left (i32.const {}))
                 (loop $l (br_if $l (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
                 (local.set $left (i32.load (local.get $rows)))",
                    1_u32.checked_shl(exponent).map_or(-1, |n| n as i32)
                );
                let guest = features(&counter(&work));
                let mut evil = sandbox(&beside.engine, &guest, strict());
                match beside.fold(&mut evil, &[]) {
                    Ok(folded) => assert_eq!(folded.features, [1.0, 10.0]),
                    Err(fault) => {
                        let fault = fault.to_string();
                        assert_eq!(fault, "timeout: ran over the call's limit of 10.02ms");
                        stopped = true;
                    }
                }
            }
            assert!(stopped);
        },
    );
}
