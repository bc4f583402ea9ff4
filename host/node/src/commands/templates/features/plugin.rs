//! Sums what a card spends within the hour.
use foreshore_guest::prelude::*;

fields! { pub struct Payment { amount in "EUR": f64 } }
state! { pub struct Card { payments: Window = Window::of(HOUR, 64) } }
vector! { pub struct Spending {
    /// Spent within the hour.
    spent_1h in "EUR",
} }

impl Features for Card {
    type Event<'a> = Payment;
    type Vector = Spending;
    const KEY: &'static str = "card";
    const EVENTS: &'static [&'static str] = &["payment.completed"];
    fn fold(&mut self, event: &Event<Payment>) {
        self.payments.add(event.time, event.amount);
    }
    fn features(&self, at: Time) -> Spending {
        let [hour] = self.payments.over([HOUR], at);
        Spending { spent_1h: hour.sum }
    }
}
export_features!(Card);
