//! Stage 3 of the path: an event to its places. Identity check, future guard, one place per timeline, a log
//! record, a disposition; for a scored type also the decision that will rest on it.

use std::sync::Arc;

use foreshore_event::Event;
use foreshore_timeline::{Entry, Late, Lsn, Placed, Role};

use crate::core::{Context, Core};
use crate::decision::{Decision, Place};
use crate::disposition::Disposition;
use crate::identities::Seen;
use crate::record::Record;
use crate::timelines::TimelineId;

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
        let (disposition, lsn) = match self.identities.look_up(&event) {
            Seen::Same(lsn) => (Disposition::Duplicate, lsn),
            Seen::Other(_) => (Disposition::Conflict, self.next_lsn()),
            Seen::New if event.time() > context.now.plus(self.pipeline.future_max) => {
                (Disposition::Future, self.next_lsn())
            }
            Seen::New => {
                let lsn = self.next_lsn();
                self.identities.remember(&event, lsn);
                let places = self.place(&event, lsn, context, &mut lagging);
                let is_in = |place: &Place| matches!(place, Place::In(_));
                let is_late = |place: &Place| matches!(place, Place::Late(_));
                let late = places.iter().any(is_late) && !places.iter().any(is_in);
                if self.pipeline.is_scored(event.kind()) {
                    self.open_decision(&event, lsn, places, context);
                }
                (
                    if late {
                        Disposition::Late
                    } else {
                        Disposition::Admitted
                    },
                    lsn,
                )
            }
        };
        self.counts.add(disposition);
        if disposition != Disposition::Duplicate {
            let (arrival, event) = (context.now, event.clone());
            context.outputs.records.push(Record::Event {
                lsn,
                arrival,
                disposition,
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
    fn place(
        &mut self,
        event: &Arc<Event>,
        lsn: Lsn,
        context: &Context<'_>,
        lagging: &mut Vec<TimelineId>,
    ) -> Box<[Place]> {
        let pipeline = self.pipeline.clone();
        let emit = pipeline.is_scored(event.kind());
        let places = pipeline
            .instances
            .iter()
            .enumerate()
            .map(|(index, instance)| {
                let role = Role {
                    apply: instance.applies(event.kind()),
                    emit,
                };
                let Some(key) = event.text(instance.key).filter(|_| role.apply || role.emit) else {
                    return Place::Absent;
                };
                let id = self.timelines.find_or_start(index, key, self.closed);
                let shelf = self.timelines.get_mut(id);
                let entry = Entry {
                    event: event.clone(),
                    lsn,
                    role,
                };
                match shelf.timeline.place(entry, context.now, &instance.timeline) {
                    Err(Late) => return Place::Late(id),
                    Ok(Placed {
                        displaced,
                        overflowed,
                    }) => {
                        if displaced > 0 {
                            shelf.cause = Some((lsn, event.clone()));
                            self.displacing += 1;
                        }
                        if shelf.timeline.debt() > pipeline.lag_max {
                            lagging.push(id);
                        }
                        self.displaced += displaced;
                        self.overflowed += overflowed as u64;
                    }
                }
                self.timelines.used(id);
                Place::In(id)
            });
        places.collect()
    }

    fn open_decision(
        &mut self,
        event: &Arc<Event>,
        lsn: Lsn,
        places: Box<[Place]>,
        context: &mut Context<'_>,
    ) {
        let decision = Decision::open(&self.pipeline, event.clone(), lsn, places);
        let rests_on_nothing = decision
            .places
            .iter()
            .all(|place| !matches!(place, Place::In(_)));
        self.decisions.insert(decision);
        self.read_bases(lsn, context);
        // No fold will ever bring it up.
        if rests_on_nothing {
            self.decisions.queue(lsn);
        }
    }
}
