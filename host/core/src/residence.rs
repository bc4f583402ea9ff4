//! What is in memory and what is at rest. Takes in what is needed (`needs` says what), and gives away what has
//! changed or is idle. Whoever drives the core brings in what a step needs before the step.

use std::sync::Arc;

use foreshore_event::{Event, Time};
use foreshore_timeline::{Lsn, NotWoken, Timeline};

use crate::core::Core;
use crate::decision::{Decision, Place};
use crate::decisions::Decisions;
use crate::disposition::Counts;
use crate::identities::Entry;
use crate::pipeline::Pipeline;
use crate::rest::{RestingDecision, RestingTimeline, Trail};
use crate::shelf::Shelf;

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

/// The share of what timelines may take that is free again when some have left. What comes until others do has room
/// there: who is at the bound has every change put away at once.
const FREED_SHARE: usize = 16;

/// Bytes that are the timelines' whatever decisions take. Above them idle ones give up what can be folded anew: that
/// costs less than leaving, after which their events have to be read again.
pub(crate) fn timelines_bytes_min(pipeline: &Pipeline) -> usize {
    pipeline.hot_bytes_max / 2
}

/// Most bytes of checkpoints that are stored with a timeline.
const CHECKPOINT_BYTES: usize = 8 << 10;

impl Core {
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
        bound
            .saturating_sub(decisions)
            .max(timelines_bytes_min(&self.pipeline))
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
        self.choose_decisions(|core, decisions| {
            decisions.retain(|decision| decision.lsn >= lsn || core.is_kept(decision));
        });
    }

    /// The log is durable up to here: what it says need not stay in memory.
    pub fn durable_through(&mut self, lsn: Lsn) {
        self.durable = self.durable.max(lsn);
    }

    /// Lets leave memory what is beyond the pipeline's bound or close to it: timelines that are stored and idle,
    /// decisions that the log has and that have nothing to say. Of decisions those stay that a fold is owed for:
    /// whoever changes a timeline brings in the decisions it [may change](Core::needs). Looks at some thousands of each;
    /// in so many `parts`, at that many in as many calls.
    pub fn evict(&mut self, parts: usize) {
        let count_max = self.hot_decisions_max();
        self.choose_decisions(|core, decisions| {
            decisions.evict(count_max, parts, |decision| core.is_kept(decision));
        });
        let bytes_max = self.hot_bytes_max();
        self.timelines
            .evict(bytes_max - bytes_max / FREED_SHARE, parts);
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
        self.choose_decisions(|core, decisions| {
            decisions.retain(|decision| {
                let key = decision.event.order_key();
                let mut timelines = core.timelines_of(decision);
                timelines.any(|(_, id)| core.timelines.get(id).timeline.holds(key))
            });
        });
    }

    /// Has some decisions leave, by what the rest of the core says of them.
    fn choose_decisions(&mut self, choose: impl FnOnce(&Core, &mut Decisions)) {
        let mut decisions = std::mem::take(&mut self.decisions);
        choose(self, &mut decisions);
        self.decisions = decisions;
    }
}
