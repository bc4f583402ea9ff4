//! Numbers as JSON, none of which it lacks: missing is null, and what JSON has no number for is a text.
//! Knows what an index is called, not what it is of.

use std::borrow::Cow;
use std::fmt;

use serde::ser::{Serialize, Serializer};

use crate::codec::numbers::MISSING;

/// Largest magnitude up to which every whole number is an `f64`.
const WHOLE_MAX: f64 = 9_007_199_254_740_992.0;

/// A number of a vector: null if it is missing.
pub(super) struct Number(pub(super) f64);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.0.to_bits() {
            MISSING => to.serialize_none(),
            _ => Exact(self.0).serialize(to),
        }
    }
}

/// A number that is there, whatever it is.
pub(super) struct Exact(pub(super) f64);

impl Serialize for Exact {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            number if number.is_nan() => {
                to.collect_str(&format_args!("NaN {:#018x}", number.to_bits()))
            }
            number if number.is_infinite() => to.collect_str(&number),
            number => to.serialize_f64(number),
        }
    }
}

/// A number of a field of this kind: whole ones without a fraction, booleans as such.
pub(super) struct OfKind<'a>(pub(super) &'a str, pub(super) f64);

impl Serialize for OfKind<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match (self.0, self.1) {
            ("boolean", 0.0) => to.serialize_bool(false),
            ("boolean", 1.0) => to.serialize_bool(true),
            ("integer", whole) if whole.fract() == 0.0 && whole.abs() <= WHOLE_MAX => {
                to.serialize_i64(whole as i64)
            }
            (_, number) => Number(number).serialize(to),
        }
    }
}

/// Numbers by name, in their order.
pub(super) struct Named<'a, T> {
    pub(super) names: Vec<Cow<'a, str>>,
    pub(super) values: Vec<T>,
}

impl<T: Serialize> Serialize for Named<'_, T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.names.iter().zip(&self.values))
    }
}

/// What the list calls an index; `#7` where it does not say.
pub(super) fn name<'a>(names: impl IntoIterator<Item = &'a String>, index: usize) -> Cow<'a, str> {
    match names.into_iter().nth(index) {
        Some(name) => Cow::Borrowed(name),
        None => Cow::Owned(format!("#{index}")),
    }
}

/// Anything that shows itself, as a text.
pub(super) fn text<S: Serializer>(value: &impl fmt::Display, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(value)
}
