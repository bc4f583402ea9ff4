//! How the events reach the node: as a list of requests in the order of their arrival, late, shuffled,
//! repeated and damaged. Takes emissions; says of every sending what should become of it.

mod outage;
mod repeat;
mod straggler;

use std::sync::Arc;

use foreshore_event::{OrderKey, Span, Time};

use crate::emission::Emission;
use crate::event::{Event, Kind};
use crate::random::Random;
use crate::settings::{Disorder, Settings};
use crate::span::seconds;
use outage::Outages;

/// An event this far ahead of its arrival is from a clock gone wrong: what pipelines have by default.
const FUTURE_MAX: Span = Span(300 * Span::SECOND.0);

/// The quickest way from a device to the node.
const DELAY_MIN: Span = Span(60_000);

/// One request.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// When it arrives. Never decreases along the list.
    pub arrival: Time,
    /// Which request it is.
    pub request: Request,
    /// What it carries: one event if it asks for a score, at least one otherwise.
    pub events: Vec<Sent>,
}

/// The two ways to send events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// One event, and its score is wanted: a payment is waiting.
    Score,
    /// Events as lines of JSON, and only their receipt is wanted.
    Batch,
}

/// One sending of an event.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The event as it is sent; altered where it is to conflict or to be invalid.
    pub event: Arc<Event>,
    /// What becomes of it when the requests are played one after another.
    pub disposition: Disposition,
}

/// What becomes of a sent event in a pipeline with the lateness of [`Disorder::lateness`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Disposition {
    /// Taken into all its timelines.
    Admitted,
    /// Sent before, with the same content.
    Duplicate,
    /// Sent before, with other content.
    Conflict,
    /// Behind the watermark of all its timelines.
    Late,
    /// From a clock ahead of the node's.
    Future,
    /// Not an event of the pipeline.
    Invalid,
}

impl Delivery {
    /// The request's body: one JSON document, or a line of JSON per event.
    pub fn body(&self) -> String {
        let lines: Vec<String> = self
            .events
            .iter()
            .map(|sent| sent.event.to_string())
            .collect();
        match self.request {
            Request::Score => lines.concat(),
            Request::Batch => lines.join("\n") + "\n",
        }
    }
}

/// The events that should be admitted, in their total order: what a replay of the same traffic takes.
pub fn admitted(deliveries: &[Delivery]) -> Vec<Arc<Event>> {
    let mut events: Vec<Arc<Event>> = (deliveries.iter().flat_map(|delivery| &delivery.events))
        .filter(|sent| sent.disposition == Disposition::Admitted)
        .map(|sent| Arc::clone(&sent.event))
        .collect();
    events.sort_by(|a, b| order(a).cmp(&order(b)));
    events
}

fn order(event: &Arc<Event>) -> OrderKey<'_> {
    event.order_key()
}

/// A sending on its way.
#[derive(Clone, Debug)]
struct Parcel {
    arrival: Time,
    route: Route,
    sent: Sent,
}

/// The way a parcel takes; parcels that arrive together on one way share a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Route {
    /// At once and alone, for a score.
    Direct,
    /// With all that its terminal could not send during an outage.
    Buffered(usize),
    /// With whatever else was gathered in the meantime.
    Gathered,
}

/// Sends the emissions on their way.
pub(crate) fn deliver(settings: &Settings, emissions: &[Emission]) -> Vec<Delivery> {
    let disorder = &settings.disorder;
    let outages = Outages::new(settings);
    let mut random = Random::new(settings.seed, "network");
    let mut parcels: Vec<Parcel> = emissions
        .iter()
        .map(|emission| send(emission, &outages, disorder, &mut random))
        .collect();
    straggler::hold_back(settings, &mut parcels);
    let parcels = repeat::repeat(settings, parcels);
    bundle(settings, parcels)
}

/// The first sending of an event.
fn send(
    emission: &Emission,
    outages: &Outages,
    disorder: &Disorder,
    random: &mut Random,
) -> Parcel {
    let delay = seconds(random.wait(disorder.delay_ms_mean) / 1_000.0);
    let online = emission.time.plus(DELAY_MIN).plus(delay);
    let outage = (emission.terminal)
        .and_then(|terminal| Some((outages.end(terminal, emission.time)?, terminal)));
    let (arrival, route) = match outage {
        Some((end, terminal)) => (end.plus(DELAY_MIN), Route::Buffered(terminal)),
        None if emission.event.kind == Kind::Attempted => (online, Route::Direct),
        None => (gathered(online, disorder), Route::Gathered),
    };
    let disposition = match emission.event.time.since(arrival) > FUTURE_MAX {
        true => Disposition::Future,
        false => Disposition::Admitted,
    };
    Parcel {
        arrival,
        route,
        sent: Sent {
            event: Arc::clone(&emission.event),
            disposition,
        },
    }
}

/// When what is ready at `time` is sent with what else was gathered.
fn gathered(time: Time, disorder: &Disorder) -> Time {
    let every = disorder.gathering.0.max(1);
    Time(time.0 + (-time.0).rem_euclid(every))
}

/// Parcels to requests, in the order of arrival.
fn bundle(settings: &Settings, mut parcels: Vec<Parcel>) -> Vec<Delivery> {
    let mut random = Random::new(settings.seed, "buffers");
    // Stable: a damaged sending stays ahead of the sound one that arrives with it.
    parcels.sort_by_key(|parcel| (parcel.arrival, parcel.route));
    let together = |a: &Parcel, b: &Parcel| {
        a.route != Route::Direct && (a.arrival, a.route) == (b.arrival, b.route)
    };
    parcels
        .chunk_by(together)
        .filter_map(|parcels| {
            let Parcel { arrival, route, .. } = *parcels.first()?;
            let mut events: Vec<Sent> = parcels.iter().map(|parcel| parcel.sent.clone()).collect();
            let buffered = matches!(route, Route::Buffered(_));
            if buffered && random.chance(settings.disorder.shuffled_share) {
                random.shuffle(&mut events);
            }
            let request = match route {
                Route::Direct => Request::Score,
                Route::Buffered(_) | Route::Gathered => Request::Batch,
            };
            Some(Delivery {
                arrival,
                request,
                events,
            })
        })
        .collect()
}

#[cfg(test)]
#[path = "delivery_tests.rs"]
mod tests;
