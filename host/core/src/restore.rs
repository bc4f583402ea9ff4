//! Going on where a log ends: its records, one after the other, onto a core that has what they need in
//! memory. Calls no plugin: folds are owed as ever, and what was said is in the records.

use std::sync::Arc;

use foreshore_event::{Event, Time};
use foreshore_timeline::Lsn;

use crate::core::{Context, Core, Outputs};
use crate::decision::{DecisionId, Place, Revision};
use crate::disposition::Disposition;
use crate::manifest::Manifest;
use crate::needs::Need;
use crate::pipeline::Pipeline;
use crate::plugins::Plugins;
use crate::record::Record;
use crate::residence::RestingCore;
use crate::rest::{RestingDecision, Trail};

/// A record that cannot be, after those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Contradiction {
    /// The event's timeline does not take it, though its record says so.
    #[error("the event logged at {} was placed, but instance {instance} does not take it now", lsn.0)]
    Refused {
        /// The event.
        lsn: Lsn,
        /// The instance.
        instance: usize,
    },
    /// A position does not lie behind the one before.
    #[error("record {} follows record {}", found.0, last.0)]
    Order {
        /// The position before.
        last: Lsn,
        /// The position found.
        found: Lsn,
    },
}

impl Core {
    /// Goes on from what was stored as of a log position.
    pub fn resume(&mut self, resting: RestingCore, basis: Lsn) {
        self.counted = basis;
        self.closed = resting.closed;
        self.counts = resting.counts;
        self.deployed = resting.deployed;
        self.lsn = resting.through;
        self.stored = resting.through;
    }

    /// Takes the timelines of an instance as complete up to a log position: records up to there place nothing
    /// in them.
    pub fn take_as_complete(&mut self, instance: usize, lsn: Lsn) {
        self.complete[instance] = lsn;
    }

    /// What a record needs in memory before it is replayed. To be asked again, as [`Core::needs`].
    pub fn needs_of_record(&self, record: &Record) -> Vec<Need> {
        match record {
            Record::Event {
                disposition: Disposition::Admitted | Disposition::Late,
                event,
                ..
            } => self.needs_of_placing(event),
            Record::Revision { decision, .. } | Record::Told { decision, .. } => {
                self.need_of_decision(decision.0).into_iter().collect()
            }
            Record::Amendment(amendment) => {
                let need = self.need_of_decision(amendment.decision.0);
                need.into_iter().collect()
            }
            Record::Event { .. }
            | Record::Close { .. }
            | Record::Deploy { .. }
            | Record::Audit { .. } => Vec::new(),
        }
    }

    /// Takes the next record of the log.
    ///
    /// # Errors
    /// When it contradicts what came before it: then log and stored state do not belong together.
    pub fn replay(&mut self, record: Record) -> Result<(), Contradiction> {
        let lsn = record.lsn();
        // Events of types the pipeline has no more are not among the records.
        if lsn <= self.lsn {
            let last = self.lsn;
            return Err(Contradiction::Order { last, found: lsn });
        }
        (self.lsn, self.durable) = (lsn, lsn);
        match record {
            Record::Event {
                arrival,
                disposition,
                late,
                event,
                ..
            } => {
                if lsn > self.counted {
                    self.counts.add(disposition);
                }
                if matches!(disposition, Disposition::Admitted | Disposition::Late) {
                    self.identities.remember(&event, lsn);
                    return self.replay_event(event, lsn, arrival, late);
                }
            }
            Record::Revision {
                decision,
                previous: _,
                told,
                revision,
                ..
            } => self.replay_revision(decision, lsn, told, revision),
            Record::Told {
                decision, revision, ..
            } => {
                self.decisions.tell(decision.0, revision);
                self.note_unsaid(decision.0);
            }
            Record::Amendment(amendment) => {
                let decision = amendment.decision.0;
                self.decisions.tell(decision, amendment.revision);
                self.note_unsaid(decision);
                self.amendments += 1;
            }
            Record::Close { time, .. } => {
                self.closed = self.closed.max(time);
                self.timelines.close(time);
            }
            Record::Deploy { .. } => {
                self.deployed = lsn;
                self.decisions.settle_all();
            }
            Record::Audit { .. } => {}
        }
        Ok(())
    }

    fn replay_event(
        &mut self,
        event: Arc<Event>,
        lsn: Lsn,
        arrival: Time,
        late: u64,
    ) -> Result<(), Contradiction> {
        for instance in 0..self.pipeline.instances.len() {
            let key = event.text(self.pipeline.instances[instance].key);
            let id = key.and_then(|key| self.timelines.find(instance, key));
            // Stored after this record: it is in there.
            let holds = id.is_some_and(|id| self.timelines.get(id).lsn >= lsn);
            if late & (1 << instance) == 0
                && !holds
                && lsn > self.complete[instance]
                && self.place_in(instance, &event, lsn, arrival, &mut Vec::new()) == Place::Late
            {
                return Err(Contradiction::Refused { lsn, instance });
            }
        }
        if self.pipeline.is_scored(event.kind()) {
            self.recall(RestingDecision {
                lsn,
                event,
                late,
                revisions: Vec::new(),
                trail: Trail::default(),
            });
            self.queue_if_at_rest(lsn);
        }
        Ok(())
    }

    fn replay_revision(
        &mut self,
        id: DecisionId,
        record: Lsn,
        told: bool,
        revision: Arc<Revision>,
    ) {
        let Some(decision) = self.decisions.get_mut(id.0) else {
            return;
        };
        // What was stored later may know of it.
        if revision.number as usize > decision.revisions.len() {
            decision.catch_up_with(&revision, &self.pipeline.layout);
            // A model that gave no word is asked again: until then there is more to say.
            decision.stale |= !revision.is_whole();
            self.decisions.queue(id.0);
            self.decisions.revise(id.0, record, revision, told);
            self.note_unsaid(id.0);
        }
    }

    /// Notes whether the world is to be told of a decision's change, as far as the records say: until one does, what
    /// is stored must not go beyond the change, or the next restart would not meet it.
    fn note_unsaid(&mut self, lsn: Lsn) {
        let decision = self.decisions.get(lsn);
        let is_unsaid = decision.is_some_and(|decision| self.unsaid(decision).is_some());
        self.decisions.set_unsaid(lsn, is_unsaid);
    }

    /// Takes the log's end as its own, where the last records are nothing to it.
    pub fn pass_to(&mut self, last: Lsn) {
        self.lsn = self.lsn.max(last);
    }

    /// Folds what is owed without a word about it: what was said of it is in records still to come. Tells
    /// whether all that could be put away now is consistent with the records so far.
    pub fn catch_up(&mut self, now: Time, plugins: &mut dyn Plugins) -> bool {
        let context = &mut Context {
            now,
            plugins,
            outputs: &mut Outputs::default(),
        };
        while let Some(id) = self.timelines.next_debt() {
            self.settle_timeline(id, u64::MAX, context);
        }
        self.decisions.forget_settled();
        self.is_quiet()
    }

    /// Places the event of a record in the timelines of some instances, as if it arrived now: for timelines
    /// built anew from the log, which nobody has decided anything by. Everything else is passed over.
    pub fn rebuild(&mut self, record: Record, instances: &[usize]) {
        self.lsn = record.lsn();
        match record {
            Record::Event {
                lsn,
                arrival,
                disposition: Disposition::Admitted | Disposition::Late,
                event,
                ..
            } => {
                for &instance in instances {
                    // Late under these settings: it stays outside.
                    let _ = self.place_in(instance, &event, lsn, arrival, &mut Vec::new());
                }
            }
            Record::Close { time, .. } => {
                self.closed = self.closed.max(time);
                self.timelines.close(time);
            }
            _ => {}
        }
    }

    /// From here on the pipeline is this core's: what was decided before is settled.
    pub fn deploy(&mut self, manifest: Arc<Manifest>, outputs: &mut Outputs) {
        self.deployed = self.next_lsn();
        self.decisions.settle_all();
        outputs.records.push(Record::Deploy {
            lsn: self.deployed,
            manifest,
        });
    }

    /// Goes on as another pipeline, with nothing in memory but which events were seen. Everything must have
    /// been put away.
    pub fn go_on_as(&mut self, pipeline: Arc<Pipeline>) {
        let before = std::mem::replace(self, Core::new(pipeline));
        self.identities = before.identities;
        self.counts = before.counts;
        (self.lsn, self.stored) = (before.lsn, before.stored);
        (self.closed, self.deployed) = (before.closed, before.deployed);
    }

    /// Takes up what the log left open: decisions that were never made, because nobody waited for them, or
    /// without a model that failed, and changes of which the world was not told any more.
    pub fn take_up(&mut self, now: Time, plugins: &mut dyn Plugins) {
        let context = &mut Context {
            now,
            plugins,
            outputs: &mut Outputs::default(),
        };
        let mut unmade = self.decisions.unmade();
        unmade.retain(|lsn| self.may_change(*lsn));
        for lsn in unmade {
            self.read_bases(lsn, context);
            self.queue_if_at_rest(lsn);
        }
        self.decisions.queue_unsaid(self.deployed);
    }
}
