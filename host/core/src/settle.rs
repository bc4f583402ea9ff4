//! What happens off the answer path: owed folds, and the revision of decisions they changed. A decision is
//! revised only when all its timelines are folded up to it, so that intermediate states never show.

use std::sync::Arc;

use foreshore_timeline::Lsn;

use crate::amendment::{Amendment, Cause, Verdict};
use crate::core::{Context, Core};
use crate::decision::{Decision, DecisionId, Place, Revision};
use crate::judge::Told;
use crate::mention::Mention;
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
        self.judge(&ready, Told::No, context);
        for lsn in ready {
            self.publish(lsn, context);
        }
    }

    /// Whether every timeline of a decision is folded up to it.
    pub(crate) fn is_settled(&self, lsn: Lsn) -> bool {
        let decision = self.decisions.get(lsn);
        decision.is_some_and(|decision| self.is_folded(decision))
    }

    /// Whether every timeline of a decision in memory is folded up to it.
    pub(crate) fn is_folded(&self, decision: &Decision) -> bool {
        // What is not in memory owes no folds.
        let mut timelines = self.timelines_of(decision);
        let key = decision.event.order_key();
        timelines.all(|(_, id)| self.timelines.get(id).timeline.is_settled(key))
    }

    /// Whether nothing can change a decision any more. Its timelines have to be in memory: of one that is
    /// not nobody knows how far it has come.
    pub(crate) fn is_final(&self, decision: &Decision) -> bool {
        let stands = decision.places.iter().filter(|place| **place == Place::In);
        let key = decision.event.order_key();
        let is_final = |(_, id): &(usize, TimelineId)| {
            let timeline = &self.timelines.get(*id).timeline;
            timeline.is_final(key) && timeline.is_settled(key)
        };
        let is_final = self.timelines_of(decision).filter(is_final);
        !decision.stale && is_final.count() == stands.count()
    }

    /// What the world was told of a decision and what it is to be told, if it is to be told anything.
    pub(crate) fn unsaid<'a>(
        &self,
        decision: &'a Decision,
    ) -> Option<(&'a Arc<Revision>, &'a Arc<Revision>)> {
        let (told, now) = (decision.told()?, decision.current()?);
        let policy = self.pipeline.amend;
        (told.number != now.number && policy.publishes(told, now)).then_some((told, now))
    }

    /// Tells the world of a change, if it was told of the decision and the pipeline publishes such changes.
    fn publish(&mut self, lsn: Lsn, context: &mut Context<'_>) {
        let Some(decision) = self.decisions.get(lsn) else {
            return;
        };
        let Some((told, now)) = self.unsaid(decision) else {
            return;
        };
        let amendment = Amendment {
            lsn: self.lsn.next(),
            decision: DecisionId(lsn),
            event: Arc::new(Mention::of(&decision.event, lsn)),
            revision: now.number,
            old: Verdict::of(told),
            new: Verdict::of(now),
            cause: now.cause.clone().unwrap_or(Cause::CaughtUp),
        };
        self.lsn = amendment.lsn;
        self.decisions.tell(lsn, amendment.revision);
        context
            .outputs
            .records
            .push(Record::Amendment(amendment.clone()));
        context.outputs.amendments.push(amendment);
        self.amendments += 1;
    }
}
