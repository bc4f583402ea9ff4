//! A model whose score can be added up by hand: thousandths of what a card has spent. Some amounts make it
//! misbehave. For tests that say what a score must be.

use std::hint::black_box;

use foreshore_guest::prelude::*;

/// The model itself; it has no state.
pub struct Tally;

/// The amount that makes it run for ever.
const ENDLESS: f64 = 66_666.0;

/// The amount that makes it trap.
const DEADLY: f64 = 77_777.0;

impl Model for Tally {
    const INPUTS: &'static [&'static str] = &["event.amount", "sum"];
    const REASONS: &'static [&'static str] = &["amount", "history"];

    fn score(inputs: &[f64], contributions: &mut [f64]) -> f64 {
        let [amount, sum] = inputs else { return 0.0 };
        misbehave(*amount);
        let sum = if sum.is_nan() { amount } else { sum };
        contributions.copy_from_slice(&[amount / 1000.0, (sum - amount) / 1000.0]);
        sum / 1000.0
    }
}

#[expect(clippy::panic, reason = "that is what it is for")]
fn misbehave(amount: f64) {
    let mut turns = 0_u64;
    while amount == ENDLESS && black_box(turns) < u64::MAX {
        turns += 1;
    }
    if amount == DEADLY {
        panic!("told to trap");
    }
}

export_model!(Tally);
