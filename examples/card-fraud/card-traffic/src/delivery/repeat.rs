//! Sendings besides the one that counts: damaged ones before it, and repeated or contradicting ones after
//! it. Takes the parcels; gives them with these between.

use std::sync::Arc;

use foreshore_event::Time;

use super::{Disposition, Parcel, Route, Sent, gathered};
use crate::event::{Amount, Event, Kind};
use crate::random::Random;
use crate::settings::{Disorder, Settings};
use crate::span::{hours, seconds};

/// Share of repeated score requests that a device repeats at once, because it got no answer.
const AT_ONCE: f64 = 0.7;

/// Adds the other sendings to the parcels.
pub fn repeat(settings: &Settings, parcels: Vec<Parcel>) -> Vec<Parcel> {
    let mut random = Random::new(settings.seed, "repeats");
    let disorder = &settings.disorder;
    let mut all = Vec::with_capacity(parcels.len());
    for parcel in parcels {
        let damaged = random.chance(disorder.damaged_rate);
        let resent = random.chance(disorder.resent_rate);
        let conflict = random.chance(disorder.conflict_rate);
        let before = damaged.then(|| damage(&parcel, &mut random)).flatten();
        let again = resent
            .then(|| resend(&parcel, disorder, &mut random))
            .flatten();
        let other = conflict
            .then(|| contradict(&parcel, disorder, &mut random))
            .flatten();
        all.extend(before);
        all.push(parcel);
        all.extend(again);
        all.extend(other);
    }
    all
}

/// What a faulty device sends first: the same event without its amount, or with the amount as text.
fn damage(parcel: &Parcel, random: &mut Random) -> Option<Parcel> {
    let euros = parcel.sent.event.euros()?;
    let mut event = Event::clone(&parcel.sent.event);
    event.data.amount = random
        .chance(0.5)
        .then(|| Amount::Text(format!("{euros:.2} EUR")));
    Some(parcel.with(event, Disposition::Invalid))
}

/// The same event once more. Only what is admitted or refused as future: what then becomes of it is plain.
fn resend(parcel: &Parcel, disorder: &Disorder, random: &mut Random) -> Option<Parcel> {
    let disposition = match parcel.sent.disposition {
        Disposition::Admitted => Disposition::Duplicate,
        Disposition::Future => Disposition::Future,
        _ => return None,
    };
    let event = Event::clone(&parcel.sent.event);
    let again = parcel.with(event, disposition);
    if parcel.route == Route::Direct && random.chance(AT_ONCE) {
        let patience = seconds(random.between(1.0, 5.0));
        return Some(Parcel {
            arrival: parcel.arrival.plus(patience),
            ..again
        });
    }
    Some(Parcel {
        arrival: gathered(later(parcel.arrival, 12.0, random), disorder),
        route: Route::Gathered,
        ..again
    })
}

/// Another event under the same id: ten times the amount. Attempts ask for a score with it.
fn contradict(parcel: &Parcel, disorder: &Disorder, random: &mut Random) -> Option<Parcel> {
    let euros = parcel.sent.event.euros()?;
    if parcel.sent.disposition != Disposition::Admitted {
        return None;
    }
    let mut event = Event::clone(&parcel.sent.event);
    event.data.amount = Some(Amount::Euros(euros * 10.0));
    let (arrival, route) = match (event.kind, later(parcel.arrival, 6.0, random)) {
        (Kind::Attempted, arrival) => (arrival, Route::Direct),
        (_, arrival) => (gathered(arrival, disorder), Route::Gathered),
    };
    Some(Parcel {
        arrival,
        route,
        ..parcel.with(event, Disposition::Conflict)
    })
}

/// Some time between a minute and so many hours after `time`.
fn later(time: Time, hours_max: f64, random: &mut Random) -> Time {
    time.plus(hours(random.between(1.0 / 60.0, hours_max)))
}

impl Parcel {
    /// The same way with another event.
    fn with(&self, event: Event, disposition: Disposition) -> Parcel {
        Parcel {
            arrival: self.arrival,
            route: self.route,
            sent: Sent {
                event: Arc::new(event),
                disposition,
            },
        }
    }
}
