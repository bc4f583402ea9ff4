//! What is in memory and what is at rest. Says what a step will need, takes it in, and gives away what has
//! changed or is idle. Whoever drives the core brings in what a step needs before the step.

use std::sync::Arc;

use foreshore_event::{Event, Time};
use foreshore_timeline::{Lsn, NotWoken, Timeline};

use crate::core::{Core, Input};
use crate::decision::{Decision, DecisionId, Place};
use crate::disposition::Counts;
use crate::identities::{Entry, Seen};
use crate::rest::{RestingDecision, RestingTimeline, Trail};
use crate::shelf::Shelf;

/// Something a step needs that is not in memory. It may exist nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Need {
    /// The timeline of an instance and a key.
    Timeline(usize, Box<str>),
    /// The decision about the event of this log position.
    Decision(Lsn),
}

/// What is to be stored, and what of the log it covers.
#[derive(Debug)]
pub struct Leaving {
    /// Timelines that changed.
    pub timelines: Vec<RestingTimeline>,
    /// Trails that changed.
    pub trails: Vec<(Lsn, Trail)>,
    /// The core itself.
    pub core: RestingCore,
    /// Nothing of this may be stored before the log is durable up to here.
    pub basis: Lsn,
}

/// What the core keeps beside timelines and decisions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RestingCore {
    /// Everything up to here is stored: what comes behind it has to be replayed.
    pub through: Lsn,
    /// Every watermark is at least here, as of `through`: a later close is among what is replayed.
    pub closed: Time,
    /// Logged events so far, by disposition.
    pub counts: Counts,
    /// The record of the last deploy: what was decided before it is settled.
    pub deployed: Lsn,
}

impl RestingCore {
    /// Of a pipeline without history, closed up to a time.
    pub fn new(closed: Time) -> RestingCore {
        RestingCore {
            through: Lsn(0),
            closed,
            counts: Counts::default(),
            deployed: Lsn(0),
        }
    }
}

/// The share of the pipeline's bound that decisions may take though nothing keeps them.
const DECISIONS_SHARE: usize = 4;

/// Most bytes of checkpoints that are stored with a timeline.
const CHECKPOINT_BYTES: usize = 8 << 10;

impl Core {
    /// What a step with this input needs and is not in memory. To be asked again when it has been brought in: a
    /// timeline tells which decisions may change.
    pub fn needs(&self, input: &Input) -> Vec<Need> {
        let (Input::Score(event) | Input::WhatIf(event) | Input::Ingest(event)) = input else {
            return Vec::new();
        };
        let mut needs = self.timelines_for(event);
        match self.identities.look_up(event) {
            Seen::Same(lsn) if self.pipeline.is_scored(event.kind()) => {
                needs.extend(self.need_of_decision(lsn));
            }
            Seen::New if !matches!(input, Input::WhatIf(_)) => {
                needs.extend(self.displaced_by(event));
            }
            _ => {}
        }
        needs
    }

    /// The timelines this event has a place in that are not in memory.
    pub fn timelines_for(&self, event: &Event) -> Vec<Need> {
        let places = self.places_of(event);
        let need = places.filter_map(|(instance, key)| self.need_of(instance, key));
        need.collect()
    }

    /// The decisions, not in memory, about events that stand after this one in a timeline that is: once it has its
    /// place, their features are folded again and may be others.
    pub(crate) fn displaced_by<'a>(&'a self, event: &'a Event) -> impl Iterator<Item = Need> + 'a {
        let places = self.places_of(event);
        let timelines = places.filter_map(|(instance, key)| self.timelines.find(instance, key));
        let timelines = timelines.map(|id| &self.timelines.get(id).timeline);
        let open = timelines.filter(|timeline| !timeline.is_final(event.order_key()));
        let displaced = open.flat_map(|timeline| timeline.held_above(event.order_key()));
        displaced
            .filter(|entry| entry.role.emit && self.may_change(entry.lsn))
            .filter_map(|entry| self.need_of_decision(entry.lsn))
    }

    /// Where an event has a place: instances and keys.
    fn places_of<'a>(&'a self, event: &'a Event) -> impl Iterator<Item = (usize, &'a str)> {
        let scored = self.pipeline.is_scored(event.kind());
        let instances = self.pipeline.instances.iter().enumerate();
        instances.filter_map(move |(index, instance)| {
            let key = event.text(instance.key)?;
            instance.role(event.kind(), scored)?;
            Some((index, key))
        })
    }

    /// The timeline of an instance and a key, if it is not in memory.
    pub fn need_of(&self, instance: usize, key: &str) -> Option<Need> {
        match self.timelines.find(instance, key) {
            Some(_) => None,
            None => Some(Need::Timeline(instance, key.into())),
        }
    }

    /// The decision about the event of this log position, if it is not in memory.
    pub(crate) fn need_of_decision(&self, lsn: Lsn) -> Option<Need> {
        match self.decisions.get(lsn) {
            Some(_) => None,
            None => Some(Need::Decision(lsn)),
        }
    }

    /// What reading a decision needs and is not in memory: the decision, then its timelines.
    pub fn needs_of_decision(&self, id: DecisionId) -> Vec<Need> {
        match self.decisions.get(id.0) {
            None if id.0 <= self.lsn => vec![Need::Decision(id.0)],
            None => Vec::new(),
            Some(decision) => self.timelines_for(&decision.event),
        }
    }

    /// The event logged there, if a decision in memory is about it.
    pub fn event(&self, lsn: Lsn) -> Option<Arc<Event>> {
        Some(self.decisions.get(lsn)?.event.clone())
    }

    /// Whether what was decided about an event logged there may still change: not if the pipeline was deployed
    /// since.
    pub fn may_change(&self, lsn: Lsn) -> bool {
        lsn > self.deployed
    }

    /// The trail of a decision, as far as it is not stored.
    pub fn trail(&self, decision: Lsn) -> Option<Trail> {
        self.decisions.trails.get(decision)
    }

    /// Takes in a timeline that was at rest; `event` gives the events no decision in memory is about.
    ///
    /// # Errors
    /// When an event it holds is not to be had, or it contradicts itself.
    pub fn wake(
        &mut self,
        resting: RestingTimeline,
        event: &mut dyn FnMut(Lsn) -> Option<Arc<Event>>,
    ) -> Result<(), NotWoken> {
        let decisions = &self.decisions;
        let mut timeline = Timeline::woken(resting.timeline, &mut |lsn| {
            let decision = decisions.get(lsn);
            decision
                .map(|decision| decision.event.clone())
                .or_else(|| event(lsn))
        })?;
        timeline.close(self.closed);
        if self
            .timelines
            .find(resting.instance, &resting.key)
            .is_none()
        {
            let mut shelf = Shelf::new(timeline, resting.instance, resting.key.into());
            shelf.lsn = resting.lsn;
            let id = self.timelines.put(shelf);
            self.timelines.used(id);
        }
        Ok(())
    }

    /// Takes in a decision that was at rest in the log.
    pub fn recall(&mut self, resting: RestingDecision) {
        self.durable = self.durable.max(resting.lsn).max(resting.trail.last);
        // Nothing is ever decided about an event that was only ingested.
        let is_one = self.pipeline.is_scored(resting.event.kind()) || !resting.revisions.is_empty();
        if is_one && self.decisions.get(resting.lsn).is_none() {
            let decision = self.recalled(resting);
            self.decisions.insert(decision);
        }
    }

    fn recalled(&self, resting: RestingDecision) -> Decision {
        let RestingDecision {
            lsn,
            event,
            late,
            revisions,
            trail,
        } = resting;
        let scored = self.pipeline.is_scored(event.kind());
        let instances = self.pipeline.instances.iter().enumerate();
        let place = |(index, instance): (usize, &crate::pipeline::Instance)| {
            let has_place = instance.role(event.kind(), scored).is_some();
            match event.text(instance.key) {
                Some(_) if has_place && late & (1 << index) != 0 => Place::Late,
                Some(_) if has_place && self.may_change(lsn) => Place::In,
                _ => Place::Absent,
            }
        };
        let places = instances.map(place).collect();
        let mut decision = Decision::open(&self.pipeline, event, lsn, places);
        // What a deploy settled has no more to say, though it may have said nothing.
        decision.stale = self.may_change(lsn);
        if let Some(newest) = revisions.last() {
            decision.last = Some(trail.last);
            decision.published = (trail.told > 0).then_some(trail.told);
            decision.resume(newest);
        }
        decision.revisions = revisions;
        decision
    }

    /// How long the oldest change of a timeline waits to be stored, in log records and since when.
    pub fn oldest_change(&self) -> Option<(Lsn, Time)> {
        let oldest = self.timelines.oldest_change();
        oldest.map(|change| (change.lsn, change.time))
    }

    /// Log records that a restart would go through again: those beyond what is stored or on its way.
    pub fn unstored_records(&self) -> u64 {
        self.lsn.0.saturating_sub(self.stored.0)
    }

    /// Whether there is anything that is not stored.
    pub fn has_changes(&self) -> bool {
        self.stored < self.lsn || self.leaving.is_some()
    }

    /// Whether more is in memory than should be.
    pub fn is_crowded(&self) -> bool {
        self.timelines.bytes() > self.hot_bytes_max()
    }

    /// Whether far more is in memory than should be: twice what timelines may take, and something of it could
    /// leave.
    pub fn is_overcrowded(&self) -> bool {
        self.timelines.bytes() / 2 > self.hot_bytes_max() && self.timelines.len() > 1
    }

    /// What timelines may take: the pipeline's bound, less what decisions take, and never less than half of it.
    fn hot_bytes_max(&self) -> usize {
        let decisions = self.decisions.len() * self.decision_bytes();
        let bound = self.pipeline.hot_bytes_max;
        bound.saturating_sub(decisions).max(bound / 2)
    }

    /// Decisions that may stay though nothing keeps them: as many as fit into their share of the bound. A sender
    /// that asks again asks soon, and an event is seldom late by much.
    fn hot_decisions_max(&self) -> usize {
        self.pipeline.hot_bytes_max / DECISIONS_SHARE / self.decision_bytes()
    }

    /// About what a decision takes, its event apart.
    fn decision_bytes(&self) -> usize {
        // It holds its vector as it now is and, most often, in one revision.
        size_of::<Decision>() + 2 * 8 * self.pipeline.layout.width() + 512
    }

    /// Whether everything that follows from what was admitted is said: no fold is owed, no revision.
    pub fn is_quiet(&self) -> bool {
        self.timelines.are_quiet() && self.decisions.are_quiet()
    }

    /// Takes what is to be stored: timelines that changed at `until` or earlier, the oldest changes first and
    /// at most `count`, and all trails. None while what was taken before has not [arrived](Core::arrived),
    /// and none unless all [is quiet](Core::is_quiet): a state whose consequences are not all in the log
    /// would hide them from a restart.
    pub fn leave(&mut self, until: Time, count: usize) -> Option<Leaving> {
        if !self.is_quiet() {
            return None;
        }
        self.let_go(until, count)
    }

    /// As [`leave`](Core::leave), even while folds or revisions are owed: for a pipeline about to be replaced,
    /// where no more will be said about what was decided so far.
    pub fn let_go(&mut self, until: Time, count: usize) -> Option<Leaving> {
        if self.leaving.is_some() {
            return None;
        }
        let mut timelines = Vec::new();
        let (before, lsn) = (self.stored, self.lsn);
        while timelines.len() < count
            && self
                .oldest_change()
                .is_some_and(|(_, since)| since <= until)
            && let Some(id) = self.timelines.next_dirty()
        {
            let shelf = self.timelines.get(id);
            timelines.push(RestingTimeline {
                instance: shelf.instance,
                key: (*shelf.key).into(),
                lsn: shelf.lsn,
                timeline: shelf.timeline.at_rest(CHECKPOINT_BYTES),
            });
        }
        let rest = self.timelines.oldest_change();
        let (through, closed) = match rest {
            Some(change) => (change.lsn.before(), change.closed),
            None => (lsn, self.closed),
        };
        if timelines.is_empty() && through == before {
            return None;
        }
        self.stored = through;
        self.leaving = Some(lsn.max(self.counted));
        Some(Leaving {
            timelines,
            trails: self.decisions.trails.leave(),
            core: RestingCore {
                through,
                closed,
                counts: self.counts,
                deployed: self.deployed,
            },
            // While a log is replayed, the counts are ahead of it.
            basis: lsn.max(self.counted),
        })
    }

    /// What was taken to be stored is stored; so the log is durable up to what it was as of.
    pub fn arrived(&mut self) {
        self.durable = self.durable.max(self.leaving.take().unwrap_or_default());
        self.timelines.arrived();
        self.decisions.trails.arrived();
    }

    /// Remembers an event that was seen.
    pub fn remember(&mut self, entry: Entry) {
        self.identities.remember_entry(entry);
    }

    /// Forgets events logged below a position: sent again, they are new. Decisions about them leave memory, as far
    /// as nothing keeps them.
    pub fn forget_below(&mut self, lsn: Lsn) {
        self.identities.forget_below(lsn);
        let mut decisions = std::mem::take(&mut self.decisions);
        decisions.retain(|decision| decision.lsn >= lsn || self.is_kept(decision));
        self.decisions = decisions;
    }

    /// The log is durable up to here: what it says need not stay in memory.
    pub fn durable_through(&mut self, lsn: Lsn) {
        self.durable = self.durable.max(lsn);
    }

    /// Lets leave memory what is beyond the pipeline's bound: timelines that are stored and idle, decisions that
    /// the log has and that have nothing to say. Of decisions those stay that a fold is owed for: whoever changes
    /// a timeline brings in the decisions it [may change](Core::needs).
    pub fn evict(&mut self) {
        let mut decisions = std::mem::take(&mut self.decisions);
        decisions.evict(self.hot_decisions_max(), |decision| self.is_kept(decision));
        self.decisions = decisions;
        self.timelines.evict(self.hot_bytes_max());
    }

    /// Whether a decision has to stay: the log may not have it yet, a fold is owed that may change it, or the world
    /// is to be told of a change.
    fn is_kept(&self, decision: &Decision) -> bool {
        // Where no timeline owes anything, none has to be looked for.
        let is_folded = || self.timelines.are_quiet() || self.is_folded(decision);
        decision.last.unwrap_or(decision.lsn) > self.durable
            || !is_folded()
            || self.unsaid(decision).is_some()
    }

    /// Lets decisions leave memory for good that no timeline in memory can change: for whoever has all of them.
    pub(crate) fn forget_final(&mut self) {
        let mut decisions = std::mem::take(&mut self.decisions);
        decisions.retain(|decision| {
            let key = decision.event.order_key();
            let mut timelines = self.timelines_of(decision);
            timelines.any(|(_, id)| self.timelines.get(id).timeline.holds(key))
        });
        self.decisions = decisions;
    }
}
