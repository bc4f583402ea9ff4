//! A timeline that is to rest on fewer events: what of it lies below the watermark is folded into its base, so
//! that the log need not keep it. Changes no answer; when it is asked for is retention's business.

use foreshore_event::Time;
use foreshore_timeline::Lsn;

use crate::core::{Context, Core, Outputs};
use crate::plugins::Plugins;
use crate::timelines::Change;

impl Core {
    /// Lets a timeline in memory go of all that is committed, and has it stored again. Whether there is one;
    /// if its plugin fails now, it goes on as it was and is only stored again.
    pub fn renew(
        &mut self,
        instance: usize,
        key: &str,
        now: Time,
        plugins: &mut dyn Plugins,
    ) -> bool {
        let Some(id) = self.timelines.find(instance, key) else {
            return false;
        };
        let context = &mut Context {
            now,
            plugins,
            outputs: &mut Outputs::default(),
        };
        // A failure puts the timeline among those that are tried again.
        let _ = self.with_folder(id, context, |timeline, folder, settings, emissions| {
            timeline.pass_committed(folder, settings, emissions)
        });
        let change = Change {
            lsn: self.lsn,
            time: now,
            closed: self.closed,
        };
        self.timelines.changed(id, change);
        true
    }

    /// The first record of which something may not be stored; the one after the last if there is none.
    pub fn unstored_from(&self) -> Lsn {
        match (self.leaving, self.timelines.oldest_change()) {
            (Some(_), _) => Lsn(0),
            (None, Some(change)) => change.lsn,
            (None, None) => self.lsn.next(),
        }
    }
}
