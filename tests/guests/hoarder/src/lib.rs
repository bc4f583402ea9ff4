//! Keeps every payment that a customer ever attempted, 16 bytes each: what a state costs by its size. Beyond some
//! thousands the oldest become summaries.

use foreshore_guest::prelude::*;

/// Payments that are kept one by one.
const KEPT: usize = 8_192;

fields! { pub struct Attempt { amount in "EUR": f64 } }

state! {
    /// One customer so far.
    pub struct Hoard {
        attempts: Window = Window::of(DAY.times(10_000), KEPT),
    }
}

vector! {
    pub struct Kept {
        /// Attempts within the hour.
        attempts_1h,
    }
}

impl Features for Hoard {
    type Event<'a> = Attempt;
    type Vector = Kept;
    const KEY: &'static str = "customer";
    const EVENTS: &'static [&'static str] = &["payment.attempted"];

    fn fold(&mut self, event: &Event<Attempt>) {
        self.attempts.add(event.time, event.amount);
    }

    fn features(&self, at: Time) -> Kept {
        let [hour] = self.attempts.over([HOUR], at);
        Kept {
            attempts_1h: hour.count,
        }
    }
}

export_features!(Hoard);
