//! The answer to a score request: what the decision now says, as data. How it is written on the wire is
//! the node's business.

use std::sync::Arc;

use foreshore_event::Event;
use foreshore_timeline::{Lsn, Point, Role};

use crate::core::{Context, Core, Reply};
use crate::decision::{DecisionId, Degraded, Features, Part, Reason, Revision};
use crate::disposition::Disposition;
use crate::identities::Seen;
use crate::judge::Subject;
use crate::record::Record;
use crate::timelines::TimelineId;

/// What a scored event's sender is told.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The decision's name; none where nothing was stored.
    pub decision: Option<DecisionId>,
    /// What became of the event.
    pub disposition: Disposition,
    /// The event.
    pub event: Arc<Event>,
    /// What is said now.
    pub revision: Arc<Revision>,
    /// What was said first, where this answers a repeated event.
    pub first: Option<Arc<Revision>>,
    /// Whether nothing can change it any more.
    pub is_final: bool,
    /// Whether a deploy has made an end of it, whatever its timelines say.
    pub is_settled: bool,
    /// Instances the event came too late for, by index.
    pub late_for: Vec<usize>,
}

impl Core {
    /// The answer about a decision as it now stands; from here on the world knows it. An event that gets
    /// no decision is told what became of it.
    pub(crate) fn answer(
        &mut self,
        lsn: Lsn,
        disposition: Disposition,
        context: &mut Context<'_>,
    ) -> Reply {
        self.tell(lsn, context);
        let Some(decision) = self.decisions.get(lsn) else {
            return Reply::Ingested(disposition);
        };
        let Some(revision) = decision.current().cloned() else {
            return Reply::Ingested(disposition);
        };
        let is_final = self.is_final(decision);
        let repeated = disposition == Disposition::Duplicate;
        Reply::Answer(Box::new(Answer {
            decision: Some(DecisionId(lsn)),
            disposition,
            event: decision.event.clone(),
            revision,
            first: decision.revisions.first().filter(|_| repeated).cloned(),
            is_final,
            is_settled: !self.may_change(lsn),
            late_for: decision.late_for(),
        }))
    }

    /// Notes, in the log too, that the world is told of a decision's newest revision, if it was not before.
    fn tell(&mut self, lsn: Lsn, context: &mut Context<'_>) {
        let decision = self.decisions.get(lsn);
        let Some((published, newest)) =
            decision.and_then(|decision| Some((decision.published, decision.current()?.number)))
        else {
            return;
        };
        if published != Some(newest) {
            self.decisions.tell(lsn, newest);
            context.outputs.records.push(Record::Told {
                lsn: self.next_lsn(),
                decision: DecisionId(lsn),
                revision: newest,
            });
        }
    }

    /// The answer about an event too far ahead to be folded.
    pub(crate) fn answer_future(&self, event: Arc<Event>) -> Reply {
        self.fall_back(event, Disposition::Future, Reason::Future)
    }

    /// Whether an event was admitted, but not decided about before the pipeline was deployed anew: then it never
    /// will be, for its timelines are not what they were.
    pub(crate) fn is_left_behind(&self, lsn: Lsn) -> bool {
        let decision = self.decisions.get(lsn);
        !self.may_change(lsn) && decision.is_some_and(|decision| decision.current().is_none())
    }

    /// The answer about an event that is not decided about: the fallback, and why.
    pub(crate) fn fall_back(
        &self,
        event: Arc<Event>,
        disposition: Disposition,
        reason: Reason,
    ) -> Reply {
        let revision = Revision {
            number: 1,
            under: self.pipeline.manifest.clone(),
            basis: self.lsn,
            vector: self.pipeline.layout.vector(&event).into(),
            scores: vec![None; self.pipeline.models.len()].into(),
            outcome: self.pipeline.policy.fallback,
            reasons: Box::default(),
            degraded: vec![Degraded {
                part: Part::Event,
                reason,
            }],
            cause: None,
        };
        passing(event, disposition, revision, Vec::new())
    }

    /// The answer an event would get, without placing it. A repeated event gets the answer it has.
    pub(crate) fn what_if(&mut self, event: Event, context: &mut Context<'_>) -> Reply {
        let event = Arc::new(event);
        match self.identities.look_up(&event) {
            Seen::Other(_) => return Reply::Conflict(event),
            Seen::Same(lsn) if self.is_left_behind(lsn) => {
                return self.fall_back(event, Disposition::Duplicate, Reason::Settled);
            }
            Seen::Same(lsn) => {
                self.decide(lsn, context);
                return self.answer(lsn, Disposition::Duplicate, context);
            }
            Seen::New if event.time() > context.now.plus(self.pipeline.future_max) => {
                return self.answer_future(event);
            }
            Seen::New => {}
        }
        let pipeline = self.pipeline.clone();
        let mut vector = pipeline.layout.vector(&event);
        let mut features = vec![Features::Missing; pipeline.instances.len()];
        let mut late_for = Vec::new();
        for (index, instance) in pipeline.instances.iter().enumerate() {
            let Some(key) = event.text(instance.key) else {
                continue;
            };
            let id = self.timelines.find(index, key);
            let role = Role {
                apply: instance.applies(event.kind()),
                emit: true,
            };
            let mut point = Point::Event(&event, role);
            if self.is_too_late(id, &event) {
                late_for.push(index);
                point = Point::Watermark;
            }
            features[index] = match self.read_point(index, id, point, context) {
                Ok(found) => {
                    vector[pipeline.layout.features(index)].copy_from_slice(&found);
                    Features::Known
                }
                Err(reason) => Features::Failed(reason),
            };
        }
        let keyed = features
            .iter()
            .filter(|known| **known != Features::Missing)
            .count();
        let disposition = match late_for.len() {
            late if late > 0 && late == keyed => Disposition::Late,
            _ => Disposition::Admitted,
        };
        let mut revisions = self.weigh(vec![Subject::new(&vector, &features)], context);
        match revisions.pop() {
            Some(revision) => passing(event, disposition, revision, late_for),
            None => Reply::Ingested(disposition),
        }
    }

    fn is_too_late(&self, id: Option<TimelineId>, event: &Event) -> bool {
        match id {
            Some(id) => self.timelines.get(id).timeline.is_final(event.order_key()),
            None => event.time() < self.closed,
        }
    }
}

/// An answer of which nothing is kept.
fn passing(
    event: Arc<Event>,
    disposition: Disposition,
    revision: Revision,
    late_for: Vec<usize>,
) -> Reply {
    Reply::Answer(Box::new(Answer {
        decision: None,
        disposition,
        event,
        is_settled: revision.is_settled(),
        revision: revision.into(),
        first: None,
        is_final: false,
        late_for,
    }))
}
