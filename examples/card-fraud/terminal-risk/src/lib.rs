//! What is known of a terminal: its traffic, and the frauds reported of it so far. A report is an event of its
//! own, days after the payment: it counts from the moment at which it was known.

use foreshore_guest::prelude::*;

fields! {
    pub struct Payment<'a> {
        amount in "EUR": f64,
        customer: Option<&'a str>,
        fraud: bool,
    }
}

state! {
    /// One terminal so far.
    pub struct Terminal {
        attempted: Window = Window::of(HOUR, 96),
        customers: Distinct = Distinct::of(DAY, 64),
        completed: Window = Window::of(DAY, 96),
        days: Panes = Panes::of(DAY, 28),
        turnover: Decay = Decay::half_life(7 * DAY),
        frauds: Window = Window::of(28 * DAY, 64),
        latest_fraud: Seen,
    }
}

vector! {
    pub struct Risk {
        /// Attempts within ten minutes, this one included.
        attempts_10m,
        /// Attempts within the hour.
        attempts_1h,
        /// Mean of the amounts tried within ten minutes.
        mean_tried_10m in "EUR",
        /// Share of the hour's attempts that did not go through; the one being scored counts until it does.
        open_share_1h,
        /// Different customers within the hour.
        customers_1h,
        /// Different customers within the day; 64 stands for more.
        customers_1d,
        /// Payments within the day.
        completed_1d,
        /// Mean payment of the last seven calendar days (UTC).
        mean_7d in "EUR",
        /// What was paid, fading by half in seven days.
        turnover in "EUR",
        /// Frauds reported within 28 days.
        frauds_28d,
        /// Frauds reported in 28 days, per payment of the last 28 calendar days.
        fraud_share_28d,
        /// Time since the latest report of a fraud.
        since_fraud in "s",
    }
}

impl Terminal {
    fn attempt(&mut self, event: &Event<Payment>) {
        self.attempted.add(event.time, event.amount);
        self.customers.add(event.time, event.customer);
    }

    fn completion(&mut self, event: &Event<Payment>) {
        self.completed.add(event.time, event.amount);
        self.days.add(event.time, event.amount);
        self.turnover.add(event.time, event.amount);
    }

    /// A report that clears a payment says nothing against the terminal.
    fn report(&mut self, event: &Event<Payment>) {
        if event.fraud {
            self.frauds.add(event.time, 1.0);
            self.latest_fraud.add(event.time);
        }
    }
}

impl Features for Terminal {
    type Event<'a> = Payment<'a>;
    type Vector = Risk;
    const KEY: &'static str = "terminal";
    const EVENTS: &'static [&'static str] =
        &["payment.attempted", "payment.completed", "fraud.reported"];

    fn fold(&mut self, event: &Event<Payment>) {
        match event.kind {
            "payment.attempted" => self.attempt(event),
            "payment.completed" => self.completion(event),
            _ => self.report(event),
        }
    }

    fn features(&self, at: Time) -> Risk {
        let [tried_10m, tried_1h] = self.attempted.over([10 * MINUTE, HOUR], at);
        let [paid_1h, paid_1d] = self.completed.over([HOUR, DAY], at);
        let [customers_1h, customers_1d] = self.customers.over([HOUR, DAY], at);
        let [paid_7d, paid_28d] = self.days.over([7 * DAY, 28 * DAY], at);
        let [frauds_28d] = self.frauds.over([28 * DAY], at);
        Risk {
            attempts_10m: tried_10m.count,
            attempts_1h: tried_1h.count,
            mean_tried_10m: tried_10m.mean,
            open_share_1h: ratio((tried_1h.count - paid_1h.count).max(0.0), tried_1h.count),
            customers_1h,
            customers_1d,
            completed_1d: paid_1d.count,
            mean_7d: paid_7d.mean,
            turnover: self.turnover.at(at),
            frauds_28d: frauds_28d.count,
            fraud_share_28d: ratio(frauds_28d.count, paid_28d.count),
            since_fraud: self.latest_fraud.idle(at),
        }
    }
}

/// Missing where there is nothing to divide by.
fn ratio(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { f64::NAN }
}

export_features!(Terminal);
