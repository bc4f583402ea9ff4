//! Whether a log reaches back far enough for a plugin's timelines to be built from it. Takes how far back each
//! plugin needs events, reads one record.

use foreshore_core::Pipeline;
use foreshore_event::{Span, Time};
use foreshore_timeline::Lsn;

use crate::error::StoreError;
use crate::store::Store;

impl Store {
    /// Whether the log has what is needed to build the timelines of these instances of a pipeline anew: all, or
    /// as far back as their plugins need events. `horizons` has that of each instance; none: from the first.
    ///
    /// # Errors
    /// When it does not reach back that far, naming the instance.
    pub fn check_reach(
        &self,
        pipeline: &Pipeline,
        instances: &[usize],
        horizons: &[Option<Span>],
        now: Time,
    ) -> Result<(), StoreError> {
        let (first, last) = self.records().log().range();
        if first <= Lsn(1) || instances.is_empty() {
            return Ok(());
        }
        let reaches = match first <= last {
            true => now.since(self.records().log().read(first)?.time),
            false => Span(0),
        };
        for &instance in instances {
            let horizon = horizons.get(instance).copied().flatten();
            if horizon.is_none_or(|horizon| horizon > reaches) {
                let needs =
                    horizon.map_or("all events ever".to_owned(), |h| format!("{h} of events"));
                return Err(StoreError::TooShort {
                    instance: pipeline.instances[instance].name.clone(),
                    needs,
                    reaches: Span(reaches.0 - reaches.0 % Span::SECOND.0).to_string(),
                });
            }
        }
        Ok(())
    }
}
