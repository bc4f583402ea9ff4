//! What a customer's payments look like: how many, how much, where. Attempts and completions are events of
//! their own, so that an attempt that was declined never counts as spending.

use foreshore_guest::prelude::*;

fields! {
    pub struct Payment<'a> {
        amount in "EUR": f64,
        terminal: Option<&'a str>,
        country: Option<&'a str>,
        online: bool,
    }
}

state! {
    /// One customer so far.
    pub struct Customer {
        attempted: Window = Window::of(DAY, 64),
        latest: Last<f64>,
        online: Share = Share::of(30 * DAY, 128),
        countries: Changes = Changes::of(7 * DAY, 16),
        terminals: Distinct = Distinct::of(7 * DAY, 48),
        completed: Window = Window::of(30 * DAY, 192),
        seen: Seen,
    }
}

vector! {
    pub struct Spending {
        /// Attempts within ten minutes, this one included.
        attempts_10m,
        /// Attempts within the hour.
        attempts_1h,
        /// Attempts within the day.
        attempts_1d,
        /// Attempts of the hour that did not go through; the one being scored counts until it does.
        open_1h,
        /// Share of the day's attempts that did not go through.
        open_share_1d,
        /// Payments within the day.
        completed_1d,
        /// Spent within the hour.
        spent_1h in "EUR",
        /// Spent within the day.
        spent_1d in "EUR",
        /// Spent within seven days.
        spent_7d in "EUR",
        /// Mean payment of thirty days.
        mean_30d in "EUR",
        /// Standard deviation of the payments of thirty days.
        deviation_30d in "EUR",
        /// Largest payment of thirty days.
        max_30d in "EUR",
        /// The latest attempt as a multiple of the mean payment.
        amount_ratio,
        /// Different terminals tried within the day.
        terminals_1d,
        /// Different terminals tried within seven days.
        terminals_7d,
        /// Time between the latest attempt and the one before it.
        since_previous in "s",
        /// Share of the attempts of thirty days that were online.
        online_share_30d,
        /// Changes of country within seven days.
        country_changes_7d,
        /// Time since the customer's first attempt.
        known_for in "s",
    }
}

impl Customer {
    fn attempt(&mut self, event: &Event<Payment>) {
        self.attempted.add(event.time, event.amount);
        self.latest.add(event.time, event.amount);
        self.online.add(event.time, event.online);
        self.countries.add(event.time, event.country);
        self.terminals.add(event.time, event.terminal);
        self.seen.add(event.time);
    }
}

impl Features for Customer {
    type Event<'a> = Payment<'a>;
    type Vector = Spending;
    const KEY: &'static str = "customer";
    const EVENTS: &'static [&'static str] = &["payment.attempted", "payment.completed"];

    fn fold(&mut self, event: &Event<Payment>) {
        match event.kind {
            "payment.attempted" => self.attempt(event),
            _ => self.completed.add(event.time, event.amount),
        }
    }

    fn features(&self, at: Time) -> Spending {
        let [tried_10m, tried_1h, tried_1d] = self.attempted.over([10 * MINUTE, HOUR, DAY], at);
        let [paid_1h, paid_1d, paid_7d, paid_30d] =
            self.completed.over([HOUR, DAY, 7 * DAY, 30 * DAY], at);
        let [terminals_1d, terminals_7d] = self.terminals.over([DAY, 7 * DAY], at);
        let [online_30d] = self.online.over([30 * DAY], at);
        let [country_changes_7d] = self.countries.over([7 * DAY], at);
        Spending {
            attempts_10m: tried_10m.count,
            attempts_1h: tried_1h.count,
            attempts_1d: tried_1d.count,
            open_1h: (tried_1h.count - paid_1h.count).max(0.0),
            open_share_1d: ratio((tried_1d.count - paid_1d.count).max(0.0), tried_1d.count),
            completed_1d: paid_1d.count,
            spent_1h: paid_1h.sum,
            spent_1d: paid_1d.sum,
            spent_7d: paid_7d.sum,
            mean_30d: paid_30d.mean,
            deviation_30d: paid_30d.deviation,
            max_30d: paid_30d.max,
            amount_ratio: ratio(
                self.latest.value().copied().unwrap_or(f64::NAN),
                paid_30d.mean,
            ),
            terminals_1d,
            terminals_7d,
            since_previous: self.latest.gap(),
            online_share_30d: online_30d.share,
            country_changes_7d,
            known_for: self.seen.age(at),
        }
    }
}

/// Missing where there is nothing to divide by.
fn ratio(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { f64::NAN }
}

export_features!(Customer);
