//! The few payments that come too late: held back until both their timelines have moved on beyond the
//! lateness. Changes the arrival of parcels already sent; a payment that cannot be made late stays in time.

use std::collections::BTreeSet;

use foreshore_event::Time;

use super::{Disposition, Parcel, Route, gathered};
use crate::event::{Event, Kind};
use crate::random::Random;
use crate::settings::Settings;
use crate::span::{HOUR, hours};

/// Holds back a share of the payments, each with its completion.
pub fn hold_back(settings: &Settings, parcels: &mut [Parcel]) {
    let mut random = Random::new(settings.seed, "stragglers");
    let held: BTreeSet<String> = parcels
        .iter()
        .filter(|parcel| {
            parcel.route == Route::Direct && parcel.sent.disposition == Disposition::Admitted
        })
        .map(|parcel| parcel.sent.event.data.payment.clone())
        .filter(|_| random.chance(settings.disorder.straggler_rate))
        .collect();
    for payment in &held {
        let Some(passed) = both_passed(settings, parcels, &held, payment) else {
            continue;
        };
        let longer = hours(random.between(1.0, 24.0));
        let arrival = gathered(passed.plus(longer), &settings.disorder);
        for parcel in parcels
            .iter_mut()
            .filter(|parcel| is_of(&parcel.sent.event, payment))
        {
            parcel.arrival = arrival;
            parcel.route = Route::Gathered;
            parcel.sent.disposition = Disposition::Late;
        }
    }
}

/// When the customer's and the terminal's timeline have both got an event so much younger than this
/// payment that its events are late, with an hour to spare.
fn both_passed(
    settings: &Settings,
    parcels: &[Parcel],
    held: &BTreeSet<String>,
    payment: &str,
) -> Option<Time> {
    let last = parcels
        .iter()
        .map(|parcel| &parcel.sent.event)
        .rfind(|event| is_of(event, payment))?;
    let beyond = last.time.plus(settings.disorder.lateness).plus(HOUR);
    let passed = |of_timeline: fn(&Event, &Event) -> bool| {
        parcels
            .iter()
            .filter(|parcel| parcel.sent.disposition == Disposition::Admitted)
            .filter(|parcel| {
                let event = &parcel.sent.event;
                event.kind == Kind::Attempted
                    && event.time > beyond
                    && of_timeline(event, last)
                    && !held.contains(&event.data.payment)
            })
            .map(|parcel| parcel.arrival)
            .min()
    };
    let customer = passed(|event, last| event.data.customer == last.data.customer)?;
    let terminal = passed(|event, last| event.data.terminal == last.data.terminal)?;
    Some(customer.max(terminal))
}

/// Whether the terminal sent this event about the payment; the fraud desk's reports go their own way.
fn is_of(event: &Event, payment: &str) -> bool {
    event.kind != Kind::Reported && event.data.payment == payment
}
