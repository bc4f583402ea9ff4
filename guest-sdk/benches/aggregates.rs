//! Bytes of state and time per event of every aggregate at a few fills, as the table in the crate's
//! documentation. Takes nothing, prints Markdown.
#![allow(
    clippy::print_stdout,
    reason = "a bench that prints its table is the point"
)]

use std::hint::black_box;
use std::time::Instant;

use foreshore_guest::prelude::*;

/// Events per measured run; the fastest of so many runs counts.
const EVENTS: i64 = 20_000;
const RUNS: usize = 7;

fn main() {
    println!("| aggregate | holds | bytes | add, ns | add and read, ns | decode and encode, ns |");
    println!("| --- | --- | --- | --- | --- | --- |");
    for entries in [16, 64, 256] {
        let window = Window::of(SECOND.times(entries), entries as usize);
        let holds = format!("{entries} amounts");
        measure(
            "`Window`, 3 spans",
            &holds,
            window,
            add_amount,
            |window, at| {
                let [short, middle, long] = window.over([MINUTE, HOUR, DAY], at);
                short.sum + middle.mean + long.deviation
            },
        );
    }
    let window = Window::of(HOUR, 64);
    measure(
        "`Window`, 3 spans",
        "64 amounts and 32 summaries",
        window,
        add_amount,
        |window, at| {
            let [short, middle, long] = window.over([MINUTE, HOUR, DAY], at);
            short.sum + middle.mean + long.deviation
        },
    );
    let share = Share::of(SECOND.times(64), 64);
    measure(
        "`Share`",
        "64 events",
        share,
        |share, time, value| share.add(time, value < 20.0),
        |share, at| share.over([HOUR], at)[0].share,
    );
    let distinct = Distinct::of(DAY, 64);
    measure(
        "`Distinct`, 2 spans",
        "64 values",
        distinct,
        |distinct, time, value| distinct.add(time, value),
        |distinct, at| {
            let [short, long] = distinct.over([MINUTE, DAY], at);
            short + long
        },
    );
    let panes = Panes::of(MINUTE, 60);
    measure(
        "`Panes`, 2 spans",
        "60 panes",
        panes,
        |panes, time, value| panes.add(time, value),
        |panes, at| {
            let [short, long] = panes.over([MINUTE, HOUR], at);
            short.sum + long.deviation
        },
    );
    let changes = Changes::of(SECOND.times(64), 64);
    measure(
        "`Changes`",
        "64 changes",
        changes,
        |changes, time, value| changes.add(time, value),
        |changes, at| changes.over([HOUR], at)[0],
    );
    measure(
        "`Last`",
        "2 numbers",
        Last::default(),
        |last, time, value| last.add(time, value),
        |last, at| last.since(at),
    );
    measure(
        "`Seen`",
        "",
        Seen::default(),
        |seen, time, _| seen.add(time),
        |seen, at| seen.age(at),
    );
    let decay = Decay::half_life(HOUR);
    measure(
        "`Decay`",
        "",
        decay,
        |decay, time, value| decay.add(time, value),
        |decay, at| decay.at(at),
    );
}

fn add_amount(window: &mut Window, time: Time, value: f64) {
    window.add(time, value);
}

/// Prints the line of one aggregate, fed with an event a second.
fn measure<T: State + Clone>(
    name: &str,
    holds: &str,
    initial: T,
    add: impl Fn(&mut T, Time, f64),
    read: impl Fn(&T, Time) -> f64,
) {
    let mut full = initial.clone();
    feed(&mut full, &add, 0, |_, _| {});
    let mut writer = Writer::default();
    full.encode(&mut writer);
    let bytes = writer.into_bytes();
    let added = fastest(|| feed(&mut full.clone(), &add, EVENTS, |_, _| {}));
    let read = fastest(|| {
        feed(&mut full.clone(), &add, EVENTS, |aggregate, at| {
            black_box(read(aggregate, at));
        });
    });
    let coded = fastest(|| {
        for _ in 0..EVENTS {
            let mut state = initial.clone();
            state.decode(&mut Reader::of(&bytes));
            let mut writer = Writer::with_capacity(bytes.len());
            state.encode(&mut writer);
            black_box(writer);
        }
    });
    println!(
        "| {name} | {holds} | {} | {added} | {read} | {coded} |",
        bytes.len()
    );
}

/// Feeds so many events, the first `first` seconds after the epoch's year of use.
fn feed<T>(
    aggregate: &mut T,
    add: &impl Fn(&mut T, Time, f64),
    first: i64,
    after: impl Fn(&T, Time),
) {
    for event in first..first + EVENTS {
        let time = Time((1_772_000_000 + event) * 1_000_000);
        add(
            aggregate,
            time,
            (math::mix(event as u64) % 10_000) as f64 / 100.0,
        );
        after(aggregate, time);
    }
}

/// Nanoseconds per event of the fastest run.
fn fastest(run: impl Fn()) -> u128 {
    let nanoseconds = (0..RUNS).map(|_| {
        let start = Instant::now();
        run();
        start.elapsed().as_nanos() / EVENTS as u128
    });
    nanoseconds.min().unwrap_or_default()
}
