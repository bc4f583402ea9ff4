//! What is played: who pays, how much of it there is, and how it arrives.

use std::fmt;

use card_traffic::{Delivery, Request, Settings};

use crate::words::{count, moment};

/// The world and its traffic, in short.
#[derive(Clone, Copy, Debug)]
pub struct World<'a> {
    pub settings: &'a Settings,
    pub deliveries: &'a [Delivery],
}

impl fmt::Display for World<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let World {
            settings,
            deliveries,
        } = self;
        let asks = |delivery: &&Delivery| delivery.request == Request::Score;
        let scores = deliveries.iter().filter(asks).count();
        let events: usize = deliveries
            .iter()
            .map(|delivery| delivery.events.len())
            .sum();
        let begins = moment(settings.start);
        writeln!(
            f,
            "  {} customers pay at {} shops and {} online gateways, for {} days from {}. Tills lose their\n  \
             line and send everything hours later, devices repeat themselves, buffers come out shuffled, and\n  \
             some clocks are wrong: {} events arrive in {} requests, {} of which want a score at once.",
            settings.customers,
            settings.shops,
            settings.gateways,
            settings.days,
            begins.split(' ').next().unwrap_or(&begins),
            count(events),
            count(deliveries.len()),
            count(scores),
        )
    }
}
