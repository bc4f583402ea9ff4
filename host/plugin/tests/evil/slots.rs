//! What one plugin leaves in a slot of the pool, the next must not find: G25 across plugins, threat 2.

use std::time::Duration;

use foreshore_plugin::{Engine, FeatureSandbox, Isolation, SandboxSettings};
use foreshore_proof::Proof;
use foreshore_timeline::{Fault, Folder};

use crate::SUITE;
use crate::beside::{engine, patient, sandbox};
use crate::guests::{counter, features};
use crate::pipeline::{paid, row};

/// Entries of both guests' tables.
const TABLE: u32 = 5_000;

/// Writes a secret over all of its memory and its table, after growing to so many pages, then ends so.
fn writer(pages: u32, ends: &str) -> Vec<u8> {
    features(&format!(
        "{} {ends}) (table $t {TABLE} funcref) (elem declare func $write)
         (func $write (local $at i32)
           (drop (memory.grow (i32.sub (i32.const {pages}) (memory.size))))
           (table.fill $t (i32.const 0) (ref.func $write) (i32.const {TABLE}))
           (local.set $at (i32.const 2048))
           (memory.fill (i32.const 2048) (i32.const 0xa5)
             (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 2048)))",
        // The answer is written before the secret, and read after: it lies below it.
        "(f64.store (i32.const 528) (f64.const 1)) (f64.store (i32.const 536) (f64.const 10))
         (i32.store (i32.const 544) (i32.const 0)) (call $write)"
    ))
}

/// How a writer's call ends: in an answer, a trap, a missed deadline, too much memory.
const ENDS: [&str; 4] = [
    "(call $answer (i32.const 528) (i32.const 2) (i32.const 544) (i32.const 4))",
    "unreachable",
    "(loop $l (br $l)) unreachable",
    "(drop (memory.grow (i32.const 60000))) unreachable",
];

/// Counts what is not zero in memory it has not written, so many pages of it, and in its table; that is its
/// second feature.
fn reader(pages: u32) -> Vec<u8> {
    features(&reading(pages, ""))
}

/// The same, with something done before it looks.
fn reading(pages: u32, before: &str) -> String {
    let scan = "(local.set $spent (f64.convert_i32_u (call $found (local.get $rows))))";
    format!(
        "{}) (table $t {TABLE} funcref) (elem declare func $found)
         (func $found (param $rows i32) (result i32) (local $at i32) (local $end i32) (local $n i32)
           (drop (memory.grow (i32.sub (i32.const {pages}) (memory.size)))) {before}
           (local.set $end (i32.mul (memory.size) (i32.const 65536)))
           (local.set $at (i32.const 4096))
           (loop $scan
             ;; Rows, state and answer are its own.
             (if (i32.or (i32.lt_u (local.get $at) (i32.const 65536))
                         (i32.ge_u (local.get $at) (i32.const 131072)))
               (then (if (i64.ne (i64.load (local.get $at)) (i64.const 0))
                 (then (local.set $n (i32.add (local.get $n) (i32.const 1)))))))
             (local.set $at (i32.add (local.get $at) (i32.const 8)))
             (br_if $scan (i32.lt_u (local.get $at) (local.get $end))))
           (local.set $at (i32.const 0))
           (loop $scan
             (if (i32.eqz (ref.is_null (table.get $t (local.get $at))))
               (then (local.set $n (i32.add (local.get $n) (i32.const 1)))))
             (br_if $scan (i32.lt_u
               (local.tee $at (i32.add (local.get $at) (i32.const 1))) (i32.const {TABLE}))))
           (local.get $n)",
        counter(scan)
    )
}

/// Pages of a pair's memories: those at first, a few, the most.
const PAGES: [u32; 3] = [4, 32, 1_024];

/// One pair in so many has the most.
const LARGE_EVERY: u64 = 64;

struct Guests {
    writers: Vec<FeatureSandbox>,
    readers: Vec<FeatureSandbox>,
}

impl Guests {
    fn new(engine: &Engine) -> Guests {
        let own = SandboxSettings {
            // The one slot there is must be free after each call; each call of a reader then takes it anew.
            isolation: Isolation::PerCall,
            ..patient()
        };
        let mut writers = Vec::new();
        for pages in PAGES {
            for ends in ENDS {
                let mut settings = own.clone();
                if ends.contains("loop") {
                    settings.limits.call_time = Duration::from_millis(2);
                }
                writers.push(sandbox(engine, &writer(pages, ends), settings));
            }
        }
        let readers = PAGES.map(|pages| sandbox(engine, &reader(pages), own.clone()));
        Guests {
            writers,
            readers: readers.into(),
        }
    }
}

#[test]
fn nothing_of_what_a_plugin_left_in_its_slot_is_there_for_the_next() {
    let name = "nothing_of_what_a_plugin_left_in_its_slot_is_there_for_the_next";
    let mut proof = Proof::new("plugins", SUITE, name);
    // A single slot: every instance takes the one that another has just left.
    let engine = engine(1);
    let mut guests = Guests::new(&engine);
    let event = paid(10.0);
    let rows = [row(&event, "aem")];
    proof.seeds(1_000, |proof, seed| {
        let size = match seed % LARGE_EVERY {
            0 => 2,
            other => (other % 2) as usize,
        };
        let end = (seed / 2 % ENDS.len() as u64) as usize;
        let written = guests.writers[size * ENDS.len() + end].fold(&[], &rows);
        match (end, &written) {
            (0, Ok(_)) | (1, Err(Fault::Trap(_))) | (2 | 3, Err(Fault::Timeout(_))) => {}
            _ => panic!("{written:?}"),
        }
        let read = guests.readers[size].fold(&[], &rows).unwrap();
        assert_eq!(read.features, [1.0, 0.0], "bytes of another plugin");
        proof.count("secrets found", 0);
        proof.count("MiB looked through", u64::from(PAGES[size]) / 16);
    });
}

#[test]
fn the_scan_for_secrets_finds_one_in_memory_and_one_in_the_table() {
    let left = "(i64.store (i32.const 200000) (i64.const 1))
        (table.set $t (i32.const 4999) (ref.func $found))";
    let guest = features(&reading(32, left));
    let event = paid(10.0);
    let folded = sandbox(&engine(2), &guest, patient()).fold(&[], &[row(&event, "aem")]);
    assert_eq!(folded.unwrap().features, [1.0, 2.0]);
}
