//! A module with its bulk instructions in pieces against the same module as it was: what every instruction
//! comes to, and every byte of memory after it. And which modules are changed, and what is left of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use foreshore_proof::{Proof, Random};
use wasmparser::Parser;
use wasmtime::{Config, Engine, Instance, Memory, Module, Store, Trap, UpdateDeadline};

use super::bulk::PIECE;
use super::{in_pieces, module};
use crate::form::Form;

/// How this proof is run.
const SUITE: &str = "-p foreshore-plugin --lib";

/// Bytes of the memory.
const MEMORY_BYTES: u32 = 6 * PIECE;

/// Bytes of the long segment.
const SEGMENT_BYTES: u32 = 2 * PIECE + 7;

/// Instructions of one seed.
const INSTRUCTIONS: u32 = 64;

/// One of each, by name; `small` is no longer than a piece ever.
fn text() -> String {
    let (pages, long) = (MEMORY_BYTES >> 16, "ab".repeat(SEGMENT_BYTES as usize / 2));
    format!(
        r#"(module
          (type (func (param i64)))
          (import "" "" (func (param i64)))
          (memory (export "memory") {pages})
          (global $started (export "started") (mut i32) (i32.const 0))
          (table 1 funcref)
          (elem (i32.const 0) func $start)
          (start $start)
          (func $start (memory.fill (i32.const 9) (i32.const 7) (global.get $started))
            (global.set $started (i32.const 1)))
          (func (export "fill") (param i32 i32 i32)
            (memory.fill (local.get 0) (local.get 1) (local.get 2)))
          (func (export "copy") (param i32 i32 i32)
            (memory.copy (local.get 0) (local.get 1) (local.get 2)))
          (func (export "long") (param i32 i32 i32)
            (memory.init $long (local.get 0) (local.get 1) (local.get 2)))
          (func (export "small") (param i32 i32 i32)
            (memory.init $small (local.get 0) (local.get 1) (local.get 2)))
          (func (export "drop") (param i32 i32 i32) (data.drop $long))
          (data (i32.const 70000) "active")
          (data $small "small")
          (data $long "{long}-"))"#
    )
}

/// A module at work.
struct Running {
    store: Store<()>,
    instance: Instance,
    memory: Memory,
}

impl Running {
    fn new(engine: &Engine, module: &[u8]) -> Running {
        let module = Module::new(engine, module).unwrap();
        let mut store = Store::new(engine, ());
        store.set_epoch_deadline(1);
        let import = wasmtime::Func::wrap(&mut store, |_: i64| {});
        let instance = Instance::new(&mut store, &module, &[import.into()]).unwrap();
        let memory = instance.get_memory(&mut store, "memory").unwrap();
        Running {
            store,
            instance,
            memory,
        }
    }

    fn does(&mut self, what: &str, to: u32, from: u32, length: u32) -> Option<Trap> {
        let function = self
            .instance
            .get_typed_func::<(u32, u32, u32), ()>(&mut self.store, what)
            .unwrap();
        let result = function.call(&mut self.store, (to, from, length));
        result.err().map(|error| *error.downcast_ref().unwrap())
    }

    fn memory(&self) -> &[u8] {
        self.memory.data(&self.store)
    }
}

fn engine() -> Engine {
    let mut config = Config::new();
    config.epoch_interruption(true).concurrency_support(false);
    Engine::new(&config).unwrap()
}

/// A number at most a few from one at which something changes.
fn about(random: &mut Random, numbers: &[u32]) -> u32 {
    let number = numbers[random.below(numbers.len() as u64) as usize];
    let around = random.of([0, 0, 1, 2, 15, 4_096]);
    let distance = random.below(2 * around + 1) as u32;
    number.wrapping_add(distance).wrapping_sub(around as u32)
}

fn length(random: &mut Random) -> u32 {
    if random.percent(25) {
        return random.below(u64::from(MEMORY_BYTES)) as u32;
    }
    let pieces = [0, 1, 2, 3, 5].map(|pieces| pieces * PIECE);
    let others = [64, SEGMENT_BYTES, MEMORY_BYTES, 1 << 31];
    about(random, &[&pieces[..], &others].concat())
}

/// Where so many bytes begin: mostly within those that there are.
fn place(random: &mut Random, length: u32, bytes: u32) -> u32 {
    let last = bytes.wrapping_sub(length);
    if length <= bytes && random.percent(70) {
        return random.below(u64::from(last) + 1) as u32;
    }
    about(random, &[0, PIECE, last, 0u32.wrapping_sub(length)])
}

#[test]
fn a_module_in_pieces_does_what_it_did() {
    let name = "a_module_in_pieces_does_what_it_did";
    let mut proof = Proof::new("plugins", SUITE, name);
    let original = wat::parse_str(text()).unwrap();
    let pieces = module::in_pieces(Parser::new(0), &original).unwrap();
    assert!(pieces.len() > original.len());
    let engine = engine();
    proof.seeds(60, |proof, seed| {
        let mut random = Random::new(seed);
        let [mut before, mut after] =
            [&original, &pieces].map(|module| Running::new(&engine, module));
        for _ in 0..INSTRUCTIONS {
            let mut what = random.of(["fill", "copy", "copy", "long", "small"]);
            if random.percent(1) {
                what = "drop";
            }
            let length = length(&mut random);
            let to = place(&mut random, length, MEMORY_BYTES);
            let from = match what {
                "copy" if random.percent(40) => about(&mut random, &[to]),
                "long" => place(&mut random, length, SEGMENT_BYTES),
                _ => place(&mut random, length, MEMORY_BYTES),
            };
            let trap = before.does(what, to, from, length);
            let told = format!("{what} {to} {from} {length}");
            assert_eq!(after.does(what, to, from, length), trap, "{told}");
            assert!(before.memory() == after.memory(), "{told}");
            let kind = if trap.is_some() { "trapped" } else { "done" };
            proof.count(kind, 1);
        }
    });
    proof.count("instructions that differed", 0);
}

#[test]
fn the_clock_is_looked_at_between_pieces() {
    let module = module::in_pieces(Parser::new(0), &wat::parse_str(text()).unwrap()).unwrap();
    let engine = engine();
    let mut running = Running::new(&engine, &module);
    let looks = Arc::new(AtomicU64::new(0));
    let counted = looks.clone();
    running.store.epoch_deadline_callback(move |_| {
        counted.fetch_add(1, Ordering::Relaxed);
        Ok(UpdateDeadline::Continue(0))
    });
    running.store.set_epoch_deadline(0);
    for (what, to, from, length) in [
        ("fill", 0, 0, MEMORY_BYTES),
        ("copy", 1, 0, MEMORY_BYTES - 1),
        ("copy", 0, 1, MEMORY_BYTES - 1),
        ("long", 0, 0, SEGMENT_BYTES),
    ] {
        looks.store(0, Ordering::Relaxed);
        assert_eq!(running.does(what, to, from, length), None);
        let pieces = u64::from(length / PIECE);
        let looks = looks.load(Ordering::Relaxed);
        assert!(looks >= pieces, "{what}: {looks} of {pieces}");
    }
}

#[test]
fn a_component_in_pieces_is_valid_and_as_it_was_but_for_its_modules() {
    let text = r#"(component
        (core module $one (memory (export "m") 1) (func (export "f") (param i32)
          (memory.fill (i32.const 0) (i32.const 0) (local.get 0))))
        (component (core module (import "" "m" (memory 1)) (data "x")
          (func (param i32) (memory.copy (local.get 0) (local.get 0) (local.get 0)))
          (@custom "name" "no such thing")))
        (@custom "kept" "as it is")
        (core instance $i (instantiate $one))
        (func (export "f") (param "n" u32) (canon lift (core func $i "f"))))"#;
    let original = wat::parse_str(text).unwrap();
    let pieces = in_pieces(&original).unwrap();
    for bytes in [&original, &pieces] {
        assert_eq!(Form::read(bytes, bytes.len()).unwrap().exports, ["f"]);
    }
    let rest = original
        .windows(4)
        .position(|name| name == b"kept")
        .unwrap();
    assert!(pieces.ends_with(&original[rest..]));
    assert!(pieces.windows(11).any(|name| name == b"memory.fill"));
    assert!(pieces.windows(11).any(|name| name == b"memory.copy"));
}

#[test]
fn a_module_whose_bulk_instructions_are_all_short_stays_as_it_is() {
    let text = |length: u32| {
        format!(
            r#"(module (memory 1) (table 9 funcref) (data $d "short")
              (func (memory.copy (i32.const 0) (i32.const 9) (i32.const {length}))
                (memory.fill (i32.const 0) (i32.const 0) (i32.const {length}))
                (memory.init $d (memory.grow (i32.const 0)) (i32.const 0) (memory.size))
                (table.fill 0 (i32.const 0) (ref.null func) (memory.size))))"#
        )
    };
    let changed = |length| {
        let original = wat::parse_str(text(length)).unwrap();
        module::in_pieces(Parser::new(0), &original).unwrap() != original
    };
    assert!(!changed(PIECE));
    assert!(changed(PIECE + 1));
}
