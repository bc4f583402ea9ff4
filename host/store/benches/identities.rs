//! How long a restart takes to load the identity index from the files beside the log's segments. Prints a
//! table. Run: `cargo bench -p foreshore-store --bench identities`.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints its table and has nobody to report a failure to"
)]

use std::ops::RangeInclusive;
use std::path::Path;
use std::time::Instant;

use foreshore_core::identities::{Entry, Identities};
use foreshore_event::{Digest, Identity};
use foreshore_store::disk::{Disk, RealDisk};
use foreshore_store::identities;
use foreshore_timeline::Lsn;

/// Measurements, of which the median is shown.
const ROUNDS: usize = 5;

/// Events of a segment.
const SEGMENT: u64 = 250_000;

fn main() {
    let folder = std::env::temp_dir().join(format!("foreshore-identities-{}", std::process::id()));
    RealDisk.create_folder(&folder).unwrap();
    println!("| events | ms to write | ms to load | ns/event loaded | bytes/event in memory |");
    println!("| ---: | ---: | ---: | ---: | ---: |");
    for segments in [4, 40] {
        let events = segments * SEGMENT;
        let writing = milliseconds(|| write(&folder, segments));
        let mut identities = Identities::default();
        let mut rounds: Vec<f64> = (0..ROUNDS)
            .map(|_| {
                identities = Identities::default();
                milliseconds(|| load(&folder, segments, &mut identities))
            })
            .collect();
        rounds.sort_by(f64::total_cmp);
        let loading = rounds[ROUNDS / 2];
        println!(
            "| {events} | {writing:.0} | {loading:.0} | {:.0} | {:.1} |",
            loading * 1e6 / events as f64,
            identities.bytes() as f64 / events as f64
        );
    }
    std::fs::remove_dir_all(folder).unwrap();
}

fn milliseconds(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64() * 1e3
}

/// First and last LSN of a segment.
fn segment(number: u64) -> RangeInclusive<Lsn> {
    Lsn(number * SEGMENT + 1)..=Lsn((number + 1) * SEGMENT)
}

fn write(folder: &Path, segments: u64) {
    for segment in (0..segments).map(segment) {
        let lsns = segment.start().0..=segment.end().0;
        let entries: Vec<Entry> = lsns.map(entry).collect();
        identities::write(&RealDisk, folder, &segment, &entries).unwrap();
    }
}

fn load(folder: &Path, segments: u64, into: &mut Identities) {
    for segment in (0..segments).map(segment) {
        let entries = identities::read(&RealDisk, folder, &segment).unwrap();
        entries.iter().for_each(|entry| into.remember_entry(entry));
    }
}

/// Digests as evenly spread as real ones.
fn entry(lsn: u64) -> Entry {
    let half = |salt: u64| {
        let mut word = (4 * lsn + salt).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        u128::from(word ^ (word >> 31))
    };
    Entry::new(Identity(half(0) << 64 | half(1)), Digest(half(2)), Lsn(lsn))
}
