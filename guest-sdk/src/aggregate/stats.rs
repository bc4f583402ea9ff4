//! Count, sum, mean, minimum, maximum and standard deviation, built value by value or from parts. Takes
//! no value back: what leaves a window is simply not added the next time, so sums never drift.

use crate::state::{Reader, State, Writer};

/// What some values add up to. Without values the count and sum are 0 and the rest is missing (NaN).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stats {
    /// How many there are.
    pub count: f64,
    /// Their sum.
    pub sum: f64,
    /// Their mean.
    pub mean: f64,
    /// The smallest.
    pub min: f64,
    /// The largest.
    pub max: f64,
    /// Their standard deviation as a population: of one value it is 0.
    pub deviation: f64,
}

/// Values summed so far, in a form that also merges.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Moments {
    count: u64,
    sum: f64,
    /// Sum of the squared distances from the mean.
    squares: f64,
    min: f64,
    max: f64,
}

impl Moments {
    /// Of a single value.
    pub(crate) fn of(value: f64) -> Moments {
        Moments {
            count: 1,
            sum: value,
            squares: 0.0,
            min: value,
            max: value,
        }
    }

    /// Takes one value in, by Youngs and Cramer's update: as sound as keeping a running mean, but the
    /// division is off the chain from value to value.
    pub(crate) fn add(&mut self, value: f64) {
        if self.count == 0 {
            *self = Moments::of(value);
            return;
        }
        let before = self.count as f64;
        let count = before + 1.0;
        self.count += 1;
        self.sum += value;
        let distance = count * value - self.sum;
        self.squares += distance * distance / (count * before);
        self.widen(value, value);
    }

    /// Takes another part in, by Chan's merge.
    pub(crate) fn merge(&mut self, part: &Moments) {
        if part.count == 0 {
            return;
        }
        if self.count == 0 {
            *self = *part;
            return;
        }
        let (ours, theirs) = (self.count as f64, part.count as f64);
        let distance = self.sum / ours - part.sum / theirs;
        self.squares += part.squares + distance * distance * (ours * theirs / (ours + theirs));
        self.count += part.count;
        self.sum += part.sum;
        self.widen(part.min, part.max);
    }

    /// Comparisons rather than `f64::min`, which may give either zero of two signs.
    fn widen(&mut self, min: f64, max: f64) {
        if min < self.min {
            self.min = min;
        }
        if max > self.max {
            self.max = max;
        }
    }

    /// What they add up to.
    pub(crate) fn stats(&self) -> Stats {
        let count = self.count as f64;
        let known = |value: f64| if self.count == 0 { f64::NAN } else { value };
        Stats {
            count,
            sum: self.sum,
            mean: known(self.sum / count),
            min: known(self.min),
            max: known(self.max),
            deviation: known((self.squares / count).sqrt()),
        }
    }
}

/// A single value, the common case of a quiet timeline, takes 9 bytes.
impl State for Moments {
    fn encode(&self, writer: &mut Writer) {
        writer.unsigned(self.count);
        if self.count > 0 {
            writer.number(self.sum);
        }
        if self.count > 1 {
            writer.number(self.squares);
            writer.number(self.min);
            writer.number(self.max);
        }
    }

    fn decode(&mut self, reader: &mut Reader<'_>) {
        let count = reader.unsigned();
        *self = match count {
            0 => Moments::default(),
            1 => Moments::of(reader.number()),
            _ => Moments {
                count,
                sum: reader.number(),
                squares: reader.number(),
                min: reader.number(),
                max: reader.number(),
            },
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aggregate::trial::{Random, round_trip};

    fn of(values: &[f64]) -> Moments {
        let mut moments = Moments::default();
        values.iter().for_each(|&value| moments.add(value));
        moments
    }

    #[test]
    fn nothing_has_no_mean() {
        let stats = Moments::default().stats();
        assert_eq!((stats.count, stats.sum), (0.0, 0.0));
        assert!(
            [stats.mean, stats.min, stats.max, stats.deviation]
                .iter()
                .all(|value| value.is_nan())
        );
    }

    #[test]
    fn a_small_spread_far_from_zero_keeps_its_deviation() {
        let values = [1e9 + 4.0, 1e9 + 7.0, 1e9 + 13.0, 1e9 + 16.0];
        assert!((of(&values).stats().deviation - 22.5_f64.sqrt()).abs() < 1e-6);
    }

    #[test]
    fn parts_merge_to_what_the_whole_gives() {
        let mut random = Random::of(7);
        for length in 0..40 {
            let values: Vec<f64> = (0..length).map(|_| random.within(1_000) as f64).collect();
            let (left, right) = values.split_at(random.within(length + 1) as usize);
            let mut merged = of(left);
            merged.merge(&of(right));
            let (merged, whole) = (merged.stats(), of(&values).stats());
            assert_eq!((merged.count, merged.sum), (whole.count, whole.sum));
            assert!((merged.deviation - whole.deviation).abs() < 1e-9 || length == 0);
            round_trip(&of(&values), Moments::default());
        }
    }
}
