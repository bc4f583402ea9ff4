//! Which calls are repeated to see whether the plugin is pure: one in so many, in the mean, at distances that
//! no guest can foresee. One that knew them could lie in between. Must not know what is repeated.

use std::hash::{BuildHasher, RandomState};

/// When the next call is repeated.
pub(crate) struct Sampling {
    every: u64,
    /// Calls until then.
    left: u64,
    draws: u64,
    random: RandomState,
}

impl Sampling {
    /// One call in so many; 0: none, 1: each.
    pub(crate) fn new(every: u64) -> Sampling {
        let mut sampling = Sampling {
            every,
            left: 0,
            draws: 0,
            random: RandomState::new(),
        };
        sampling.left = sampling.draw();
        sampling
    }

    /// Whether this call is to be repeated.
    pub(crate) fn is_due(&mut self) -> bool {
        if self.every == 0 {
            return false;
        }
        self.left -= 1;
        let is_due = self.left == 0;
        if is_due {
            self.left = self.draw();
        }
        is_due
    }

    /// A distance from 1 to twice the mean, less 1.
    fn draw(&mut self) -> u64 {
        self.draws += 1;
        let most = self.every.saturating_mul(2).saturating_sub(1).max(1);
        1 + self.random.hash_one(self.draws) % most
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(every: u64, calls: u64) -> Vec<u64> {
        let mut sampling = Sampling::new(every);
        (1..=calls).filter(|_| sampling.is_due()).collect()
    }

    #[test]
    fn one_call_in_so_many_is_due_in_the_mean_and_none_waits_for_twice_as_many() {
        let due = due(100, 1_000_000);
        assert!((9_000..11_000).contains(&due.len()), "{}", due.len());
        let distances = due.windows(2).map(|pair| pair[1] - pair[0]);
        assert!(distances.max() < Some(200));
    }

    #[test]
    fn with_one_every_call_is_due_and_with_zero_none() {
        assert_eq!(due(1, 4), [1, 2, 3, 4]);
        assert!(due(0, 10_000).is_empty());
    }

    #[test]
    fn two_samplings_differ() {
        assert_ne!(due(100, 100_000), due(100, 100_000));
    }
}
