//! What a new event costs the identity index, in time and in memory, against a plain map of whole digests.
//! Prints a table. Run: `cargo bench -p foreshore-core --bench identities`.

#![allow(
    clippy::print_stdout,
    reason = "a bench prints its table and has nobody to report a failure to"
)]

use std::hash::{BuildHasherDefault, Hasher};
use std::hint::black_box;
use std::time::{Duration, Instant};

use foreshore_core::identities::{Entry, Identities};
use foreshore_event::{Digest, Identity};
use foreshore_timeline::Lsn;
use hashbrown::HashMap;

/// Measurements of each case, of which the median is shown.
const ROUNDS: usize = 5;

/// New events once the index is filled: the steady state.
const THEN: u64 = 500_000;

fn main() {
    println!(
        "| events | index | ns/event while filling | ns/event when filled | longest µs | bytes/event |"
    );
    println!("| ---: | --- | ---: | ---: | ---: | ---: |");
    for events in [1_000_000, 10_000_000] {
        let rounds: Vec<_> = (0..ROUNDS)
            .map(|_| (measure::<Identities>(events), measure::<PlainMap>(events)))
            .collect();
        let (index, map): (Vec<_>, Vec<_>) = rounds.into_iter().unzip();
        let (index, map) = (median(index), median(map));
        show(events, "shards of 20-byte entries", index);
        show(events, "plain map", map);
        show(
            events,
            "ratio",
            std::array::from_fn(|figure| index[figure] / map[figure]),
        );
    }
}

fn show(events: u64, name: &str, [filling, filled, longest, bytes]: [f64; 4]) {
    println!("| {events} | {name} | {filling:.2} | {filled:.2} | {longest:.2} | {bytes:.2} |");
}

/// The medians of each figure.
fn median(rounds: Vec<[f64; 4]>) -> [f64; 4] {
    std::array::from_fn(|figure| {
        let mut values: Vec<f64> = rounds.iter().map(|round| round[figure]).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    })
}

/// Each event is looked up, found to be new, and remembered.
fn measure<I: Index>(events: u64) -> [f64; 4] {
    let mut index = I::default();
    let filling = Instant::now();
    (1..=events).for_each(|lsn| index.meet(lsn));
    let filling = filling.elapsed();
    let bytes = index.bytes();
    let filled = Instant::now();
    (events + 1..=events + THEN).for_each(|lsn| index.meet(lsn));
    let filled = filled.elapsed();
    drop(index);
    [
        filling.as_nanos() as f64 / events as f64,
        filled.as_nanos() as f64 / THEN as f64,
        // Every run doubles the same tables: what only some runs show is the machine's doing.
        (0..ROUNDS)
            .map(|_| longest::<I>(events))
            .min()
            .unwrap_or_default()
            .as_nanos() as f64
            / 1e3,
        bytes as f64 / events as f64,
    ]
}

/// The longest that one event is held up on the way to so many.
fn longest<I: Index>(events: u64) -> Duration {
    let mut index = I::default();
    let mut before = Instant::now();
    let mut longest = Duration::ZERO;
    for lsn in 1..=events {
        index.meet(lsn);
        let now = Instant::now();
        longest = longest.max(now - before);
        before = now;
    }
    longest
}

trait Index: Default {
    fn meet(&mut self, lsn: u64);
    fn bytes(&self) -> usize;
}

impl Index for Identities {
    fn meet(&mut self, lsn: u64) {
        let (identity, digest) = event(lsn);
        if black_box(&*self).find(identity).is_none() {
            self.remember_entry(Entry::new(identity, digest, Lsn(lsn)));
        }
    }

    fn bytes(&self) -> usize {
        self.bytes()
    }
}

/// Whole digests in one table.
#[derive(Default)]
struct PlainMap(HashMap<Identity, (Digest, Lsn), BuildHasherDefault<Already>>);

impl Index for PlainMap {
    fn meet(&mut self, lsn: u64) {
        let (identity, digest) = event(lsn);
        if !black_box(&self.0).contains_key(&identity) {
            self.0.insert(identity, (digest, Lsn(lsn)));
        }
    }

    fn bytes(&self) -> usize {
        self.0.allocation_size()
    }
}

/// An identity is a digest already: its low half will do as a hash.
#[derive(Default)]
struct Already(u64);

impl Hasher for Already {
    fn write(&mut self, _: &[u8]) {}

    fn write_u128(&mut self, digest: u128) {
        self.0 = digest as u64;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// Digests as evenly spread as real ones: two steps of splitmix64 each.
fn event(lsn: u64) -> (Identity, Digest) {
    let half = |salt: u64| {
        let mut word = (4 * lsn + salt).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        u128::from(word ^ (word >> 31))
    };
    (
        Identity(half(0) << 64 | half(1)),
        Digest(half(2) << 64 | half(3)),
    )
}
