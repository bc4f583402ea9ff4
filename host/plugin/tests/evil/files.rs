//! Files that are no plugin, or too much of one: G16, G18, G30 to G39. What is refused in
//! `tests/plugin/load.rs` is not refused here again.

use std::time::{Duration, Instant};

use foreshore_proof::Proof;

use crate::beside::Beside;
use crate::guests::{component, contract, counter, features, model};
use crate::once;

/// A component of this text.
fn text(component: &str) -> Vec<u8> {
    wat::parse_str(format!("(component {component})")).unwrap()
}

/// A LEB128 number.
fn leb(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = (number & 0x7f) as u8;
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

/// A section of a component.
fn section(id: u8, content: &[u8]) -> Vec<u8> {
    [&[id], leb(content.len()).as_slice(), content].concat()
}

/// Header of a component.
const HEADER: [u8; 8] = [0, b'a', b's', b'm', 0x0d, 0, 1, 0];

#[test]
fn types_nested_a_hundred_deep_are_another_signature() {
    once(
        "types_nested_a_hundred_deep_are_another_signature",
        |beside| {
            let deep = format!("{}f64{}", "list<".repeat(60), ">".repeat(60));
            let score = "score: func(inputs: list<f64>) -> list<f64>;";
            let wit =
                contract().replace(score, &format!("score: func(inputs: list<f64>) -> {deep};"));
            assert_ne!(wit, contract());
            let module = r#"(module (memory (export "memory") 1)
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
            (func (export "foreshore:plugin/model@0.1.0#describe") (result i32) unreachable)
            (func (export "foreshore:plugin/model@0.1.0#score") (param i32 i32) (result i32) unreachable))"#;
            let refusal = beside.model_refusal(&component(&wit, "model-plugin", module));
            assert!(
                refusal.contains("found func(inputs: list<f64>) -> list<list<"),
                "{refusal}"
            );
        },
    );
}

#[test]
fn a_hundred_thousand_imports_exports_and_types_are_refused() {
    once(
        "a_hundred_thousand_imports_exports_and_types_are_refused",
        |beside| {
            let of = |sections: &[Vec<u8>]| [&HEADER[..], &sections.concat()].concat();
            // A function's type; then names, each an import of such a function, or an export of that type.
            let function = [0x40, 0, 1, 0];
            let named = |what: [u8; 3]| {
                let name = |n: u32| [&[0, 7], format!("n{n:06}").as_bytes(), &what].concat();
                let names: Vec<u8> = (0..100_000).flat_map(name).collect();
                [leb(100_000), names].concat()
            };
            let imports = (0..100_000_u32)
                .flat_map(|n| [&[0, 7], format!("n{n:06}").as_bytes(), &[1, 0]].concat());
            let imports = [leb(100_000), imports.collect()].concat();
            let many = |count: usize, item: &[u8]| [leb(count), item.repeat(count)].concat();
            let types = section(7, &many(1, &function));
            let core = section(1, &many(1_000_001, &[0x60, 0, 0]));
            let cases = [
                of(&[types.clone(), section(10, &imports)]),
                of(&[types, section(11, &named([3, 0, 0]))]),
                of(&[section(7, &many(1_000_001, &function))]),
                of(&[section(1, &[b"\0asm\x01\0\0\0", core.as_slice()].concat())]),
            ];
            for bytes in cases {
                let refusal = beside.refusal(&bytes);
                assert!(
                    refusal.starts_with("the component") || refusal.starts_with("import `n000000`"),
                    "{refusal}"
                );
            }
        },
    );
}

#[test]
fn types_whose_size_doubles_with_each_are_refused() {
    once("types_whose_size_doubles_with_each_are_refused", |beside| {
        let mut types = "(type $t0 (tuple u8 u8))".to_owned();
        for n in 1..64 {
            let before = n - 1;
            types += &format!("(type $t{n} (tuple $t{before} $t{before}))");
        }
        let refusal = beside.refusal(&text(&types));
        assert!(
            refusal.contains("effective type size exceeds the limit"),
            "{refusal}"
        );
    });
}

#[test]
fn components_that_instantiate_each_other_are_refused() {
    once(
        "components_that_instantiate_each_other_are_refused",
        |beside| {
            // Each makes two of the one before: a few hundred bytes, and thousands of instances.
            let mut nested = "(component $c0)".to_owned();
            for n in 1..14 {
                let before = n - 1;
                nested += &format!(
                    "(component $c{n} (alias outer 1 $c{before} (component $c))
                   (instance (instantiate $c)) (instance (instantiate $c)))"
                );
            }
            let refusal = beside.refusal(&text(&nested));
            let words = "instances of components: found 17, expected at most 16; ";
            assert!(refusal.starts_with(words), "{refusal}");
            let many = "(component)".repeat(1_000);
            let refusal = beside.refusal(&text(&many));
            assert!(
                refusal.starts_with("components in one: found 17, expected at most 16; "),
                "{refusal}"
            );
            let deep = format!("{}{}", "(component ".repeat(40), ")".repeat(40));
            let refusal = beside.refusal(&text(&deep));
            assert!(
                refusal.starts_with("components in one: found 17, expected at most 16; "),
                "{refusal}"
            );
            let modules = format!(
                "(core module $m) {}",
                "(core instance (instantiate $m))".repeat(1_000)
            );
            let refusal = beside.refusal(&text(&modules));
            assert!(
                refusal.starts_with("core instances: found 9, expected at most 8; "),
                "{refusal}"
            );
        },
    );
}

#[test]
fn a_function_of_megabytes_is_refused_before_it_is_compiled() {
    once(
        "a_function_of_megabytes_is_refused_before_it_is_compiled",
        |beside| {
            let cases = [
                "nop ".repeat(3_800_000),
                format!("{}{}", "block ".repeat(150_000), "end ".repeat(150_000)),
                format!(
                    "(block $b (br_table {} (i32.const 0)))",
                    "$b ".repeat(300_000)
                ),
            ];
            for code in cases {
                let refusal = beside.refusal(&text(&format!("(core module (func {code}))")));
                assert!(
                    refusal.starts_with("bytes of one function's body: found "),
                    "{refusal}"
                );
            }
        },
    );
}

#[test]
fn a_component_with_megabytes_of_junk_beside_it_is_refused_by_its_size() {
    once(
        "a_component_with_megabytes_of_junk_beside_it_is_refused_by_its_size",
        |beside| {
            let mut junk = features(&counter(""));
            junk.extend(section(
                0,
                &[b"\x04junk".as_slice(), &[0xff; 5 << 20]].concat(),
            ));
            let refusal = beside.refusal(&junk);
            assert!(
                refusal.starts_with("the component's bytes: found "),
                "{refusal}"
            );
            // Just below the limit it is only junk.
            let mut junk = features(&counter(""));
            junk.extend(section(
                0,
                &[b"\x04junk".as_slice(), &[0xff; 4_000_000]].concat(),
            ));
            assert!(beside.loads(&junk));
        },
    );
}

#[test]
fn sections_that_say_they_are_longer_than_the_file_are_refused() {
    once(
        "sections_that_say_they_are_longer_than_the_file_are_refused",
        |beside| {
            for id in 0..=12 {
                for length in [1, 100, 0x7fff_ffff, 0xffff_ffff] {
                    let bytes = [&HEADER[..], &[id], &leb(length)].concat();
                    let refusal = beside.refusal(&bytes);
                    assert!(refusal.starts_with("the component: found "), "{refusal}");
                }
            }
            // As many items as a number can say, in every kind of section.
            for id in 1..=11 {
                let section = section(id, &leb(0xffff_ffff));
                let refusal = beside.refusal(&[&HEADER[..], &section].concat());
                assert!(refusal.starts_with("the component: found "), "{refusal}");
            }
        },
    );
}

#[test]
fn a_component_cut_or_flipped_at_any_byte_is_refused_or_answered() {
    let name = "a_component_cut_or_flipped_at_any_byte_is_refused_or_answered";
    let mut proof = Proof::new("plugins", crate::SUITE, name);
    let mut beside = Beside::new();
    let good = [features(&counter("")), model("unreachable")];
    let (mut cut, mut flipped, mut loaded) = (0, 0, 0);
    let step = foreshore_proof::sized(41, 1);
    let mut slowest = Duration::ZERO;
    for bytes in &good {
        for at in (0..bytes.len()).step_by(step) {
            let begun = Instant::now();
            loaded += u64::from(beside.loads(&bytes[..at]));
            cut += 1;
            for mask in [0x01, 0x80, 0xff] {
                let mut other = bytes.clone();
                other[at] ^= mask;
                loaded += u64::from(beside.loads(&other));
                flipped += 1;
            }
            slowest = slowest.max(begun.elapsed());
        }
    }
    beside.tell(&mut proof);
    proof.cases(cut + flipped);
    proof.count("cut", cut);
    proof.count("flipped", flipped);
    proof.count("loaded nevertheless", loaded);
    proof.most("slowest, us", slowest.as_micros() as u64);
}
