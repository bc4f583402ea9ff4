//! What the shape of a call costs: how many lists, how packed. Prints a table for `docs/PLUGIN-ABI.md`. The
//! guests only take their arguments, from an allocation that starts anew with each call, so what is
//! measured is the host's time. Run: `cargo bench -p foreshore-plugin --bench abi`.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints its table and has nobody to report a failure to"
)]

use std::hint::black_box;
use std::time::Instant;

use wasmtime::component::{
    Component, ComponentNamedList, Instance, Lift, Linker, Lower, TypedFunc,
};
use wasmtime::{Config, Engine, Module, Store};

/// Measurements of each case; the cases take turns, so that a slow moment hits all of them.
const ROUNDS: usize = 41;

/// Calls of one measurement.
const CALLS: u32 = 2_000;

/// Where results stand in a guest's memory.
const RESULT: usize = 400_000;

/// A guest's memory and its allocation, reset at the end of `run`.
const FRAME: &str = r#"
  (memory (export "memory") 8)
  (global $free (mut i32) (i32.const 65536))
  (func (export "cabi_realloc") (param i32 i32 i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (global.get $free))
    (global.set $free (i32.and (i32.const -8)
      (i32.add (i32.add (local.get $at) (local.get $size)) (i32.const 7))))
    (local.get $at))
  (func (export "reset") (global.set $free (i32.const 65536)))
  (func (export "post") (param i32))"#;

/// Something to call, and what it took, measured in turns with the others.
struct Case {
    name: String,
    call: Box<dyn FnMut()>,
    nanoseconds: Vec<f64>,
}

impl Case {
    fn new(name: impl Into<String>, call: impl FnMut() + 'static) -> Case {
        Case {
            name: name.into(),
            call: Box::new(call),
            nanoseconds: Vec::new(),
        }
    }

    fn measure(&mut self) {
        let start = Instant::now();
        for _ in 0..CALLS {
            (self.call)();
        }
        self.nanoseconds
            .push(start.elapsed().as_nanos() as f64 / f64::from(CALLS));
    }

    fn median(&mut self) -> f64 {
        self.nanoseconds.sort_by(f64::total_cmp);
        self.nanoseconds[self.nanoseconds.len() / 2]
    }
}

/// A call, and the guest's allocations and the copies it needs, done by hand.
struct Pair {
    call: Case,
    floor: Case,
}

fn main() {
    let engine = engine();
    let mut pairs = Vec::new();
    for bytes in [0, 256, 4096] {
        lists_of_bytes(&engine, bytes, &mut pairs);
        lists_of_numbers(&engine, bytes / 8, &mut pairs);
    }
    for rows in [1, 64] {
        shapes(&engine, rows, &mut pairs);
    }
    results(&engine, &mut pairs);
    let name = "no arguments, a number back".to_owned();
    pairs.push(Pair {
        call: call::<(), (u32,)>(&engine, name, &taking(&[]), ()),
        floor: floor(&engine, vec![], vec![]),
    });
    for _ in 0..ROUNDS {
        for pair in &mut pairs {
            pair.call.measure();
            pair.floor.measure();
        }
    }
    println!("| call | ns per call | allocation and copies | host ns beyond |");
    println!("| --- | ---: | ---: | ---: |");
    for pair in &mut pairs {
        let (call, floor) = (pair.call.median(), pair.floor.median());
        let (name, beyond) = (&pair.call.name, call - floor);
        println!("| {name} | {call:.0} | {floor:.0} | {beyond:.0} |");
    }
}

/// The settings of the sandbox that a call's cost depends on.
fn engine() -> Engine {
    let mut config = Config::new();
    config
        .concurrency_support(false)
        .epoch_interruption(true)
        .cranelift_nan_canonicalization(true);
    Engine::new(&config).unwrap()
}

/// A component whose `run` takes lists of these types, and gives this type from what `body` returns.
fn component(types: &[&str], result: &str, body: &str) -> String {
    let core = "i32 ".repeat(2 * types.len());
    let params: String = types
        .iter()
        .enumerate()
        .map(|(at, ty)| format!(r#"(param "p{at}" (list {ty}))"#))
        .collect();
    format!(
        r#"(component
      (core module $m {FRAME}
        (func (export "run") (param {core}) (result i32)
          (global.set $free (i32.const 65536)) {body}))
      (core instance $i (instantiate $m))
      (func (export "run") {params} (result {result})
        (canon lift (core func $i "run") (memory (core memory $i "memory"))
          (realloc (core func $i "cabi_realloc")) {post})))"#,
        post = if result == "u32" {
            ""
        } else {
            r#"(post-return (core func $i "post"))"#
        }
    )
}

/// A component whose `run` takes lists of these types and gives 0.
fn taking(types: &[&str]) -> String {
    component(types, "u32", "(i32.const 0)")
}

fn instantiate(engine: &Engine, text: &str) -> (Store<()>, Instance) {
    let component = Component::from_binary(engine, &wat::parse_str(text).unwrap()).unwrap();
    let mut store = Store::new(engine, ());
    store.set_epoch_deadline(u64::MAX / 2);
    let instance = Linker::new(engine)
        .instantiate(&mut store, &component)
        .unwrap();
    (store, instance)
}

/// A call of `run` with these arguments.
fn call<P, R>(engine: &Engine, name: String, text: &str, params: P) -> Case
where
    P: ComponentNamedList + Lower + Copy + 'static,
    R: ComponentNamedList + Lift + 'static,
{
    let (mut store, instance) = instantiate(engine, text);
    let run: TypedFunc<P, R> = instance.get_typed_func(&mut store, "run").unwrap();
    Case::new(name, move || {
        store.set_epoch_deadline(1_000_000);
        black_box(run.call(&mut store, black_box(params)).unwrap());
    })
}

/// Allocations in a core module and copies into them; then copies out and one call to free what was copied.
fn floor(engine: &Engine, into: Vec<usize>, out: Vec<usize>) -> Case {
    let module = wat::parse_str(format!("(module {FRAME})")).unwrap();
    let module = Module::from_binary(engine, &module).unwrap();
    let mut store = Store::new(engine, ());
    store.set_epoch_deadline(u64::MAX / 2);
    let instance = wasmtime::Instance::new(&mut store, &module, &[]).unwrap();
    let realloc = instance
        .get_typed_func::<(i32, i32, i32, i32), i32>(&mut store, "cabi_realloc")
        .unwrap();
    let post = instance.get_typed_func::<i32, ()>(&mut store, "post");
    let reset = instance.get_typed_func::<(), ()>(&mut store, "reset");
    let (post, reset) = (post.unwrap(), reset.unwrap());
    let memory = instance.get_memory(&mut store, "memory").unwrap();
    let content = vec![7_u8; into.iter().copied().max().unwrap_or_default()];
    let mut calls = 0_u32;
    Case::new("floor", move || {
        for &size in &into {
            let at = realloc.call(&mut store, (0, 0, 1, size as i32)).unwrap() as usize;
            let target = &mut memory.data_mut(&mut store)[at..at + size];
            target.copy_from_slice(black_box(&content[..size]));
        }
        for &size in &out {
            black_box(memory.data(&store)[RESULT..RESULT + size].to_vec());
        }
        if !out.is_empty() {
            post.call(&mut store, 0).unwrap();
        }
        // The memory holds eight calls' worth and more; one reset in eight is lost in the noise.
        calls += 1;
        if calls.is_multiple_of(8) {
            reset.call(&mut store, ()).unwrap();
        }
    })
}

fn leak<T: Clone>(value: T, count: usize) -> &'static [T] {
    Vec::leak(vec![value; count])
}

fn lists_of_bytes(engine: &Engine, bytes: usize, pairs: &mut Vec<Pair>) {
    let l = leak(7_u8, bytes);
    let mut pair = |lists: usize, case: fn(&Engine, String, &str, &'static [u8]) -> Case| {
        let name = format!("{lists} x `list<u8>` of {bytes} bytes");
        pairs.push(Pair {
            call: case(engine, name, &taking(&vec!["u8"; lists]), l),
            floor: floor(engine, vec![bytes; lists], vec![]),
        });
    };
    pair(1, |e, n, t, l| call::<_, (u32,)>(e, n, t, (l,)));
    pair(2, |e, n, t, l| call::<_, (u32,)>(e, n, t, (l, l)));
    pair(4, |e, n, t, l| call::<_, (u32,)>(e, n, t, (l, l, l, l)));
    pair(8, |e, n, t, l| {
        call::<_, (u32,)>(e, n, t, (l, l, l, l, l, l, l, l))
    });
}

fn lists_of_numbers(engine: &Engine, numbers: usize, pairs: &mut Vec<Pair>) {
    let l = leak(7.0_f64, numbers);
    let mut pair = |lists: usize, case: fn(&Engine, String, &str, &'static [f64]) -> Case| {
        let name = format!("{lists} x `list<f64>` of {} bytes", numbers * 8);
        pairs.push(Pair {
            call: case(engine, name, &taking(&vec!["f64"; lists]), l),
            floor: floor(engine, vec![numbers * 8; lists], vec![]),
        });
    };
    pair(1, |e, n, t, l| call::<_, (u32,)>(e, n, t, (l,)));
    pair(2, |e, n, t, l| call::<_, (u32,)>(e, n, t, (l, l)));
    pair(4, |e, n, t, l| call::<_, (u32,)>(e, n, t, (l, l, l, l)));
    pair(8, |e, n, t, l| {
        call::<_, (u32,)>(e, n, t, (l, l, l, l, l, l, l, l))
    });
}

/// A state of 512 bytes and rows of four numbers and two texts of 12 bytes: packed, and as typed columns.
fn shapes(engine: &Engine, rows: usize, pairs: &mut Vec<Pair>) {
    let state = leak(7_u8, 512);
    let packed = leak(7_u8, 8 + rows * (16 + 6 * 8 + 24));
    let name = format!("packed, {rows} rows: state, rows");
    pairs.push(Pair {
        call: call::<_, (u32,)>(engine, name, &taking(&["u8", "u8"]), (state, packed)),
        floor: floor(engine, vec![state.len(), packed.len()], vec![]),
    });
    let (flags, times) = (leak(7_u8, rows), leak(7_i64, rows));
    let (kinds, numbers) = (leak(7_u16, rows), leak(7.0_f64, rows * 4));
    let (texts, arena) = (leak(7_u32, rows * 2 + 1), leak(7_u8, rows * 24));
    let columns = (flags, times, kinds, numbers, texts, arena, state);
    let types = ["u8", "s64", "u16", "f64", "u32", "u8", "u8"];
    let name = format!("typed columns, {rows} rows: seven lists");
    let sizes = [1, 8, 2, 32, 8, 24].map(|each| each * rows);
    pairs.push(Pair {
        call: call::<_, (u32,)>(engine, name, &taking(&types), columns),
        floor: floor(engine, [sizes.as_slice(), &[512]].concat(), vec![]),
    });
}

/// What comes back, eight numbers and a state of 512 bytes: as one list, as a record of two, and the whole
/// call of the contract, a state of 512 bytes and one row going in.
fn results(engine: &Engine, pairs: &mut Vec<Pair>) {
    let list = |at: u32, length: u32| {
        let end = at + 4;
        format!(
            "(i32.store (i32.const {at}) (i32.const {RESULT})) (i32.store (i32.const {end}) (i32.const {length}))"
        )
    };
    let one = list(512, 576) + "(i32.const 512)";
    let name = "no arguments, one `list<u8>` of 576 bytes back".to_owned();
    let text = component(&[], "(list u8)", &one);
    pairs.push(Pair {
        call: call::<(), (Vec<u8>,)>(engine, name, &text, ()),
        floor: floor(engine, vec![], vec![576]),
    });
    let two = list(512, 8) + &list(520, 512) + "(i32.const 512)";
    let record = "(tuple (list f64) (list u8))";
    let name = "no arguments, `list<f64>` of 64 and `list<u8>` of 512 bytes back".to_owned();
    let text = component(&[], record, &two);
    pairs.push(Pair {
        call: call::<(), ((Vec<f64>, Vec<u8>),)>(engine, name, &text, ()),
        floor: floor(engine, vec![], vec![64, 512]),
    });
    let name = "the contract: state and 1 row in, two lists back".to_owned();
    let text = component(&["u8", "u8"], record, &two);
    let params = (leak(7_u8, 512), leak(7_u8, 96));
    pairs.push(Pair {
        call: call::<_, ((Vec<f64>, Vec<u8>),)>(engine, name, &text, params),
        floor: floor(engine, vec![512, 96], vec![64, 512]),
    });
}
