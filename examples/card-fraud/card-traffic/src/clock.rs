//! What a source's clock shows: mostly the time, sometimes whole seconds, sometimes nonsense. Takes the
//! true time; gives the time that stands in the event.

use std::ops::Range;

use foreshore_event::{Span, Time};

use crate::random::Random;
use crate::settings::Settings;
use crate::span::DAY;

/// How fast a fast clock is: less than the five minutes that a pipeline lets pass as no fault.
const FAST: Span = Span(180 * Span::SECOND.0);

/// How far a leaping clock leaps: far enough to be ahead of whenever the traffic is played.
const LEAP: Span = Span(365 * DAY.0);

/// How far a slow clock is behind.
const SLOW: Span = Span(-2400 * Span::SECOND.0);

/// A source's clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Clock {
    /// Right, to the microsecond.
    Right,
    /// Right, but without fractions of a second.
    WholeSeconds,
    /// Off by `by` for some of the source's events, counted from 0; right before and after.
    Off {
        /// What is added to the true time.
        by: Span,
        /// For which of the source's events.
        events: Range<u64>,
    },
}

impl Clock {
    /// The clocks of `sources` sources.
    pub fn all(settings: &Settings, sources: usize) -> Vec<Clock> {
        let mut random = Random::new(settings.seed, "clocks");
        let off = |by, events| Clock::Off { by, events };
        let mut clocks = vec![off(FAST, 0..u64::MAX); settings.fast_clocks];
        clocks.extend(vec![off(LEAP, 5..8); settings.leaping_clocks]);
        clocks.extend(vec![off(SLOW, 6..20); settings.slow_clocks]);
        clocks.resize_with(sources, || {
            if random.chance(settings.coarse_clock_share) {
                Clock::WholeSeconds
            } else {
                Clock::Right
            }
        });
        random.shuffle(&mut clocks);
        clocks
    }

    /// What the clock shows at the source's `nth` event.
    pub fn shows(&self, time: Time, nth: u64) -> Time {
        match self {
            Clock::Right => time,
            Clock::WholeSeconds => Time(time.0 - time.0.rem_euclid(Span::SECOND.0)),
            Clock::Off { by, events } if events.contains(&nth) => time.plus(*by),
            Clock::Off { .. } => time,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leaping_clock_is_set_right_again() {
        let clock = Clock::Off {
            by: LEAP,
            events: 1..3,
        };
        let shown: Vec<i64> = (0..4).map(|nth| clock.shows(Time(7), nth).0).collect();
        assert_eq!(shown, [7, 7 + LEAP.0, 7 + LEAP.0, 7]);
    }

    #[test]
    fn a_coarse_clock_floors_to_the_second() {
        assert_eq!(
            Clock::WholeSeconds.shows(Time(1_999_999), 0),
            Time(1_000_000)
        );
        assert_eq!(Clock::WholeSeconds.shows(Time(-1), 0), Time(-1_000_000));
    }

    #[test]
    fn there_are_as_many_bad_clocks_as_the_settings_say() {
        let clocks = Clock::all(&Settings::demo(), 100);
        let count = |off| {
            let is_off = |clock: &&Clock| matches!(clock, Clock::Off { by, .. } if *by == off);
            clocks.iter().filter(is_off).count()
        };
        assert_eq!((count(FAST), count(LEAP), count(SLOW)), (2, 1, 1));
    }
}
