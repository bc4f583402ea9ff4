//! Stage 3 of the path: an event to its places. Identity check, future guard, one place per timeline, a log
//! record, a disposition; for a scored type also the decision that will rest on it.

use std::sync::Arc;

use foreshore_event::{Event, Time};
use foreshore_timeline::{Entry, Late, Lsn};

use crate::core::{Context, Core};
use crate::decision::{Decision, Place};
use crate::disposition::Disposition;
use crate::identities::Seen;
use crate::mention::Mention;
use crate::record::Record;
use crate::timelines::{Change, TimelineId};

/// What became of an event.
pub(crate) struct Admitted {
    pub(crate) disposition: Disposition,
    /// Its log position: of the first one, for a duplicate.
    pub(crate) lsn: Lsn,
    pub(crate) event: Arc<Event>,
    /// Timelines that now owe more folds than the pipeline leaves to later.
    pub(crate) lagging: Vec<TimelineId>,
}

impl Core {
    /// Gives the event its disposition and, if it is new, its places.
    pub(crate) fn admit(&mut self, event: Arc<Event>, context: &mut Context<'_>) -> Admitted {
        let mut lagging = Vec::new();
        let mut late = 0;
        let (disposition, lsn) = match self.identities.look_up(&event) {
            Seen::Same(lsn) => (Disposition::Duplicate, lsn),
            Seen::Other(_) => (Disposition::Conflict, self.next_lsn()),
            Seen::New if event.time() > context.now.plus(self.pipeline.future_max) => {
                (Disposition::Future, self.next_lsn())
            }
            Seen::New => {
                let lsn = self.next_lsn();
                self.identities.remember(&event, lsn);
                let places = self.place(&event, lsn, context.now, &mut lagging);
                late = late_bits(&places);
                let disposition = disposition(&places);
                if self.pipeline.is_scored(event.kind()) {
                    self.open_decision(&event, lsn, places, context);
                }
                (disposition, lsn)
            }
        };
        self.counts.add(disposition);
        if disposition != Disposition::Duplicate {
            let (arrival, event) = (context.now, event.clone());
            context.outputs.records.push(Record::Event {
                lsn,
                arrival,
                disposition,
                late,
                event,
            });
        }
        Admitted {
            disposition,
            lsn,
            event,
            lagging,
        }
    }

    /// One place per instance whose key the event has and which has a use for it.
    pub(crate) fn place(
        &mut self,
        event: &Arc<Event>,
        lsn: Lsn,
        arrival: Time,
        lagging: &mut Vec<TimelineId>,
    ) -> Box<[Place]> {
        (0..self.pipeline.instances.len())
            .map(|instance| self.place_in(instance, event, lsn, arrival, lagging))
            .collect()
    }

    /// The event's place in the timeline an instance has for it.
    pub(crate) fn place_in(
        &mut self,
        instance: usize,
        event: &Arc<Event>,
        lsn: Lsn,
        arrival: Time,
        lagging: &mut Vec<TimelineId>,
    ) -> Place {
        let settings = &self.pipeline.instances[instance];
        let scored = self.pipeline.is_scored(event.kind());
        let (Some(role), Some(key)) = (
            settings.role(event.kind(), scored),
            event.text(settings.key),
        ) else {
            return Place::Absent;
        };
        let id = self.timelines.find_or_start(instance, key, self.closed);
        let shelf = self.timelines.get_mut(id);
        let entry = Entry::new(event.clone(), lsn, role);
        let placed = match shelf.timeline.place(entry, arrival, &settings.timeline) {
            Ok(placed) => placed,
            Err(Late) => return Place::Late,
        };
        if placed.displaced > 0 {
            shelf.cause = Some(Arc::new(Mention::of(event, lsn)));
            self.displacing += 1;
        }
        if shelf.timeline.debt() > self.pipeline.lag_max {
            lagging.push(id);
        }
        self.displaced += placed.displaced;
        self.overflowed += placed.overflowed as u64;
        let change = Change {
            lsn,
            time: arrival,
            closed: self.closed,
        };
        self.timelines.changed(id, change);
        self.timelines.used(id);
        Place::In
    }

    fn open_decision(
        &mut self,
        event: &Arc<Event>,
        lsn: Lsn,
        places: Box<[Place]>,
        context: &mut Context<'_>,
    ) {
        self.decisions
            .insert(Decision::open(&self.pipeline, event.clone(), lsn, places));
        self.read_bases(lsn, context);
        self.queue_if_at_rest(lsn);
    }

    /// Queues a decision no fold will ever bring up.
    pub(crate) fn queue_if_at_rest(&mut self, lsn: Lsn) {
        let decision = self.decisions.get(lsn);
        if decision.is_some_and(|decision| !decision.places.contains(&Place::In)) {
            self.decisions.queue(lsn);
        }
    }
}

/// Late for all the timelines it has a place in; admitted otherwise.
fn disposition(places: &[Place]) -> Disposition {
    match places.contains(&Place::Late) && !places.contains(&Place::In) {
        true => Disposition::Late,
        false => Disposition::Admitted,
    }
}

/// Instances it came too late for: a bit each.
fn late_bits(places: &[Place]) -> u64 {
    let late = places
        .iter()
        .enumerate()
        .filter(|(_, place)| **place == Place::Late);
    late.fold(0, |bits, (instance, _)| bits | 1 << instance)
}
