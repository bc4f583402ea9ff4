//! When the node is killed: in the middle of the traffic, each time while several requests are under way.
//! Takes the rounds; gives the points; must not know how it is done.

use card_traffic::random::Random;
use card_traffic::{Delivery, Disposition};

/// Where in the traffic there is a kill: between these shares of its requests.
const BETWEEN: [(f64, f64); 2] = [(0.25, 0.45), (0.6, 0.8)];

/// Requests that a round with a kill has at least, so that all clients have something under way.
const ROUND_MIN: usize = 10;

/// A kill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kill {
    /// The first delivery of the round it falls in, by index.
    pub round: usize,
    /// The first delivery of the next round.
    pub end: usize,
    /// The answers after which it happens.
    pub after: usize,
}

/// The kills of this traffic; same seed, same kills. In their rounds nothing is to come but new events: only
/// an event that had arrived before the kill can be a duplicate there.
pub fn kills(rounds: &[&[Delivery]], seed: u64) -> Vec<Kill> {
    let mut random = Random::new(seed, "kills");
    let mut begins = 0;
    let places = rounds.iter().map(|round| {
        begins += round.len();
        (begins - round.len(), *round)
    });
    let fit: Vec<(usize, &[Delivery])> = places.filter(|(_, round)| is_fit(round)).collect();
    let all = begins as f64;
    let mut kill = |(from, to): (f64, f64)| {
        let within = |(begins, _): &&(usize, &[Delivery])| {
            (from * all..to * all).contains(&(*begins as f64))
        };
        let fit: Vec<&(usize, &[Delivery])> = fit.iter().filter(within).collect();
        let (round, deliveries) = *random.choose(&fit).copied()?;
        let after = 1 + random.below(deliveries.len() / 2);
        Some(Kill {
            round,
            end: round + deliveries.len(),
            after: round + after,
        })
    };
    BETWEEN.into_iter().filter_map(&mut kill).collect()
}

fn is_fit(round: &[Delivery]) -> bool {
    let mut events = round.iter().flat_map(|delivery| &delivery.events);
    round.len() >= ROUND_MIN && events.all(|sent| sent.disposition == Disposition::Admitted)
}

#[cfg(test)]
mod tests {
    use card_traffic::{Settings, Traffic};

    use super::*;
    use crate::rounds::rounds;

    #[test]
    fn kills_fall_into_the_middle_of_busy_rounds_of_new_events() {
        let deliveries = Traffic::generate(&Settings::demo()).deliveries();
        let rounds = rounds(&deliveries);
        for seed in 1..9 {
            let kills = kills(&rounds, seed);
            assert_eq!(kills.len(), BETWEEN.len());
            for kill in kills {
                assert!(
                    (kill.round + 1..kill.end - 4).contains(&kill.after),
                    "{kill:?}"
                );
                assert!(is_fit(&deliveries[kill.round..kill.end]));
            }
        }
    }
}
