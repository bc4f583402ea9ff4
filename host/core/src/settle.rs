//! What happens off the answer path: owed folds, and the revision of decisions they changed. A decision is
//! revised only when all its timelines are folded up to it, so that intermediate states never show.

use foreshore_timeline::Lsn;

use crate::amendment::{Amendment, Cause, Verdict};
use crate::core::{Context, Core};
use crate::decision::{Decision, DecisionId, Place};
use crate::record::Record;
use crate::timelines::TimelineId;

/// Decisions revised in one call of each model.
const REVISED_AT_ONCE: usize = 256;

impl Core {
    /// Folds up to `rows_max` owed rows and revises what they changed; tells whether more could be done now.
    pub(crate) fn settle(&mut self, rows_max: u64, context: &mut Context<'_>) -> bool {
        let mut left = rows_max;
        while left > 0
            && let Some(id) = self.timelines.next_debt()
        {
            left -= self.settle_timeline(id, left, context).clamp(1, left);
        }
        self.revise_stale(context);
        self.timelines.owe() || self.decisions.stale() > 0
    }

    /// Folds up to `rows_max` of a timeline's owed rows; gives how many it was.
    pub(crate) fn settle_timeline(
        &mut self,
        id: TimelineId,
        rows_max: u64,
        context: &mut Context<'_>,
    ) -> u64 {
        let result = self.with_folder(id, context, |timeline, folder, settings, emissions| {
            timeline.settle(rows_max, folder, settings, emissions)
        });
        result.unwrap_or(0)
    }

    /// Revises the next stale decisions whose timelines are all folded up to them. The others stay stale:
    /// the fold they wait for queues them again.
    fn revise_stale(&mut self, context: &mut Context<'_>) {
        let taken = self.decisions.next_stale(REVISED_AT_ONCE);
        let ready: Vec<Lsn> = taken
            .into_iter()
            .filter(|lsn| self.is_settled(*lsn))
            .collect();
        self.judge(&ready, context);
        for lsn in ready {
            self.publish(lsn, context);
        }
    }

    /// Whether every timeline of a decision is folded up to it.
    pub(crate) fn is_settled(&self, lsn: Lsn) -> bool {
        self.decisions.get(lsn).is_some_and(|decision| {
            decision.places.iter().all(|place| match place {
                Place::In(id) => self
                    .timelines
                    .get(*id)
                    .timeline
                    .is_settled(decision.event.order_key()),
                Place::Absent | Place::Late(_) => true,
            })
        })
    }

    /// Whether nothing can change a decision any more.
    pub(crate) fn is_final(&self, decision: &Decision) -> bool {
        let is_final = |place: &Place| match place {
            Place::In(id) => self
                .timelines
                .get(*id)
                .timeline
                .is_final(decision.event.order_key()),
            Place::Absent | Place::Late(_) => true,
        };
        !decision.stale && decision.places.iter().all(is_final) && self.is_settled(decision.lsn)
    }

    /// Tells the world of a change, if it was told of the decision and the pipeline publishes such changes.
    fn publish(&mut self, lsn: Lsn, context: &mut Context<'_>) {
        let policy = self.pipeline.amend;
        let Some(decision) = self.decisions.get(lsn) else {
            return;
        };
        let (Some(told), Some(now)) = (decision.told(), decision.current()) else {
            return;
        };
        if told.number == now.number || !policy.publishes(told, now) {
            return;
        }
        let amendment = Amendment {
            lsn: self.lsn,
            decision: DecisionId(lsn),
            event: decision.event.clone(),
            revision: now.number,
            old: Verdict::of(told),
            new: Verdict::of(now),
            cause: now.cause.clone().unwrap_or(Cause::CaughtUp),
        };
        let amendment = Amendment {
            lsn: self.next_lsn(),
            ..amendment
        };
        if let Some(decision) = self.decisions.get_mut(lsn) {
            decision.published = Some(amendment.revision);
        }
        context
            .outputs
            .records
            .push(Record::Amendment(amendment.clone()));
        context.outputs.amendments.push(amendment);
        self.amendments += 1;
    }
}
