//! Answers that are none: lists, texts, numbers and counts: G14 to G19, G21 to G23.

use foreshore_timeline::Fault;

use crate::beside;
use crate::beside::Comes;
use crate::guests::{self, features, model, models_of};

/// A `fold` that answers with two lists: of features and of bytes.
fn answer(features: &str, count: &str, states: &str, bytes: &str) -> Vec<u8> {
    let list = [features, count, states, bytes].map(|word| format!("(i32.const {word}) "));
    guests::features(&format!("(call $answer {})", list.concat()))
}

#[test]
fn a_list_as_long_as_a_number_can_say_is_not_taken() {
    beside(
        "a_list_as_long_as_a_number_can_say_is_not_taken",
        |beside| {
            let beyond = Comes::Trap("out of bounds of memory");
            for count in ["-1", "0x7fffffff", "0x20000000", "0x1fffffff"] {
                beside.comes_to(&answer("2048", count, "4096", "4"), beyond);
                beside.comes_to(&answer("2048", "2", "4096", count), beyond);
            }
        },
    );
}

#[test]
fn a_list_that_is_not_where_it_can_be_is_not_taken() {
    beside(
        "a_list_that_is_not_where_it_can_be_is_not_taken",
        |beside| {
            let beyond = Comes::Trap("out of bounds of memory");
            // The last two numbers of four pages, and one more; the first address there is not.
            beside.comes_to(&answer("262136", "2", "4096", "4"), beyond);
            beside.comes_to(&answer("262144", "2", "4096", "4"), beyond);
            beside.comes_to(&answer("-8", "1", "4096", "4"), beyond);
            beside.comes_to(
                &answer("2049", "2", "4096", "4"),
                Comes::Trap("not aligned"),
            );
            beside.comes_to(&features("(i32.const 262140)"), beyond);
            beside.comes_to(&features("(i32.const -4)"), beyond);
            beside.comes_to(&features("(i32.const 513)"), Comes::Trap("not aligned"));
        },
    );
}

#[test]
fn lists_that_overlap_each_other_and_the_arguments_are_taken_as_what_they_hold() {
    beside(
        "lists_that_overlap_each_other_and_the_arguments_are_taken_as_what_they_hold",
        |beside| {
            // Both lists are one piece of memory, zeroes all: two features, and a state without a byte.
            let guest = answer("2048", "2", "2048", "4");
            let mut evil = beside.evil(&guest);
            let folded = beside.fold(&mut evil, &[1; 64]).unwrap();
            assert_eq!(
                (folded.features, folded.states[0].len()),
                (vec![0.0, 0.0], 0)
            );
            // The rows themselves as states: one row, and so one byte of a state, and what follows it.
            let rows = "(call $answer (i32.const 2048) (i32.const 2) (local.get $rows) (local.get $rows_bytes))";
            beside.comes_to(&features(rows), Comes::Trap("after the last of 1 states"));
        },
    );
}

/// A model whose `describe` answers with these words, from a memory that begins with this data.
fn described(data: &str, words: [u32; 4]) -> Vec<u8> {
    let words: String = words
        .iter()
        .flat_map(|word| word.to_le_bytes())
        .map(|byte| format!("\\{byte:02x}"))
        .collect();
    models_of(&format!(
        r#"(module (memory (export "memory") 1024)
        (data (i32.const 0) "{words}") (data (i32.const 16) "{data}")
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
        (func (export "foreshore:plugin/model@0.1.0#describe") (result i32) (i32.const 0))
        (func (export "foreshore:plugin/model@0.1.0#score") (param i32 i32) (result i32) unreachable))"#
    ))
}

#[test]
fn texts_that_are_none_and_lists_of_lists_are_not_taken_for_names() {
    beside(
        "texts_that_are_none_and_lists_of_lists_are_not_taken_for_names",
        |beside| {
            // One text of so many bytes at 24, after the list's one item.
            let text = |bytes: &str, length: u32| {
                let length: String = length
                    .to_le_bytes()
                    .iter()
                    .map(|byte| format!("\\{byte:02x}"))
                    .collect();
                described(&format!("\\18\\00\\00\\00{length}{bytes}"), [16, 1, 0, 0])
            };
            let cases = [
                (text("\\ff\\fe", 2), "call `describe`: trap: invalid utf-8"),
                // Overlong, and half of a pair.
                (text("\\c0\\af", 2), "call `describe`: trap: invalid utf-8"),
                (
                    text("\\ed\\a0\\80", 3),
                    "call `describe`: trap: invalid utf-8",
                ),
                (
                    text("\\1b[31mred", 8),
                    "the description is not valid: input \"\\u{1b}[31mred\" is not a name",
                ),
                (
                    text("a\\0ab", 3),
                    "the description is not valid: input \"a\\nb\" is not a name",
                ),
                (
                    text("a\\00b", 3),
                    "the description is not valid: input \"a\\0b\" is not a name",
                ),
                (
                    text("", 0),
                    "the description is not valid: input \"\" is not a name",
                ),
                // More than `describe` may copy, and more than there is.
                (
                    text("", 60 << 20),
                    "call `describe`: trap: too much data is being copied",
                ),
                (
                    text("", u32::MAX),
                    "call `describe`: trap: string pointer/length out of bounds",
                ),
                // A million names, all at one place.
                (
                    described("", [16, 1_000_000, 0, 0]),
                    "call `describe`: trap: too much data is being copied",
                ),
                (
                    described("", [16, 0x1fff_ffff, 0, 0]),
                    "call `describe`: trap: list pointer/length out of bounds",
                ),
            ];
            for (guest, start) in cases {
                let refusal = beside.model_refusal(&guest);
                assert!(refusal.starts_with(start), "{refusal}\nexpected {start}");
            }
        },
    );
}

#[test]
fn a_case_that_an_enumeration_or_an_option_has_not_is_not_taken() {
    beside(
        "a_case_that_an_enumeration_or_an_option_has_not_is_not_taken",
        |beside| {
            let module = guests::feature_module("unreachable");
            // The honest description, in whose copy one byte is another: the kind of the first field, whether it
            // has a unit, whether there is a horizon.
            let (_, at) = module.split_once("(result i32) (i32.const ").unwrap();
            let (at, _) = at.split_once(')').unwrap();
            let fields = format!("(i32.load offset=16 (i32.const {at}))");
            let byte =
                |place: &str, value: u32| format!("(i32.store8 {place} (i32.const {value}))");
            let cases = [
                byte(&format!("offset=8 {fields}"), 4),
                byte(&format!("offset=8 {fields}"), 255),
                byte(&format!("offset=12 {fields}"), 2),
                byte(&format!("offset=40 (i32.const {at})"), 3),
            ];
            for code in cases {
                let start = "#describe\") (result i32)";
                let guest = module.replacen(start, &format!("{start} {code}"), 1);
                let refusal = beside.refusal(&guests::features_of(&guest));
                assert!(
                    refusal.starts_with("call `describe`: trap: ")
                        && refusal.contains("discriminant"),
                    "{code}: {refusal}"
                );
            }
        },
    );
}

/// A model that gives two numbers: its score and its one reason's contribution.
fn scores(score: &str, contribution: &str) -> Vec<u8> {
    model(&format!(
        "(f64.store (i32.const 2048) (f64.const {score}))
         (f64.store (i32.const 2056) (f64.const {contribution}))
         (i32.store (i32.const 512) (i32.const 2048)) (i32.store (i32.const 516) (i32.const 2))
         (i32.const 512)"
    ))
}

#[test]
fn scores_that_are_not_finite_are_not_taken() {
    beside("scores_that_are_not_finite_are_not_taken", |beside| {
        for number in ["nan", "-nan:0x123", "inf", "-inf"] {
            for guest in [scores(number, "0"), scores("0", number)] {
                let fault = beside.score(&guest).unwrap_err();
                assert!(
                    matches!(&fault, Fault::Trap(why) if why.contains("not finite")),
                    "{fault}"
                );
            }
        }
    });
}

#[test]
fn odd_scores_that_are_numbers_are_taken_bit_for_bit() {
    beside(
        "odd_scores_that_are_numbers_are_taken_bit_for_bit",
        |beside| {
            // What a score means is the pipeline's business: also just outside of what a probability can be.
            let above = f64::from_bits(1.0_f64.to_bits() + 1);
            let numbers = [-0.0, 5e-324, 1e308, f64::MAX, f64::MIN, above, -5e-324];
            for number in numbers {
                let bits = format!("{number:?}");
                let scored = beside.score(&scores(&bits, "0")).unwrap();
                assert_eq!(scored[0].to_bits(), number.to_bits(), "{bits}");
            }
        },
    );
}

#[test]
fn more_numbers_or_fewer_than_asked_for_are_not_taken() {
    beside(
        "more_numbers_or_fewer_than_asked_for_are_not_taken",
        |beside| {
            let wrong = |count: u32| {
                model(&format!(
                    "(i32.store (i32.const 512) (i32.const 2048))
                 (i32.store (i32.const 516) (i32.const {count})) (i32.const 512)"
                ))
            };
            for count in [0, 1, 3, 4] {
                let fault = beside.score(&wrong(count)).unwrap_err();
                let words = format!("returned {count} numbers, expected 2 ");
                assert!(
                    matches!(&fault, Fault::Trap(why) if why.starts_with(&words)),
                    "{fault}"
                );
            }
            let fault = beside.score(&wrong(5_000)).unwrap_err();
            assert!(
                matches!(&fault, Fault::Trap(why) if why.contains("too much data")),
                "{fault}"
            );
            for count in ["0", "1", "3"] {
                let guest = answer("2048", count, "4096", "4");
                beside.comes_to(&guest, Comes::Trap("features, expected 2"));
            }
            beside.comes_to(
                &answer("2048", "2", "4096", "0"),
                Comes::Trap("returned 0 states"),
            );
            beside.comes_to(
                &answer("2048", "2", "4096", "8"),
                Comes::Trap("bytes after the last of 1 states"),
            );
        },
    );
}
