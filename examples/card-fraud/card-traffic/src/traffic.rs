//! The whole traffic of one seed: payments, their events, and the truth about them. Takes settings; gives
//! the events in the order of emission, in the total order, or as deliveries.

use std::collections::BTreeMap;

use crate::crime::frauds;
use crate::delivery::{Delivery, deliver};
use crate::emission::{Emission, emissions, payment_id};
use crate::event::Event;
use crate::habits::honest;
use crate::payment::Fraud;
use crate::settings::Settings;
use crate::world::World;

/// The traffic of one seed.
#[derive(Clone, Debug)]
pub struct Traffic {
    settings: Settings,
    emissions: Vec<Emission>,
    truth: BTreeMap<String, Option<Fraud>>,
}

impl Traffic {
    /// Generates the traffic of these settings.
    pub fn generate(settings: &Settings) -> Traffic {
        let world = World::new(settings);
        let mut payments = honest(settings, &world);
        payments.extend(frauds(settings, &world, &payments));
        payments.sort_by_key(|payment| payment.time);
        let truth = (payments.iter().enumerate())
            .map(|(number, payment)| (payment_id(number), payment.fraud))
            .collect();
        Traffic {
            settings: settings.clone(),
            emissions: emissions(settings, &world, &payments),
            truth,
        }
    }

    /// The events in the order in which they were truly emitted.
    pub fn emissions(&self) -> &[Emission] {
        &self.emissions
    }

    /// The events in their total order, as [`Event::order_key`] has it.
    pub fn sorted(&self) -> Vec<&Event> {
        let mut events: Vec<&Event> = self
            .emissions
            .iter()
            .map(|emission| &*emission.event)
            .collect();
        events.sort_by(|a, b| a.order_key().cmp(&b.order_key()));
        events
    }

    /// What every payment truly was, by payment id: a kind of fraud, or none.
    pub fn ground_truth(&self) -> &BTreeMap<String, Option<Fraud>> {
        &self.truth
    }

    /// The requests that bring the events to the node, in the order of their arrival.
    pub fn deliveries(&self) -> Vec<Delivery> {
        deliver(&self.settings, &self.emissions)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use foreshore_event::{Span, Time};

    use super::*;
    use crate::event::Kind;
    use crate::settings::REPORT_DAYS_MAX;
    use crate::span::DAY;

    /// The small traffic's events and deliveries, as bytes, hashed (FNV-1a).
    fn digest(settings: &Settings) -> u64 {
        let traffic = Traffic::generate(settings);
        let mut text: String = traffic
            .sorted()
            .iter()
            .map(|event| format!("{event}\n"))
            .collect();
        for delivery in traffic.deliveries() {
            text += &format!(
                "{} {:?}\n{}",
                delivery.arrival,
                delivery.request,
                delivery.body()
            );
        }
        text.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
        })
    }

    #[test]
    fn the_same_seed_gives_the_same_bytes() {
        // Pinned: another number here means that everyone's demo and trained weights change.
        assert_eq!(digest(&Settings::small()), 8_682_186_135_388_558_989);
        let other = Settings {
            seed: 8,
            ..Settings::small()
        };
        assert_ne!(digest(&other), digest(&Settings::small()));
    }

    #[test]
    fn sorted_is_by_time_then_sequence_then_source_then_id() {
        let traffic = Traffic::generate(&Settings::small());
        let keys: Vec<_> = (traffic.sorted().into_iter())
            .map(|event| (event.time, event.sequence, &event.source, &event.id))
            .collect();
        assert!(keys.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn the_demo_is_of_the_size_it_says() {
        let traffic = Traffic::generate(&Settings::demo());
        let payments = traffic.ground_truth().len();
        let frauds = traffic.ground_truth().values().flatten().count();
        let kinds: BTreeSet<Fraud> = traffic.ground_truth().values().flatten().copied().collect();
        assert!((20_000..25_000).contains(&payments), "{payments}");
        assert!(
            (payments / 200..payments * 3 / 200).contains(&frauds),
            "{frauds} of {payments}"
        );
        assert_eq!(kinds.len(), Fraud::ALL.len());
    }

    #[test]
    fn events_and_payments_add_up() {
        let traffic = Traffic::generate(&Settings::demo());
        let count = |kind| {
            traffic
                .sorted()
                .iter()
                .filter(|event| event.kind == kind)
                .count()
        };
        let (attempted, completed, reported) = (
            count(Kind::Attempted),
            count(Kind::Completed),
            count(Kind::Reported),
        );
        assert_eq!(attempted, traffic.ground_truth().len());
        assert_eq!(attempted + completed + reported, traffic.emissions().len());
        let declined = attempted - completed;
        assert!(
            (attempted / 100..attempted / 25).contains(&declined),
            "{declined}"
        );
        let frauds = traffic.ground_truth().values().flatten().count();
        assert!(
            reported > frauds / 2 && reported < frauds * 2,
            "{reported} of {frauds}"
        );
    }

    #[test]
    fn reports_tell_the_truth_days_after_the_payment() {
        let traffic = Traffic::generate(&Settings::demo());
        let of_kind =
            |kind| (traffic.emissions().iter()).filter(move |emission| emission.event.kind == kind);
        let attempts: BTreeMap<&str, Time> = of_kind(Kind::Attempted)
            .map(|emission| (emission.event.data.payment.as_str(), emission.time))
            .collect();
        for report in of_kind(Kind::Reported) {
            let payment = report.event.data.payment.as_str();
            let truth = traffic.ground_truth()[payment];
            assert_eq!(report.event.data.fraud, Some(truth.is_some()));
            let delay = report.time.since(attempts[payment]);
            assert!((DAY..=Span(DAY.0 * REPORT_DAYS_MAX)).contains(&delay));
        }
    }

    #[test]
    fn some_events_share_their_microsecond() {
        let traffic = Traffic::generate(&Settings::demo());
        let ties = (traffic.sorted().windows(2))
            .filter(|pair| {
                pair[0].time == pair[1].time && pair[0].data.terminal == pair[1].data.terminal
            })
            .count();
        assert!(ties > 50, "{ties}");
    }

    #[test]
    fn traffic_ending_before_now_is_over_by_now_but_for_leaping_clocks() {
        let now = Time(1_795_000_000_123_456);
        let settings = Settings::small().ending_before(now);
        assert_eq!(settings.start.0 % DAY.0, 0);
        let traffic = Traffic::generate(&settings);
        let newest = traffic
            .emissions()
            .iter()
            .map(|emission| emission.time)
            .max();
        assert!(newest.unwrap() < now && now.since(newest.unwrap()) < Span(DAY.0 * 12));
        let ahead = (traffic.sorted().iter())
            .filter(|event| event.time > now)
            .count();
        assert!((1..=3).contains(&ahead), "{ahead}");
    }
}
