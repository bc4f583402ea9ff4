//! When work that nobody waits for may go on: it yields to requests, and to a budget that grows short, but never
//! for ever. Takes when slices of it were done; gives from when the next may be. Reads no clock itself.

use std::time::Duration;

use crate::worker::budget::Budget;

/// How long it yields at most to a budget that is short: debts must not grow without an end.
const YIELDS_MAX: Duration = Duration::from_secs(1);

/// The last slice of it.
#[derive(Debug, Default)]
pub struct Deferral {
    ended: Duration,
    took: Duration,
}

impl Deferral {
    /// A slice was done.
    pub fn done(&mut self, started: Duration, ended: Duration) {
        self.took = ended.saturating_sub(started);
        self.ended = ended;
    }

    /// From when the next may be done: while others wait, they get as much time as the last slice took; while the
    /// budget is short, that is waited for too, and in any case until something of it is left.
    pub fn from(&self, others_wait: bool, budget: &Budget, now: Duration) -> Duration {
        let turn = if others_wait {
            self.took
        } else {
            Duration::ZERO
        };
        let ample = budget.short_until(now).unwrap_or(now);
        let again = ample.min(self.ended + YIELDS_MAX);
        let solvent = budget.spent_until(now).unwrap_or(now);
        (self.ended + turn).max(again).max(solvent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    fn after_a_slice() -> Deferral {
        let mut deferral = Deferral::default();
        deferral.done(ms(1_000), ms(1_020));
        deferral
    }

    /// What is left of 100 ms a second after so much of it was used.
    fn used(time: Duration) -> Budget {
        let mut budget = Budget::new(Some(ms(100)), ms(1_020));
        budget.charge(time, ms(1_020));
        budget
    }

    /// In how many milliseconds the next slice may be done, to the nearest.
    fn wait(deferral: &Deferral, others_wait: bool, budget: &Budget) -> u128 {
        let wait = deferral.from(others_wait, budget, ms(1_020)) - ms(1_020);
        (wait.as_micros() + 500) / 1_000
    }

    #[test]
    fn alone_it_goes_on_at_once() {
        assert_eq!(wait(&Deferral::default(), true, &used(ms(0))), 0);
        assert_eq!(wait(&after_a_slice(), false, &used(ms(0))), 0);
    }

    #[test]
    fn those_who_wait_get_half_of_the_time() {
        assert_eq!(wait(&after_a_slice(), true, &used(ms(0))), 20);
    }

    #[test]
    fn it_waits_for_a_short_budget_but_not_for_ever() {
        assert_eq!(
            wait(&after_a_slice(), false, &used(ms(60))),
            100,
            "10 ms to the half"
        );
        assert_eq!(
            wait(&Deferral::default(), false, &used(ms(60))),
            0,
            "it has waited for a second"
        );
        assert_eq!(
            wait(&after_a_slice(), true, &used(ms(51))),
            20,
            "the others' turn is longer"
        );
    }

    #[test]
    fn while_the_budget_is_spent_it_does_not_go_on_at_all() {
        assert_eq!(wait(&Deferral::default(), false, &used(ms(400))), 3_000);
    }
}
