//! A pipeline's CPU budget: so much time of a processor in every second, saved up for one second at most. Takes
//! what was used and when; gives until when nothing more may be. Reads no clock itself.

use std::time::Duration;

/// What a bucket holds at most, in seconds of its own inflow.
const SAVED_SECONDS: u32 = 1;

/// CPU time that may be used.
#[derive(Clone, Debug)]
pub struct Budget {
    /// Nanoseconds that come in every second; none: whatever the thread can get.
    inflow: Option<i64>,
    /// Nanoseconds left; below zero after work that was longer than expected.
    left: i64,
    /// When that was so, since the start of the worker.
    as_of: Duration,
}

impl Budget {
    /// So much CPU time in every second, all of the first second's to begin with; none: no limit.
    pub fn new(per_second: Option<Duration>, now: Duration) -> Budget {
        let inflow = per_second.map(|time| nanoseconds(time).max(1));
        Budget {
            inflow,
            left: inflow.map_or(0, |inflow| inflow * i64::from(SAVED_SECONDS)),
            as_of: now,
        }
    }

    /// Whether there is a limit at all.
    pub fn is_limited(&self) -> bool {
        self.inflow.is_some()
    }

    /// Takes off what was used up to now.
    pub fn charge(&mut self, used: Duration, now: Duration) {
        let Some(inflow) = self.inflow else { return };
        self.left = self.left_at(now, inflow).saturating_sub(nanoseconds(used));
        self.as_of = self.as_of.max(now);
    }

    /// When there is something left again; none while there is.
    pub fn spent_until(&self, now: Duration) -> Option<Duration> {
        self.until(0, now)
    }

    /// When more than half of it is there again, from which work may go on that nobody waits for; none while it is.
    pub fn short_until(&self, now: Duration) -> Option<Duration> {
        let half = self.inflow? * i64::from(SAVED_SECONDS) / 2;
        self.until(half, now)
    }

    /// When more than `wanted` is left; none if it is.
    fn until(&self, wanted: i64, now: Duration) -> Option<Duration> {
        let inflow = self.inflow?;
        let missing = u64::try_from(wanted - self.left_at(now, inflow)).ok()?;
        let wait = Duration::from_nanos(missing).as_secs_f64() / (inflow as f64 / 1e9);
        // A whisker more, so that it is not asked for a nanosecond early.
        Some(now + Duration::try_from_secs_f64(wait).unwrap_or(Duration::MAX / 2) + WHISKER)
    }

    fn left_at(&self, now: Duration, inflow: i64) -> i64 {
        let came = now.saturating_sub(self.as_of).as_secs_f64() * inflow as f64;
        // A float that is too large becomes the largest integer.
        let left = self.left.saturating_add(came as i64);
        left.min(inflow * i64::from(SAVED_SECONDS))
    }
}

/// What rounding can take away.
const WHISKER: Duration = Duration::from_micros(1);

fn nanoseconds(time: Duration) -> i64 {
    i64::try_from(time.as_nanos()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    /// 200 ms in every second.
    fn fifth() -> Budget {
        Budget::new(Some(ms(200)), ms(5_000))
    }

    #[test]
    fn a_second_of_it_can_be_used_at_once_and_then_it_is_spent() {
        let mut budget = fifth();
        budget.charge(ms(199), ms(5_000));
        assert_eq!(budget.spent_until(ms(5_000)), None);
        budget.charge(ms(11), ms(5_000));
        let until = budget.spent_until(ms(5_000)).unwrap();
        assert_eq!(until, ms(5_050) + WHISKER, "10 ms take 50 ms to come in");
        assert_eq!(budget.spent_until(until), None);
    }

    #[test]
    fn however_long_nothing_is_used_no_more_than_a_second_of_it_is_saved() {
        let mut budget = fifth();
        budget.charge(ms(200), ms(3_600_000));
        assert!(budget.spent_until(ms(3_600_000)).is_some());
    }

    #[test]
    fn work_that_is_always_there_gets_its_share_and_no_more() {
        let (mut budget, mut now, mut used) = (fifth(), ms(5_000), Duration::ZERO);
        while now < ms(15_000) {
            match budget.spent_until(now) {
                Some(until) => now = until,
                // One call of 19 ms.
                None => {
                    now += ms(19);
                    used += ms(19);
                    budget.charge(ms(19), now);
                }
            }
        }
        // Ten seconds of it, what was saved before, and one call that was begun with a little left.
        let (least, most) = (ms(2_200 - 19), ms(2_200 + 19));
        assert!(used >= least && used <= most, "{used:?}");
    }

    #[test]
    fn work_nobody_waits_for_yields_when_half_is_used() {
        let mut budget = fifth();
        budget.charge(ms(99), ms(5_000));
        assert_eq!(budget.short_until(ms(5_000)), None);
        budget.charge(ms(2), ms(5_000));
        assert_eq!(budget.spent_until(ms(5_000)), None);
        assert_eq!(budget.short_until(ms(5_000)), Some(ms(5_005) + WHISKER));
    }

    #[test]
    fn without_a_limit_nothing_is_ever_spent() {
        let mut budget = Budget::new(None, ms(0));
        budget.charge(Duration::MAX, ms(1));
        assert_eq!(
            (budget.spent_until(ms(1)), budget.short_until(ms(1))),
            (None, None)
        );
    }

    #[test]
    fn a_clock_that_seems_to_step_back_gives_nothing_and_takes_nothing() {
        let mut budget = fifth();
        budget.charge(ms(100), ms(6_000));
        budget.charge(ms(50), ms(5_500));
        assert_eq!(budget.left_at(ms(6_000), 200_000_000), 50_000_000);
    }
}
