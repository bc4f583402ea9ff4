//! The cast: customers with their habits, and the terminals they pay at. Takes the settings; knows nothing
//! of single payments, of fraud or of events.

use foreshore_event::{Span, Time};

use crate::random::Random;
use crate::settings::Settings;
use crate::span::{days, hours};

/// The countries of the world, from west to east; each is a strip of the map.
pub const COUNTRIES: [&str; 5] = ["ES", "FR", "IT", "AT", "HU"];

/// Shops that a customer goes to, and terminals used on a journey.
const HAUNTS: usize = 10;

/// A point of the map, both ways from 0 to 1.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    east: f64,
    north: f64,
}

/// Where payments are made: a shop's till or an online merchant's gateway.
#[derive(Clone, Debug)]
pub struct Terminal {
    /// What the events call it; also their source.
    pub name: String,
    /// Where it stands.
    pub place: Place,
    /// Whether cards are only typed in here.
    pub online: bool,
    /// What is paid here against what the customer usually pays: 1 is usual.
    pub prices: f64,
}

/// A cardholder.
#[derive(Clone, Debug)]
pub struct Customer {
    /// What the events call it.
    pub name: String,
    /// Where the customer lives.
    pub home: Place,
    /// Median of what is paid at once, in EUR.
    pub typical_amount: f64,
    /// Payments on a day, in the mean.
    pub payments_per_day: f64,
    /// Share of payments made online.
    pub online_share: f64,
    /// From midnight to the first hour of the day with payments.
    pub wakes: Span,
    /// Indices of the shops nearby, the dearest first.
    pub haunts: Vec<usize>,
    /// Abroad from one day until before another, paying at these shops.
    pub journey: Option<(Time, Time, Vec<usize>)>,
}

/// Everyone and everywhere. Shops stand before gateways.
#[derive(Clone, Debug)]
pub struct World {
    /// The cardholders.
    pub customers: Vec<Customer>,
    /// The terminals: first the shops', then the gateways.
    pub terminals: Vec<Terminal>,
    shops: usize,
}

impl Place {
    fn anywhere(random: &mut Random) -> Place {
        Place {
            east: random.unit(),
            north: random.unit(),
        }
    }

    /// The country the place is in.
    pub fn country(self) -> &'static str {
        let strip = (self.east * COUNTRIES.len() as f64) as usize;
        COUNTRIES[strip.min(COUNTRIES.len() - 1)]
    }

    fn distance_squared(self, other: Place) -> f64 {
        let (east, north) = (self.east - other.east, self.north - other.north);
        east * east + north * north
    }
}

impl World {
    /// The world of these settings.
    pub fn new(settings: &Settings) -> World {
        let mut random = Random::new(settings.seed, "world");
        let terminals: Vec<Terminal> = (0..settings.shops + settings.gateways)
            .map(|index| Terminal {
                name: format!("terminal-{index:04}"),
                place: Place::anywhere(&mut random),
                online: index >= settings.shops,
                prices: random.skewed(1.0, 0.4),
            })
            .collect();
        let mut world = World {
            customers: Vec::new(),
            terminals,
            shops: settings.shops,
        };
        world.customers = (0..settings.customers)
            .map(|index| world.customer(index, settings, &mut random))
            .collect();
        world
    }

    /// Indices of the shops' terminals.
    pub fn shops(&self) -> std::ops::Range<usize> {
        0..self.shops
    }

    /// Indices of the gateways.
    pub fn gateways(&self) -> std::ops::Range<usize> {
        self.shops..self.terminals.len()
    }

    fn customer(&self, index: usize, settings: &Settings, random: &mut Random) -> Customer {
        let home = Place::anywhere(random);
        Customer {
            name: format!("customer-{index:05}"),
            home,
            typical_amount: random.skewed(24.0, 0.4),
            payments_per_day: settings.payments_per_day * random.between(0.4, 1.6),
            online_share: random.between(0.05, 0.4),
            wakes: hours(random.between(5.5, 9.5)),
            haunts: self.shops_near(home),
            journey: random.chance(0.2).then(|| self.journey(settings, random)),
        }
    }

    fn journey(&self, settings: &Settings, random: &mut Random) -> (Time, Time, Vec<usize>) {
        let leaves = settings
            .start
            .plus(days(random.below(settings.days) as f64));
        let returns = leaves.plus(days((2 + random.below(6)) as f64));
        (leaves, returns, self.shops_near(Place::anywhere(random)))
    }

    /// The shops around a place, nearest first.
    fn shops_near(&self, place: Place) -> Vec<usize> {
        let distance = |shop: &usize| self.terminals[*shop].place.distance_squared(place);
        let mut shops: Vec<usize> = self.shops().collect();
        shops.sort_by(|a, b| distance(a).total_cmp(&distance(b)));
        shops.truncate(HAUNTS);
        shops
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn customers_go_to_the_shops_nearest_to_their_home() {
        let world = World::new(&Settings::demo());
        for customer in &world.customers {
            let distance =
                |shop: usize| world.terminals[shop].place.distance_squared(customer.home);
            let farthest = customer
                .haunts
                .iter()
                .map(|&shop| distance(shop))
                .fold(0.0, f64::max);
            let nearer = world
                .shops()
                .filter(|&shop| distance(shop) <= farthest)
                .count();
            assert_eq!((customer.haunts.len(), nearer), (HAUNTS, HAUNTS));
        }
    }

    #[test]
    fn gateways_come_after_the_shops_and_are_online() {
        let world = World::new(&Settings::small());
        assert!(world.shops().all(|index| !world.terminals[index].online));
        assert!(world.gateways().all(|index| world.terminals[index].online));
        assert_eq!(world.gateways().len(), Settings::small().gateways);
    }
}
