//! What the traffic is to be like: its size, its frauds, and how badly it is delivered. Every number the
//! generator does not invent itself stands here, with its unit.

use foreshore_event::{Span, Time};

use crate::span::{DAY, HOUR};

/// Fraud is reported at the latest this many days after the payment.
pub const REPORT_DAYS_MAX: i64 = 10;

/// The world: who pays where, who defrauds whom, and what the devices' clocks do. Shares and rates are
/// from 0 to 1.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Same seed and settings: same bytes.
    pub seed: u64,
    /// Midnight (UTC) of the first day; every time in the traffic is relative to it.
    pub start: Time,
    /// Days on which there are payments; reports follow for up to [`REPORT_DAYS_MAX`] more.
    pub days: usize,
    /// Cardholders.
    pub customers: usize,
    /// Terminals in shops; each is a source.
    pub shops: usize,
    /// Gateways of online merchants; each is a source, and a terminal to the events.
    pub gateways: usize,
    /// Payments a customer makes on a day, in the mean.
    pub payments_per_day: f64,
    /// Share of honest attempts that the bank declines.
    pub declined_rate: f64,
    /// Share of honest payments split in two, paid at the very same microsecond.
    pub split_rate: f64,
    /// Bursts of card testing: some ten cards tried at a few gateways within minutes, for small amounts.
    pub card_testing_bursts: usize,
    /// Cards stolen and used for a day or two.
    pub stolen_cards: usize,
    /// Shops whose terminal copies cards that are used there again, by others, for weeks.
    pub compromised_terminals: usize,
    /// Share of frauds that are ever reported.
    pub reported_share: f64,
    /// Share of honest payments that are looked into and cleared.
    pub cleared_rate: f64,
    /// Share of sources that number their events (`sequence`).
    pub numbered_share: f64,
    /// Share of sources whose clock shows whole seconds only.
    pub coarse_clock_share: f64,
    /// Sources whose clock is three minutes fast throughout.
    pub fast_clocks: usize,
    /// Sources whose clock is a year ahead for a few events.
    pub leaping_clocks: usize,
    /// Sources whose clock is forty minutes behind for some events.
    pub slow_clocks: usize,
    /// How the events travel.
    pub disorder: Disorder,
}

/// What happens to events between their source and the node. Shares and rates are from 0 to 1.
#[derive(Clone, Debug)]
pub struct Disorder {
    /// Mean delay of the network, memoryless, on top of 60 ms for the shortest way.
    pub delay_ms_mean: f64,
    /// What is not scored is gathered and sent this often, in one batch.
    pub gathering: Span,
    /// Outages a shop's terminal has, in the mean. It goes on taking payments, and sends them afterwards.
    pub outages_per_terminal: f64,
    /// Median length of an outage.
    pub outage_hours_median: f64,
    /// Longest outage; below `lateness`, so that what it holds up is in time.
    pub outage_hours_max: f64,
    /// Share of outages whose buffer comes out in no order.
    pub shuffled_share: f64,
    /// Share of events sent again: some seconds later, or in a batch up to half a day later.
    pub resent_rate: f64,
    /// Share of events sent again under the same id with another amount.
    pub conflict_rate: f64,
    /// Share of events whose first sending is damaged: the amount is missing, or is a text.
    pub damaged_rate: f64,
    /// Share of payments that come only when they are too late for both their timelines.
    pub straggler_rate: f64,
    /// The lateness that the pipeline allows, so that stragglers can be held until it has passed.
    pub lateness: Span,
}

impl Settings {
    /// Four weeks of some 20,000 payments: what the demo plays.
    pub fn demo() -> Settings {
        Settings {
            seed: 7,
            start: Time(1_772_323_200_000_000), // 2026-03-01T00:00:00Z
            days: 28,
            customers: 320,
            shops: 85,
            gateways: 15,
            payments_per_day: 2.4,
            declined_rate: 0.02,
            split_rate: 0.005,
            card_testing_bursts: 5,
            stolen_cards: 10,
            compromised_terminals: 2,
            reported_share: 0.9,
            cleared_rate: 0.002,
            numbered_share: 0.6,
            coarse_clock_share: 0.2,
            fast_clocks: 2,
            leaping_clocks: 1,
            slow_clocks: 1,
            disorder: Disorder::default(),
        }
    }

    /// Some hundred events with a few of every kind: what tests play.
    pub fn small() -> Settings {
        Settings {
            days: 6,
            customers: 12,
            shops: 6,
            gateways: 2,
            card_testing_bursts: 1,
            stolen_cards: 1,
            compromised_terminals: 1,
            cleared_rate: 0.02,
            fast_clocks: 1,
            disorder: Disorder {
                gathering: HOUR,
                outages_per_terminal: 3.0,
                resent_rate: 0.05,
                conflict_rate: 0.01,
                damaged_rate: 0.02,
                straggler_rate: 0.02,
                ..Disorder::default()
            },
            ..Settings::demo()
        }
    }

    /// The same world, begun on the last midnight that puts all of its events (but those of leaping
    /// clocks) before `now`.
    #[must_use]
    pub fn ending_before(self, now: Time) -> Settings {
        let days = i64::try_from(self.days).unwrap_or(i64::MAX);
        let length = Span(
            DAY.0
                .saturating_mul(days.saturating_add(REPORT_DAYS_MAX + 1)),
        );
        let latest = now.minus(length);
        let start = latest.minus(Span(latest.0.rem_euclid(DAY.0)));
        Settings { start, ..self }
    }
}

impl Default for Disorder {
    /// A day as on most days: nearly everything comes, a little of it hours later.
    fn default() -> Disorder {
        Disorder {
            delay_ms_mean: 180.0,
            gathering: Span(300 * Span::SECOND.0),
            outages_per_terminal: 0.8,
            outage_hours_median: 3.0,
            outage_hours_max: 20.0,
            shuffled_share: 0.3,
            resent_rate: 0.02,
            conflict_rate: 0.0003,
            damaged_rate: 0.0005,
            straggler_rate: 0.0005,
            lateness: DAY,
        }
    }
}
