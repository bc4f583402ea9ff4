//! What tells values apart: one 64-bit identity each. Two values that share one are taken for the same, which
//! among a million values happens with a chance of one in 36 million.

use crate::math::{hash, mix};

/// A value that can be told apart from others of its kind.
pub trait Value {
    /// Its identity; none if it is missing, and then it is not taken in.
    fn identity(&self) -> Option<u64>;
}

impl Value for &str {
    fn identity(&self) -> Option<u64> {
        Some(hash(self.as_bytes()))
    }
}

impl Value for f64 {
    /// NaN is missing; the two zeros are one value.
    fn identity(&self) -> Option<u64> {
        (!self.is_nan()).then(|| mix((self + 0.0).to_bits()))
    }
}

impl Value for i64 {
    fn identity(&self) -> Option<u64> {
        Some(mix(*self as u64))
    }
}

impl Value for bool {
    fn identity(&self) -> Option<u64> {
        i64::from(*self).identity()
    }
}

impl<T: Value> Value for Option<T> {
    fn identity(&self) -> Option<u64> {
        self.as_ref().and_then(Value::identity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_values_have_no_identity_and_zeros_one() {
        assert_eq!(None::<&str>.identity(), None);
        assert_eq!(f64::NAN.identity(), None);
        assert_eq!((-0.0).identity(), 0.0.identity());
        assert_ne!("a".identity(), "b".identity());
        assert_eq!(Some("a").identity(), "a".identity());
    }
}
