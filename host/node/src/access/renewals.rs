//! How often watched files were taken anew, and whether what is in force is what they say. Counts; must not know
//! what is in them.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How renewals went, by what was renewed.
#[derive(Debug, Default)]
pub struct Renewals(Mutex<BTreeMap<&'static str, Renewed>>);

/// How the renewals of one thing went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Renewed {
    /// Times that something new was taken.
    pub taken: u64,
    /// Times that what was there could not be taken.
    pub refused: u64,
    /// Whether something else is in force than what is there now.
    pub stale: bool,
}

impl Renewals {
    /// Notes a renewal of this: whether it went well, and whether it met anything new.
    pub fn note(&self, name: &'static str, good: bool, new: bool) {
        let mut all = self.all();
        let renewed = all.entry(name).or_default();
        renewed.stale = !good;
        match good {
            true => renewed.taken += u64::from(new),
            false => renewed.refused += u64::from(new),
        }
    }

    /// How they went so far.
    pub fn read(&self) -> BTreeMap<&'static str, Renewed> {
        self.all().clone()
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<&'static str, Renewed>> {
        // Changed in one go: a panic leaves nothing half counted.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_taken_is_stale_until_something_can() {
        let renewals = Renewals::default();
        let read = || renewals.read()["tokens"];
        renewals.note("tokens", true, false);
        assert_eq!(read(), Renewed::default());
        renewals.note("tokens", false, true);
        assert!(read().stale && read().refused == 1);
        renewals.note("tokens", true, true);
        assert!(!read().stale && read().taken == 1);
    }
}
