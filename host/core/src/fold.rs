//! Stage 4: the features as of an event, from each of its timelines, and what their folding says of other
//! decisions. Folds no further than asked; the rest is `settle`'s.

use foreshore_timeline::{
    Emission, Fault, Folder, Lsn, Point, ReadError, Settings, Timeline, Watermark,
};

use crate::amendment::Cause;
use crate::breaker::{Breaker, Guarded};
use crate::core::{Context, Core};
use crate::decision::{Decision, Place, Reason};
use crate::timelines::TimelineId;

impl Core {
    /// Brings the features of a decision up to date: folds each of its timelines up to its event.
    pub(crate) fn fold(&mut self, lsn: Lsn, context: &mut Context<'_>) {
        let Some(decision) = self.decisions.get(lsn) else {
            return;
        };
        let event = decision.event.clone();
        let timelines: Vec<_> = self.timelines_of(decision).collect();
        for (instance, id) in timelines {
            let key = event.order_key();
            // A timeline that rests because of a later event has said what it knows of this one.
            if self.timelines.get(id).timeline.is_settled(key) {
                continue;
            }
            let result = self.with_folder(id, context, |timeline, folder, settings, emissions| {
                timeline.settle_through(key, folder, settings, emissions)
            });
            if let Err(fault) = result {
                self.learn(lsn, instance, Err(Reason::of(&fault)));
            }
        }
    }

    /// The timelines in memory that a decision's event stands in, with their instances.
    pub(crate) fn timelines_of(
        &self,
        decision: &Decision,
    ) -> impl Iterator<Item = (usize, TimelineId)> {
        let places = decision.places.iter().enumerate();
        let stands = places.filter(|(_, place)| **place == Place::In);
        stands.filter_map(|(instance, _)| {
            let key = decision.event.text(self.pipeline.instances[instance].key)?;
            Some((instance, self.timelines.find(instance, key)?))
        })
    }

    /// Reads the bases of the timelines that a decision's event came too late for.
    pub(crate) fn read_bases(&mut self, lsn: Lsn, context: &mut Context<'_>) {
        let Some(decision) = self.decisions.get(lsn) else {
            return;
        };
        let event = decision.event.clone();
        for instance in decision.late_for() {
            let key = event.text(self.pipeline.instances[instance].key);
            let id = key.and_then(|key| self.timelines.find(instance, key));
            let found = self.read_point(instance, id, Point::Watermark, context);
            self.learn(lsn, instance, found.as_deref().map_err(|reason| *reason));
        }
    }

    /// The features as of a point of an instance's timeline, or of one without history.
    pub(crate) fn read_point(
        &mut self,
        instance: usize,
        id: Option<TimelineId>,
        point: Point<'_>,
        context: &mut Context<'_>,
    ) -> Result<Box<[f64]>, Reason> {
        let unknown = Timeline::starting_at(Watermark::First(self.closed));
        let timeline = id.map_or(&unknown, |id| &self.timelines.get(id).timeline);
        let mut folder = guarded(&mut self.instance_breakers, instance, context);
        timeline
            .read(point, &mut folder)
            .map_err(|error| match error {
                ReadError::Fault(fault) => Reason::of(&fault),
                ReadError::Trapped | ReadError::Past { .. } => Reason::Trap,
            })
    }

    /// Folds a timeline with its plugin, then takes note of what that emitted. A timeline whose plugin fails
    /// waits for a tick: trying again at once would only fail again, as long as a breaker stays open.
    pub(crate) fn with_folder(
        &mut self,
        id: TimelineId,
        context: &mut Context<'_>,
        run: impl FnOnce(
            &mut Timeline,
            &mut dyn Folder,
            &Settings,
            &mut Vec<Emission>,
        ) -> Result<u64, Fault>,
    ) -> Result<u64, Fault> {
        let shelf = self.timelines.get_mut(id);
        if shelf.rests(context.now) {
            self.timelines.wait(id);
            let reason = "its last fold missed the deadline; it is tried again in a while";
            return Err(Fault::Timeout(reason.into()));
        }
        let instance = shelf.instance;
        let mut folder = guarded(&mut self.instance_breakers, instance, context);
        let settings = self.pipeline.instances[instance].timeline;
        let mut emissions = Vec::new();
        let result = run(&mut shelf.timeline, &mut folder, &settings, &mut emissions);
        match &result {
            Ok(_) => shelf.recovered(),
            Err(Fault::Timeout(_)) => shelf.missed(context.now),
            Err(_) => {}
        }
        self.folded_rows += result.as_ref().copied().unwrap_or(0);
        match &result {
            Ok(_) => self.timelines.used(id),
            Err(_) => self.timelines.wait(id),
        }
        self.take_note(id, emissions);
        result
    }

    /// Learns what a fold emitted; a decision it changes is queued to be revised.
    fn take_note(&mut self, id: TimelineId, emissions: Vec<Emission>) {
        let shelf = self.timelines.get(id);
        let (instance, cause) = (shelf.instance, &shelf.cause);
        let place = self.pipeline.layout.features(instance);
        for Emission { lsn, features } in emissions {
            let found = features.as_deref().ok_or(Reason::Trap);
            self.decisions.change(lsn, |decision| {
                let was_failed = decision.features[instance].has_only_failed();
                if decision.learn(instance, place.clone(), found) {
                    decision.cause = match cause {
                        Some(late) if !was_failed => Some(Cause::Late(late.clone())),
                        _ => Some(Cause::CaughtUp),
                    };
                }
            });
        }
    }

    /// Takes note of an instance's features for a decision.
    fn learn(&mut self, lsn: Lsn, instance: usize, found: Result<&[f64], Reason>) {
        let place = self.pipeline.layout.features(instance);
        if let Some(decision) = self.decisions.get_mut(lsn) {
            decision.learn(instance, place, found);
        }
    }
}

/// An instance's plugin behind its breaker.
fn guarded<'a>(
    breakers: &'a mut [Breaker],
    instance: usize,
    context: &'a mut Context<'_>,
) -> Guarded<'a> {
    Guarded {
        breaker: &mut breakers[instance],
        now: context.now,
        folder: context.plugins.features(instance),
    }
}
