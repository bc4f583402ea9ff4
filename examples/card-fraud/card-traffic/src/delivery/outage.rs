//! When which shop's terminal cannot reach the node. Takes the settings; knows nothing of events.

use foreshore_event::Time;

use crate::random::Random;
use crate::settings::Settings;
use crate::span::{days, hours};

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
            let begins = days(random.between(0.0, settings.days as f64));
            let lasts = random.skewed(disorder.outage_hours_median, 0.8);
            let from = settings.start.plus(begins);
            (from, from.plus(hours(lasts.min(disorder.outage_hours_max))))
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
