//! A feature plugin that counts and sums honestly, until an event tells it to misbehave: to run for ever, to
//! trap, to hoard memory, to remember what it must not, or to work hard. For tests of what a host does about it.

use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};

use foreshore_guest::prelude::*;

fields! {
    pub struct Payment<'a> {
        amount in "EUR": f64,
        does: Option<&'a str>,
    }
}

state! {
    /// One card so far.
    pub struct Card {
        count: u64,
        sum: f64,
        remembered: u64,
    }
}

vector! {
    pub struct Spending {
        /// Payments so far, this one included.
        count,
        /// Their amounts.
        sum in "EUR",
        /// Calls the instance remembers: never any, where it is honest.
        remembered,
    }
}

/// What no plugin may have: something that outlives a call.
static MEMORY: AtomicU64 = AtomicU64::new(0);

impl Features for Card {
    type Event<'a> = Payment<'a>;
    type Vector = Spending;
    const KEY: &'static str = "card";
    const EVENTS: &'static [&'static str] = &["paid", "topped-up"];

    fn fold(&mut self, event: &Event<Payment>) {
        self.count += 1;
        self.sum += event.amount;
        match event.fields.does {
            Some("loop") => run_for_ever(),
            Some("trap") => trap(),
            Some("trap-if-third") if self.count == 3 => trap(),
            Some("hoard") => hoard(),
            Some(does) if does.starts_with("work ") => work(&does["work ".len()..]),
            Some("remember") => self.remembered = MEMORY.fetch_add(1, Ordering::Relaxed),
            _ => {}
        }
    }

    fn features(&self, _at: Time) -> Spending {
        Spending {
            count: self.count as f64,
            sum: self.sum,
            remembered: self.remembered as f64,
        }
    }
}

fn run_for_ever() {
    let mut turns = 0_u64;
    while black_box(turns) < u64::MAX {
        turns += 1;
    }
}

/// So many turns of work, each of which needs the one before: honest, but as long as it is told.
fn work(turns: &str) {
    let turns = turns.parse().unwrap_or(0_u64);
    let turn = |last: u64, _| last.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
    black_box((0..turns).fold(1, turn));
}

#[expect(clippy::panic, reason = "that is what it is for")]
fn trap() {
    panic!("told to trap");
}

fn hoard() {
    let mut hoard: Vec<Vec<u8>> = Vec::new();
    while black_box(hoard.len()) < usize::MAX {
        hoard.push(vec![1; 1 << 20]);
    }
}

export_features!(Card);
