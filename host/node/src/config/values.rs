//! Durations and byte counts as people write them in configuration: "15m", "64MiB".

use std::time::Duration;

use foreshore_event::Span;
use serde::de::{Deserialize, Deserializer, Error};

/// A duration: a whole number and a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Length(pub Span);

impl Length {
    /// As the standard library has it.
    pub fn duration(self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.0).unwrap_or(0))
    }
}

impl<'de> Deserialize<'de> for Length {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map(Length)
            .map_err(D::Error::custom)
    }
}

/// A number of bytes: a whole number and a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bytes(pub usize);

/// Units of byte counts.
const UNITS: [(&str, usize); 4] = [
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("B", 1),
];

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = UNITS.iter().find_map(|(unit, factor)| {
            let number: usize = text.strip_suffix(unit)?.trim_end().parse().ok()?;
            number.checked_mul(*factor).map(Bytes)
        });
        bytes.ok_or_else(|| {
            D::Error::custom(format!(
                "not a number of bytes: `{text}` (write a whole number and one of B, KiB, MiB, GiB, like \"64MiB\")"
            ))
        })
    }
}
