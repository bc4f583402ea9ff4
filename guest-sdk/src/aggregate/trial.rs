//! What the aggregates' tests share: a seeded sequence, a tolerant comparison, and the round trip through
//! bytes.

use crate::state::{Reader, State, Writer};

/// A seeded sequence (splitmix64).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn of(seed: u64) -> Random {
        Random(seed)
    }

    /// A whole number below `bound`.
    pub(crate) fn within(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        crate::math::mix(self.0) % bound
    }
}

/// Equal up to rounding, or both missing.
pub(crate) fn close(found: f64, expected: f64) -> bool {
    (found.is_nan() && expected.is_nan())
        || (found - expected).abs() <= 1e-9 * (1.0 + expected.abs())
}

/// The value read back onto an initial one, after checking that it writes the same bytes.
#[track_caller]
pub(crate) fn round_trip<T: State>(value: &T, mut initial: T) -> T {
    let encoded = |value: &T| {
        let mut writer = Writer::default();
        value.encode(&mut writer);
        writer.into_bytes()
    };
    let bytes = encoded(value);
    let mut reader = Reader::of(&bytes);
    initial.decode(&mut reader);
    reader.finish();
    assert_eq!(encoded(&initial), bytes);
    initial
}
