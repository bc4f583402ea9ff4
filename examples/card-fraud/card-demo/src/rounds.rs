//! Which requests may overtake each other. Takes the deliveries in order of arrival; gives runs of them:
//! within a run any order brings the same dispositions, and one run is over before the next begins.

use std::collections::HashSet;

use card_traffic::Delivery;
use foreshore_event::{Span, Time};

/// Longest run, by arrival: in it requests overtake each other by a few places, as networks let them. What is
/// late arrives an hour or more after what makes it late, so it never shares a run with it.
const ROUND_MAX: Span = Span(30 * 60 * Span::SECOND.0);

/// Cuts the deliveries into runs; no event is sent by two requests of one run.
pub fn rounds(deliveries: &[Delivery]) -> Vec<&[Delivery]> {
    let mut rounds = Vec::new();
    let mut left = deliveries;
    while let Some(first) = left.first() {
        let (round, rest) = left.split_at(length(left, first.arrival));
        rounds.push(round);
        left = rest;
    }
    rounds
}

/// How many of these deliveries make one run, from the first, which arrives at `begin`.
fn length(deliveries: &[Delivery], begin: Time) -> usize {
    let mut seen = HashSet::new();
    for (count, delivery) in deliveries.iter().enumerate() {
        let identities = || {
            delivery
                .events
                .iter()
                .map(|sent| (&sent.event.source, &sent.event.id))
        };
        let is_again = identities().any(|identity| seen.contains(&identity));
        if is_again || delivery.arrival.since(begin) > ROUND_MAX {
            return count;
        }
        seen.extend(identities());
    }
    deliveries.len()
}

#[cfg(test)]
mod tests {
    use card_traffic::{Settings, Traffic};

    use super::*;

    #[test]
    fn rounds_keep_every_delivery_in_order_and_no_event_twice() {
        let deliveries = Traffic::generate(&Settings::small()).deliveries();
        let rounds = rounds(&deliveries);
        let arrivals = |deliveries: &[Delivery]| -> Vec<_> {
            deliveries.iter().map(|delivery| delivery.arrival).collect()
        };
        assert_eq!(arrivals(&rounds.concat()), arrivals(&deliveries));
        assert!(rounds.iter().any(|round| round.len() > 1));
        for round in rounds {
            let requests = round.iter().map(|delivery| -> HashSet<_> {
                (delivery.events.iter())
                    .map(|sent| (&sent.event.source, &sent.event.id))
                    .collect()
            });
            let mut seen = HashSet::new();
            assert!(requests.flatten().all(|identity| seen.insert(identity)));
        }
    }
}
