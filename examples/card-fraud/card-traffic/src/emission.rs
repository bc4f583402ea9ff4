//! From payments to the events that sources emit, in the order in which they truly happened. Adds what
//! follows an attempt: its completion, and the fraud desk's report days later.

use std::sync::Arc;

use foreshore_event::Time;

use crate::clock::Clock;
use crate::event::{Amount, Data, Event, Kind};
use crate::payment::Payment;
use crate::random::Random;
use crate::settings::{REPORT_DAYS_MAX, Settings};
use crate::span::{days, seconds};
use crate::world::World;

/// The source of the reports.
const FRAUD_DESK: &str = "fraud-desk";

/// An event and the moment it was truly emitted.
#[derive(Clone, Debug)]
pub struct Emission {
    /// The true time; the event's own may differ (see [`Clock`]).
    pub time: Time,
    /// Index of the terminal that emitted it; none for the fraud desk.
    pub terminal: Option<usize>,
    /// The event.
    pub event: Arc<Event>,
}

/// What happened to which payment, when.
struct Happening<'a> {
    time: Time,
    kind: Kind,
    number: usize,
    payment: &'a Payment,
}

/// The events of these payments (which are in order of time), in order of emission.
pub fn emissions(settings: &Settings, world: &World, payments: &[Payment]) -> Vec<Emission> {
    let mut random = Random::new(settings.seed, "emissions");
    let mut happenings = Vec::new();
    for (number, payment) in payments.iter().enumerate() {
        let mut happens = |time, kind| {
            happenings.push(Happening {
                time,
                kind,
                number,
                payment,
            });
        };
        happens(payment.time, Kind::Attempted);
        if payment.approved {
            let after = seconds(random.between(0.4, 2.5));
            happens(payment.time.plus(after), Kind::Completed);
        }
        let reported = match payment.fraud {
            Some(_) => settings.reported_share,
            None => settings.cleared_rate,
        };
        if random.chance(reported) {
            let after = days(random.between(1.0, REPORT_DAYS_MAX as f64));
            happens(payment.time.plus(after), Kind::Reported);
        }
    }
    happenings.sort_by_key(|happening| happening.time);
    emit(settings, world, &happenings)
}

/// Lets every happening's source tell of it: by its clock, with its counter.
fn emit(settings: &Settings, world: &World, happenings: &[Happening<'_>]) -> Vec<Emission> {
    let mut random = Random::new(settings.seed, "counters");
    let mut sources: Vec<Source> = Clock::all(settings, world.terminals.len())
        .into_iter()
        .map(|clock| Source {
            clock,
            numbered: random.chance(settings.numbered_share),
            emitted: 0,
        })
        .collect();
    let mut desk = Source {
        clock: Clock::Right,
        numbered: true,
        emitted: 0,
    };
    happenings
        .iter()
        .map(|happening| {
            let terminal = (happening.kind != Kind::Reported).then_some(happening.payment.terminal);
            let source = terminal.map_or(&mut desk, |terminal| &mut sources[terminal]);
            Emission {
                time: happening.time,
                terminal,
                event: Arc::new(source.tell(world, happening)),
            }
        })
        .collect()
}

/// A device as far as its events show it.
struct Source {
    clock: Clock,
    numbered: bool,
    emitted: u64,
}

impl Source {
    fn tell(&mut self, world: &World, happening: &Happening<'_>) -> Event {
        let Happening {
            number, payment, ..
        } = happening;
        let terminal = &world.terminals[payment.terminal];
        let nth = self.emitted;
        self.emitted += 1;
        let (prefix, report) = match happening.kind {
            Kind::Attempted => ("a", false),
            Kind::Completed => ("c", false),
            Kind::Reported => ("r", true),
        };
        Event {
            specversion: "1.0",
            id: format!("{prefix}-{number:06}"),
            source: if report { FRAUD_DESK } else { &terminal.name }.to_owned(),
            kind: happening.kind,
            time: self.clock.shows(happening.time, nth),
            sequence: self.numbered.then_some(nth),
            data: Data {
                customer: world.customers[payment.customer].name.clone(),
                terminal: terminal.name.clone(),
                amount: (!report).then_some(Amount::Euros(payment.cents as f64 / 100.0)),
                country: (!report).then_some(terminal.place.country()),
                online: (!report).then_some(terminal.online),
                payment: payment_id(*number),
                fraud: report.then_some(payment.fraud.is_some()),
            },
        }
    }
}

/// What the events call the payment of this number.
pub fn payment_id(number: usize) -> String {
    format!("p-{number:06}")
}
