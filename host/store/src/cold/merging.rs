//! Merging tables lets others run. Takes each change that fjall merges, and keeps it; now and then the thread offers
//! its processor to whoever waits for one. Must not know what a change means.

use std::sync::Arc;
use std::thread::yield_now;

use fjall::compaction::filter::{
    CompactionFilter, CompactionFilterResult, Context, Factory, ItemAccessor, Verdict,
};

/// Changes merged between two offers: some tens of microseconds. The system itself looks for others a few hundred
/// times a second, and merging goes on for half a second at a time.
const CHANGES: u32 = 64;

/// Makes a [`Polite`] for each merging of any keyspace.
#[derive(Clone, Copy, Debug)]
struct Politeness;

/// What one merging goes through.
#[derive(Debug, Default)]
struct Polite {
    changes: u32,
}

/// Politeness for whatever keyspace asks.
pub(super) fn politely(_keyspace: &str) -> Option<Arc<dyn Factory>> {
    Some(Arc::new(Politeness))
}

impl Factory for Politeness {
    fn name(&self) -> &str {
        "polite"
    }

    fn make_filter(&self, _context: &Context) -> Box<dyn CompactionFilter> {
        Box::new(Polite::default())
    }
}

impl CompactionFilter for Polite {
    fn filter_item(
        &mut self,
        _item: ItemAccessor<'_>,
        _context: &Context,
    ) -> CompactionFilterResult {
        self.changes += 1;
        if self.changes.is_multiple_of(CHANGES) {
            yield_now();
        }
        Ok(Verdict::Keep)
    }
}
