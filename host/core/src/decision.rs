//! A served answer and its revisions: what it rests on, what it said, and why that changed. Data and the
//! rules by which it changes; the scoring itself is in `judge`.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use foreshore_event::Event;
use foreshore_timeline::{Fault, Lsn};

use crate::amendment::Cause;
use crate::manifest::Manifest;
use crate::pipeline::Pipeline;
use crate::policy::Outcome;
use crate::vector::Layout;

/// A decision's name: its event's log position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DecisionId(pub Lsn);

impl fmt::Display for DecisionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "d{}", self.0.0)
    }
}

/// A text that names no decision.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a decision id (they look like d42)")]
pub struct NotADecisionId(String);

impl FromStr for DecisionId {
    type Err = NotADecisionId;

    fn from_str(text: &str) -> Result<DecisionId, NotADecisionId> {
        let digits = text
            .strip_prefix('d')
            .filter(|rest| rest.bytes().all(|b| b.is_ascii_digit()));
        let lsn = digits.and_then(|digits| digits.parse().ok());
        lsn.map(|lsn| DecisionId(Lsn(lsn)))
            .ok_or_else(|| NotADecisionId(text.chars().take(40).collect()))
    }
}

/// Where a decision's event stands, per instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Nowhere: the event has no such key, or nothing to do there.
    Absent,
    /// In the timeline of its key.
    In,
    /// It came too late for the timeline of its key; features are read from its base.
    Late,
}

/// Why a part of an answer is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The plugin traps on this event: so it will at every replay.
    Trap,
    /// The plugin missed the deadline; the host catches up and amends.
    Timeout,
    /// The plugin's breaker is open; the host catches up and amends.
    BreakerOpen,
    /// The plugin was found to be impure.
    Impure,
    /// The event lies too far ahead of its arrival to be folded.
    Future,
    /// The pipeline was deployed anew before the event was decided about.
    Settled,
}

impl Reason {
    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Reason::Trap => "trap",
            Reason::Timeout => "timeout",
            Reason::BreakerOpen => "breaker-open",
            Reason::Impure => "impure",
            Reason::Future => "future",
            Reason::Settled => "settled",
        }
    }

    /// The reason a fault gives.
    pub fn of(fault: &Fault) -> Reason {
        match fault {
            Fault::Trap(_) => Reason::Trap,
            Fault::Timeout(_) => Reason::Timeout,
            Fault::Open(_) => Reason::BreakerOpen,
            Fault::Impure(_) => Reason::Impure,
        }
    }

    /// Whether it is a function of the sorted stream: if not, it is logged, and amended once it is over.
    pub fn is_derived(self) -> bool {
        self == Reason::Trap
    }
}

/// Which part of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The event itself.
    Event,
    /// A feature plugin, by its index.
    Instance(usize),
    /// A model, by its index.
    Model(usize),
}

/// A part of an answer that is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Degraded {
    /// Which part.
    pub part: Part,
    /// Why.
    pub reason: Reason,
}

/// What a decision said at one time.
#[derive(Clone, Debug, PartialEq)]
pub struct Revision {
    /// Counted from 1.
    pub number: u32,
    /// The pipeline that said it: what its numbers are called.
    pub under: Arc<Manifest>,
    /// The log position it saw.
    pub basis: Lsn,
    /// The numbers the models saw.
    pub vector: Arc<[f64]>,
    /// Every model's score; the first decides.
    pub scores: Box<[Option<f64>]>,
    /// What to do.
    pub outcome: Outcome,
    /// The deciding model's strongest reasons: index and contribution, largest first.
    pub reasons: Box<[(usize, f64)]>,
    /// Parts that were missing.
    pub degraded: Vec<Degraded>,
    /// Why it differs from the one before; none for the first.
    pub cause: Option<Cause>,
}

impl Revision {
    /// The deciding score.
    pub fn score(&self) -> Option<f64> {
        self.scores.first().copied().flatten()
    }

    /// Whether every model that could say something did: one that failed is to be asked again.
    pub fn is_whole(&self) -> bool {
        !self.degraded.iter().any(|degraded| {
            matches!(degraded.part, Part::Model(_)) && !degraded.reason.is_derived()
        })
    }

    /// Whether it stands for the word that a deploy has left unsaid.
    pub fn is_settled(&self) -> bool {
        let mut degraded = self.degraded.iter();
        degraded.any(|degraded| degraded.reason == Reason::Settled)
    }

    /// Whether it says the same as another, to the bit. Basis and cause are not part of what is said.
    pub fn says_the_same(&self, other: &Revision) -> bool {
        let bits = |score: &Option<f64>| score.map(f64::to_bits);
        self.outcome == other.outcome
            && self.degraded == other.degraded
            && self
                .scores
                .iter()
                .map(bits)
                .eq(other.scores.iter().map(bits))
            && self
                .vector
                .iter()
                .map(|n| n.to_bits())
                .eq(other.vector.iter().map(|n| n.to_bits()))
    }
}

/// What is known of one instance's features.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Features {
    /// The event has no part in this instance: they are missing.
    Missing,
    /// Not folded yet.
    Pending,
    /// In the vector.
    Known,
    /// Not to be had.
    Failed(Reason),
}

impl Features {
    /// Whether the plugin has only failed to give them in time: it will be asked again.
    pub(crate) fn has_only_failed(self) -> bool {
        matches!(self, Features::Failed(reason) if !reason.is_derived())
    }
}

/// The answer to a scored event, and what became of it.
#[derive(Debug)]
pub struct Decision {
    /// Its event's log position.
    pub lsn: Lsn,
    /// The event.
    pub event: Arc<Event>,
    /// Where the event stands, per instance.
    pub places: Box<[Place]>,
    /// The numbers as now known.
    pub vector: Box<[f64]>,
    /// What is known of each instance's features.
    pub features: Box<[Features]>,
    /// What it said, in order.
    pub revisions: Vec<Arc<Revision>>,
    /// The number of the revision the world knows; none before it was served.
    pub published: Option<u32>,
    /// The record of its newest revision; none before it was first scored.
    pub(crate) last: Option<Lsn>,
    /// Whether the vector has changed since the last revision.
    pub stale: bool,
    /// Why it last changed.
    pub cause: Option<Cause>,
    /// Whether it stands in the queue of revisions.
    pub(crate) queued: bool,
}

impl Decision {
    /// A decision about an event at these places, not yet made.
    pub(crate) fn open(
        pipeline: &Pipeline,
        event: Arc<Event>,
        lsn: Lsn,
        places: Box<[Place]>,
    ) -> Decision {
        let features = places.iter().map(|place| match place {
            Place::Absent => Features::Missing,
            Place::In | Place::Late => Features::Pending,
        });
        Decision {
            lsn,
            vector: pipeline.layout.vector(&event),
            features: features.collect(),
            event,
            places,
            revisions: Vec::new(),
            published: None,
            last: None,
            stale: true,
            cause: None,
            queued: false,
        }
    }

    /// Instances its event came too late for, by index.
    pub fn late_for(&self) -> Vec<usize> {
        (0..self.places.len())
            .filter(|&instance| self.places[instance] == Place::Late)
            .collect()
    }

    /// What it says now; none before it was first scored.
    pub fn current(&self) -> Option<&Arc<Revision>> {
        self.revisions.last()
    }

    /// What the world was last told.
    pub fn told(&self) -> Option<&Arc<Revision>> {
        let number = self.published?;
        self.revisions.get((number as usize).checked_sub(1)?)
    }

    /// Takes note of what it said, so that it goes on from there.
    pub(crate) fn resume(&mut self, newest: &Revision) {
        self.stale = false;
        if self.vector.len() == newest.vector.len() {
            self.vector.copy_from_slice(&newest.vector);
        }
        for (index, features) in self.features.iter_mut().enumerate() {
            let part = Part::Instance(index);
            let degraded = newest
                .degraded
                .iter()
                .find(|degraded| degraded.part == part);
            *features = match (self.places[index], degraded) {
                (Place::Absent, _) => Features::Missing,
                (_, Some(degraded)) => Features::Failed(degraded.reason),
                (_, None) => Features::Known,
            };
        }
    }

    /// Takes note of a revision it made before it was all that is known of it now: features that are known
    /// stay, where the plugin had only failed to give them in time.
    pub(crate) fn catch_up_with(&mut self, revision: &Revision, layout: &Layout) {
        let known = self.features.iter().enumerate();
        let known = known.filter(|(_, features)| **features == Features::Known);
        let parts = known.map(|(at, _)| (at, Box::from(&self.vector[layout.features(at)])));
        let parts: Vec<(usize, Box<[f64]>)> = parts.collect();
        self.resume(revision);
        for (at, part) in parts {
            if self.features[at].has_only_failed() {
                self.learn(at, layout.features(at), Ok(&part));
                self.cause = Some(Cause::CaughtUp);
            }
        }
    }

    /// Takes note of an instance's features; tells whether they differ from what was known, so that it is stale.
    pub(crate) fn learn(
        &mut self,
        instance: usize,
        place: std::ops::Range<usize>,
        found: Result<&[f64], Reason>,
    ) -> bool {
        let part = &mut self.vector[place];
        let features = &mut self.features[instance];
        let (known, numbers) = match found {
            Ok(numbers) => (Features::Known, Some(numbers)),
            Err(reason) => (Features::Failed(reason), None),
        };
        let bits = |number: &f64| number.to_bits();
        let same = |numbers: &[f64]| numbers.iter().map(bits).eq(part.iter().map(bits));
        if *features == known && numbers.is_none_or(same) {
            return false;
        }
        *features = known;
        match numbers {
            Some(numbers) => part.copy_from_slice(numbers),
            None => part.fill(f64::NAN),
        }
        self.stale = true;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_id_reads_back() {
        assert_eq!("d42".parse(), Ok(DecisionId(Lsn(42))));
        assert_eq!(DecisionId(Lsn(42)).to_string(), "d42");
        for bad in ["", "42", "d", "d-1", "d+1", "dx"] {
            let error = bad.parse::<DecisionId>().unwrap_err().to_string();
            assert_eq!(
                error,
                format!("`{bad}` is not a decision id (they look like d42)")
            );
        }
    }
}
