//! A metric that is one number of something: its name, its help, and where the number is found. Knows
//! nothing of what it is a number of.

use crate::metrics::exposition::{Exposition, Kind};

/// A number of a `T`.
pub(super) struct Metric<T> {
    name: &'static str,
    kind: Kind,
    help: &'static str,
    read: fn(&T) -> f64,
}

impl<T> Metric<T> {
    /// A number that only rises.
    pub(super) const fn counter(
        name: &'static str,
        help: &'static str,
        read: fn(&T) -> f64,
    ) -> Metric<T> {
        Metric {
            name,
            kind: Kind::Counter,
            help,
            read,
        }
    }

    /// A number that rises and falls.
    pub(super) const fn gauge(
        name: &'static str,
        help: &'static str,
        read: fn(&T) -> f64,
    ) -> Metric<T> {
        Metric {
            name,
            kind: Kind::Gauge,
            help,
            read,
        }
    }

    /// Begins its family on a page.
    pub(super) fn open(&self, page: &mut Exposition) {
        page.family(self.name, self.kind, self.help);
    }

    /// The number.
    pub(super) fn read(&self, of: &T) -> f64 {
        (self.read)(of)
    }
}

/// Nanoseconds as seconds.
pub(super) fn seconds(nanoseconds: u64) -> f64 {
    nanoseconds as f64 / 1e9
}
