//! A sum in which the past fades: what was added counts half after each half life.

use crate::math::exp2;
use crate::state::{Reader, State, Writer};
use crate::time::{Span, Time};

/// An exponentially fading sum. State: 1 byte, then about 16, whatever the number of events.
///
/// Each event rounds the sum anew, so that two fading sums agree with a formula to about 15 digits only;
/// with each other, natively and in a component, they agree to the bit.
#[derive(Clone, Debug)]
pub struct Decay {
    half_life: Span,
    /// The sum as of the last event.
    sum: Option<(Time, f64)>,
}

impl Decay {
    /// An empty sum of which half is left after `half_life` (at least a microsecond).
    pub const fn half_life(half_life: Span) -> Decay {
        Decay {
            half_life: if half_life.0 < 1 { Span(1) } else { half_life },
            sum: None,
        }
    }

    /// Takes a value in.
    pub fn add(&mut self, time: Time, value: f64) {
        if !value.is_nan() {
            let time = self.sum.map_or(time, |(last, _)| time.max(last));
            self.sum = Some((time, self.at(time) + value));
        }
    }

    /// What is left as of `at`; 0 before the first event.
    pub fn at(&self, at: Time) -> f64 {
        self.sum.map_or(0.0, |(last, sum)| {
            let half_lives = at.since(last).0 as f64 / self.half_life.0 as f64;
            sum * exp2(-half_lives)
        })
    }
}

impl State for Decay {
    fn encode(&self, writer: &mut Writer) {
        self.sum.encode(writer);
    }

    fn decode(&mut self, reader: &mut Reader<'_>) {
        self.sum.decode(reader);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aggregate::trial::{Random, close, round_trip};

    #[test]
    fn the_past_fades_by_half_each_half_life() {
        let mut random = Random::of(3);
        let (mut decay, mut events) = (Decay::half_life(Span(100)), Vec::new());
        assert_eq!(decay.at(Time(9)), 0.0);
        for time in 0..400 {
            let value = random.within(9) as f64;
            decay.add(Time(time), value);
            events.push((time, value));
            decay = round_trip(&decay, Decay::half_life(Span(100)));
            let at = time + random.within(70) as i64;
            let faded = |(time, value): &(i64, f64)| {
                value * crate::math::pow(0.5, (at - time) as f64 / 100.0)
            };
            assert!(close(decay.at(Time(at)), events.iter().map(faded).sum()));
        }
    }
}
