//! What a feature plugin yields: a struct of named numbers. Gives their names, help and units, and writes
//! them out in that order.

use crate::fields::unescaped;
use crate::state::writer::canonical;

/// A number that a plugin yields, as it describes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Feature {
    /// Its name within the plugin.
    pub name: &'static str,
    /// One line for people.
    pub help: &'static str,
    /// Its unit; none for counts, shares and the like.
    pub unit: Option<&'static str>,
}

/// A struct of features; written by [`vector!`](crate::vector!).
pub trait Vector {
    /// What is yielded, in order.
    const FEATURES: &'static [Feature];

    /// Appends the values in that order; NaN means missing.
    fn write(&self, out: &mut Vec<f64>);
}

impl Feature {
    /// A feature named by its Rust identifier, whose help is its doc comment or, without one, its name.
    pub const fn new(
        identifier: &'static str,
        doc: &'static str,
        unit: Option<&'static str>,
    ) -> Feature {
        let (name, doc) = (unescaped(identifier), doc.trim_ascii());
        let help = if doc.is_empty() { name } else { doc };
        Feature { name, help, unit }
    }
}

/// Appends one value; every NaN is the same NaN.
#[doc(hidden)]
pub fn append(out: &mut Vec<f64>, value: f64) {
    out.push(canonical(value));
}

/// Names the features a plugin yields; each is an `f64`, its doc comment is its help.
///
/// NaN means missing. An infinity is a fault: the host refuses the call, as if the plugin had trapped, so
/// guard divisions whose divisor may be zero.
///
/// ```
/// foreshore_guest::vector! {
///     pub struct Spending {
///         /// Payments within the hour.
///         count_1h,
///         /// Spent within the hour.
///         spent_1h in "EUR",
///     }
/// }
/// ```
#[macro_export]
macro_rules! vector {
    (@unit) => { ::core::option::Option::None };
    (@unit $unit:literal) => { ::core::option::Option::Some($unit) };
    ($(#[$meta:meta])* $vis:vis struct $name:ident {
        $($(#[doc = $help:literal])* $feature:ident $(in $unit:literal)?),+ $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq)]
        #[allow(missing_docs, reason = "a feature may speak for itself")]
        $vis struct $name {
            $($(#[doc = $help])* $vis $feature: f64),+
        }

        impl $crate::Vector for $name {
            const FEATURES: &'static [$crate::Feature] = &[$($crate::Feature::new(
                stringify!($feature),
                concat!($($help),*),
                $crate::vector!(@unit $($unit)?),
            )),+];

            fn write(&self, out: &mut Vec<f64>) {
                $($crate::vector::append(out, self.$feature);)+
            }
        }
    };
}
