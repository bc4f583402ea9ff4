//! When which shop's terminal cannot reach the node. Takes the settings; knows nothing of events.

use foreshore_event::{Span, Time};

use crate::random::Random;
use crate::settings::{DAY, HOUR, Settings};

/// The outages of every shop's terminal, by its index. Gateways have none: they are not behind a till's
/// telephone line.
pub struct Outages {
    by_terminal: Vec<Vec<(Time, Time)>>,
}

impl Outages {
    /// The outages under these settings.
    pub fn new(settings: &Settings) -> Outages {
        let mut random = Random::new(settings.seed, "outages");
        let disorder = &settings.disorder;
        let mut outage = |_| {
            let begins = random.between(0.0, (settings.days as i64 * DAY.0) as f64);
            let from = settings.start.plus(Span(begins as i64));
            let hours = random.skewed(disorder.outage_hours_median, 0.8);
            let lasts = HOUR.0 as f64 * hours.min(disorder.outage_hours_max);
            (from, from.plus(Span(lasts as i64)))
        };
        let mut counts = Random::new(settings.seed, "outage counts");
        let by_terminal = (0..settings.shops)
            .map(|_| {
                let count = counts.count(disorder.outages_per_terminal);
                (0..count).map(&mut outage).collect()
            })
            .collect();
        Outages { by_terminal }
    }

    /// When the outage that the terminal has at this time ends; none if it has none.
    pub fn end(&self, terminal: usize, time: Time) -> Option<Time> {
        self.by_terminal
            .get(terminal)?
            .iter()
            .find(|(from, until)| (*from..*until).contains(&time))
            .map(|(_, until)| *until)
    }
}
