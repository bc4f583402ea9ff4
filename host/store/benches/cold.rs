//! What cold state costs: putting timelines away and finding one of them again, from the disk and from the
//! cache. Prints a table for `docs/DURABILITY.md`. Run: `cargo bench -p foreshore-store --bench cold`; a
//! number after `--` is how many timelines, one million without.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints its table and has nobody to report a failure to"
)]

mod machine;

use std::fs;
use std::hint::black_box;
use std::time::{Duration, Instant};

use foreshore_store::cold::{Batch, Cold, Family, FjallCold, Key, Rested};
use foreshore_timeline::Lsn;

use crate::machine::{forget_pages, resident_mib};

/// Bytes of a timeline: a few states and the positions of some hundred events.
const BODY: usize = 4 << 10;

/// Timelines put away at once.
const BATCH: u64 = 2_000;

/// The node's default.
const CACHE: u64 = 64 << 20;

/// A prime: multiples of it visit every timeline once, in no order.
const STEP: u64 = 7_368_787;

/// Loads measured.
const LOADS: u64 = 20_000;

fn main() {
    let given = std::env::args().find_map(|argument| argument.parse().ok());
    let timelines: u64 = given.unwrap_or(1_000_000);
    let folder = std::env::temp_dir().join(format!("foreshore-cold-bench-{}", std::process::id()));
    {
        let cold = FjallCold::open(&folder, b"log", CACHE).unwrap();
        put_away(&cold, timelines);
        println!("on disk                {:>9} MiB", Cold::bytes(&cold) >> 20);
    }
    let opening = Instant::now();
    let cold = FjallCold::open(&folder, b"log", CACHE).unwrap();
    println!("opening                {:>9.1?}", opening.elapsed());
    let spread = |number: u64| key((number + 1).wrapping_mul(STEP) % timelines);
    forget_pages(&folder);
    load(&cold, "load from disk", spread);
    load(&cold, "load, pages in memory", spread);
    load(&cold, "load, one of 1,000", |number| spread(number % 1_000));
    load(&cold, "load, not there", |number| {
        format!("nobody {number}")
    });
    println!("memory                 {:>9} MiB", resident_mib());
    drop(cold);
    fs::remove_dir_all(folder).unwrap();
}

fn key(number: u64) -> String {
    format!("customer {number:012}")
}

fn put_away(cold: &FjallCold, timelines: u64) {
    let started = Instant::now();
    let mut took = Vec::new();
    for first in (0..timelines).step_by(BATCH as usize) {
        let numbers = first..(first + BATCH).min(timelines);
        let rested = numbers.map(|number| Rested {
            key: Key::new(Family(1), &key(number.wrapping_mul(STEP) % timelines)),
            lsn: Lsn(number),
            body: body(number),
        });
        let batch = Batch {
            timelines: rested.collect(),
            trails: Vec::new(),
            through: Lsn(first + BATCH),
        };
        let writing = Instant::now();
        cold.write(batch).unwrap();
        took.push(writing.elapsed());
    }
    let seconds = started.elapsed().as_secs_f64();
    let (rate, bytes) = (timelines as f64 / seconds, (timelines * BODY as u64) >> 20);
    println!("put away               {rate:>9.0} timelines/s ({bytes} MiB in {seconds:.0} s)");
    print("batch of 2,000", &mut took);
}

/// Bytes that do not compress, as states of floating point numbers do not.
fn body(number: u64) -> Vec<u8> {
    let mut word = number | 1;
    let mut bytes = Vec::with_capacity(BODY);
    while bytes.len() < BODY {
        word = word.wrapping_mul(0xd134_2543_de82_ef95).rotate_left(29) ^ number;
        bytes.extend(word.to_le_bytes());
    }
    bytes
}

fn load(cold: &FjallCold, name: &str, key: impl Fn(u64) -> String) {
    let mut took = Vec::new();
    for number in 0..LOADS {
        let key = key(number);
        let loading = Instant::now();
        black_box(cold.timeline(Family(1), &key).unwrap());
        took.push(loading.elapsed());
    }
    print(name, &mut took);
}

fn print(name: &str, took: &mut [Duration]) {
    took.sort();
    let at = |percent: usize| took[(took.len() - 1) * percent / 100];
    println!(
        "{name:<22} {:>9.1?} p50 {:>9.1?} p99 {:>9.1?} max",
        at(50),
        at(99),
        at(100)
    );
}
