//! Where decisions' newest revisions are in the log, until the store keeps that: only of decisions whose one
//! revision does not simply follow their event. Knows no decision.

use foreshore_timeline::Lsn;
use hashbrown::HashMap;

use crate::rest::Trail;

/// Trails not stored yet.
#[derive(Debug, Default)]
pub(crate) struct Trails {
    new: HashMap<Lsn, Trail>,
    /// On their way to the store.
    leaving: HashMap<Lsn, Trail>,
}

impl Trails {
    /// The trail of a decision, as far as it is not stored.
    pub(crate) fn get(&self, decision: Lsn) -> Option<Trail> {
        let found = self
            .new
            .get(&decision)
            .or_else(|| self.leaving.get(&decision));
        found.copied()
    }

    /// Notes where a decision's trail now leads.
    pub(crate) fn set(&mut self, decision: Lsn, trail: Trail) {
        self.new.insert(decision, trail);
    }

    /// Takes those that are to be stored.
    pub(crate) fn leave(&mut self) -> Vec<(Lsn, Trail)> {
        self.leaving = std::mem::take(&mut self.new);
        let mut leaving: Vec<_> = self
            .leaving
            .iter()
            .map(|(lsn, trail)| (*lsn, *trail))
            .collect();
        leaving.sort_unstable_by_key(|(lsn, _)| *lsn);
        leaving
    }

    /// What was on its way has arrived.
    pub(crate) fn arrived(&mut self) {
        self.leaving.clear();
    }
}
