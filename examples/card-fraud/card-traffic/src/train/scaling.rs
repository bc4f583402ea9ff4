//! Brings an input to a common size: mean 0, standard deviation 1, after taming a long tail. Takes a
//! column; must not know what it means.

/// Columns without negative values and with at least this skewness are tamed by `ln(1 + x)`: an
/// exponential distribution has 2, money and counts have more.
const SKEWNESS_TAMED: f64 = 2.0;

/// How one input is scaled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scaling {
    /// Whether `ln(1 + x)` is taken first.
    pub log1p: bool,
    /// Mean of what is then there.
    pub mean: f64,
    /// Its standard deviation (population); above 0.
    pub scale: f64,
}

impl Scaling {
    /// The scaling that fits the column; none if it never changes or is always missing (NaN).
    pub fn of(column: impl Iterator<Item = f64> + Clone) -> Option<Scaling> {
        let present = column.filter(|value| !value.is_nan());
        let plain = Scaling::moments(present.clone(), false)?;
        let count = present.clone().count() as f64;
        let cubes = present.clone().map(|value| cube(plain.apply(value)));
        let skewed = cubes.sum::<f64>() / count >= SKEWNESS_TAMED;
        match skewed && present.clone().all(|value| value >= 0.0) {
            true => Scaling::moments(present, true),
            false => Some(plain),
        }
    }

    fn moments(present: impl Iterator<Item = f64> + Clone, log1p: bool) -> Option<Scaling> {
        let tamed = present.map(|value| if log1p { libm::log1p(value) } else { value });
        let count = tamed.clone().count() as f64;
        let mean = tamed.clone().sum::<f64>() / count;
        let squares = tamed
            .map(|value| (value - mean) * (value - mean))
            .sum::<f64>();
        let scale = libm::sqrt(squares / count);
        // Rounding leaves a constant column a speck of deviation.
        (scale > 1e-9 * (1.0 + libm::fabs(mean))).then_some(Scaling { log1p, mean, scale })
    }

    /// The value scaled; 0, which is the mean, where it is missing.
    pub fn apply(&self, value: f64) -> f64 {
        if value.is_nan() {
            return 0.0;
        }
        // What was never below 0 in training may be so once in service.
        let tamed = if self.log1p {
            libm::log1p(value.max(0.0))
        } else {
            value
        };
        (tamed - self.mean) / self.scale
    }
}

fn cube(value: f64) -> f64 {
    value * value * value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_that_tell_nothing_have_no_scaling() {
        let of = |values: &[f64]| Scaling::of(values.iter().copied());
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[f64::NAN, f64::NAN]), None);
        assert_eq!(of(&[0.1, f64::NAN, 0.1, 0.1]), None);
        assert!(of(&[0.0, 1.0]).is_some());
    }

    #[test]
    fn a_scaled_column_has_mean_0_and_deviation_1() {
        let values = [1.0, 2.0, f64::NAN, 6.0];
        let scaling = Scaling::of(values.into_iter()).unwrap();
        assert!(!scaling.log1p);
        let scaled: Vec<f64> = values.iter().map(|value| scaling.apply(*value)).collect();
        assert_eq!(scaled[2], 0.0);
        assert!(scaled.iter().sum::<f64>().abs() < 1e-12);
        assert!((scaled.iter().map(|value| value * value).sum::<f64>() - 3.0).abs() < 1e-12);
    }
}
