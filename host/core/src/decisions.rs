//! The decisions of a pipeline that are in memory, by log position, and the queue of those whose vector has
//! changed since they last spoke. What was said of the others is in the log.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use foreshore_timeline::Lsn;
use hashbrown::HashMap;

use crate::decision::{Decision, Revision};
use crate::rest::Trail;
use crate::trails::Trails;

/// Decisions looked at in one go whether they can leave: at least so many, and of those that are too many one in
/// so many, so that it is short when very many have to stay.
const LOOKED_AT_MIN: usize = 4096;
const LOOKED_AT_SHARE: usize = 8;

/// The decisions of a pipeline that are in memory.
#[derive(Debug, Default)]
pub struct Decisions {
    /// Each in a place of its own: a map that is full moves all it holds in one go, and there may be many of them.
    all: HashMap<Lsn, Box<Decision>>,
    /// All of them, in the order in which they are looked at whether they can leave.
    hand: VecDeque<Lsn>,
    stale: VecDeque<Lsn>,
    /// Decisions whose model failed: they wait for the next tick.
    waiting: Vec<Lsn>,
    /// Decisions of whose change no record says yet that the world was told, while a log is replayed.
    unsaid: BTreeSet<Lsn>,
    pub(crate) trails: Trails,
}

impl Decisions {
    /// Adds one.
    pub fn insert(&mut self, decision: Decision) {
        let lsn = decision.lsn;
        if self.all.insert(lsn, Box::new(decision)).is_none() {
            self.hand.push_back(lsn);
        }
    }

    /// The decision about the event of this log position.
    pub fn get(&self, lsn: Lsn) -> Option<&Decision> {
        self.all.get(&lsn).map(Box::as_ref)
    }

    /// The decision about the event of this log position, to be changed.
    pub fn get_mut(&mut self, lsn: Lsn) -> Option<&mut Decision> {
        self.all.get_mut(&lsn).map(Box::as_mut)
    }

    /// How many are in memory.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Adds a revision, logged as `record`; one that is `told` as it is made needs no record that says so.
    pub(crate) fn revise(&mut self, lsn: Lsn, record: Lsn, revision: Arc<Revision>, told: bool) {
        let Some(decision) = self.all.get_mut(&lsn) else {
            return;
        };
        decision.last = Some(record);
        if told {
            decision.published = Some(revision.number);
        }
        decision.revisions.push(revision);
        if record != lsn.next() {
            self.trails.set(lsn, decision.trail());
        }
    }

    /// Notes that the world was told of a revision, which a record of its own says.
    pub(crate) fn tell(&mut self, lsn: Lsn, revision: u32) {
        if let Some(decision) = self.all.get_mut(&lsn) {
            decision.published = decision.published.max(Some(revision));
            self.trails.set(lsn, decision.trail());
        }
    }

    /// Queues a stale decision to be revised.
    pub fn queue(&mut self, lsn: Lsn) {
        self.change(lsn, |_| {});
    }

    /// Changes a decision; one that is stale then is queued to be revised.
    pub(crate) fn change(&mut self, lsn: Lsn, change: impl FnOnce(&mut Decision)) {
        let Some(decision) = self.all.get_mut(&lsn) else {
            return;
        };
        change(decision);
        if decision.stale && !decision.queued {
            decision.queued = true;
            self.stale.push_back(lsn);
        }
    }

    /// Takes up to `count` decisions off the queue; those that are stale no more are not among them.
    pub fn next_stale(&mut self, count: usize) -> Vec<Lsn> {
        let mut taken: Vec<Lsn> = self.stale.drain(..count.min(self.stale.len())).collect();
        taken.retain(|lsn| {
            self.all.get_mut(lsn).is_some_and(|decision| {
                decision.queued = false;
                decision.stale
            })
        });
        taken
    }

    /// Puts a stale decision off to the next tick: its model failed.
    pub fn wait(&mut self, lsn: Lsn) {
        self.waiting.push(lsn);
    }

    /// Queues again what was put off.
    pub fn tick(&mut self) {
        for lsn in std::mem::take(&mut self.waiting) {
            self.queue(lsn);
        }
    }

    /// Decisions queued to be revised.
    pub fn stale(&self) -> usize {
        self.stale.len()
    }

    /// While there are more than `count_max`, lets those leave memory that have nothing to say and that nothing
    /// else keeps here, the oldest first. Looks at some of them, in so many parts: one that stays is looked at again
    /// after all others.
    pub(crate) fn evict(
        &mut self,
        count_max: usize,
        parts: usize,
        stays: impl Fn(&Decision) -> bool,
    ) {
        let excess = self.all.len().saturating_sub(count_max);
        let looked_at = LOOKED_AT_MIN.max(excess / LOOKED_AT_SHARE) / parts.max(1);
        for _ in 0..looked_at.min(self.hand.len()) {
            if self.all.len() <= count_max {
                return;
            }
            let Some(lsn) = self.hand.pop_front() else {
                return;
            };
            match self.all.get(&lsn) {
                Some(decision) if decision.stale || stays(decision) => self.hand.push_back(lsn),
                _ => drop(self.all.remove(&lsn)),
            }
        }
    }

    /// Keeps those that have something to say, and some others.
    pub(crate) fn retain(&mut self, stays: impl Fn(&Decision) -> bool) {
        let all = &mut self.all;
        all.retain(|_, decision| decision.stale || stays(decision));
        self.hand.retain(|lsn| all.contains_key(lsn));
    }

    /// Whether every decision has said what it has to say.
    pub(crate) fn are_quiet(&self) -> bool {
        self.stale.is_empty() && self.waiting.is_empty() && self.unsaid.is_empty()
    }

    /// Notes whether, by the records so far, the world is still to be told of a decision's change.
    pub(crate) fn set_unsaid(&mut self, lsn: Lsn, is_unsaid: bool) {
        match is_unsaid {
            true => self.unsaid.insert(lsn),
            false => self.unsaid.remove(&lsn),
        };
    }

    /// Takes off the queue what is stale no more.
    pub(crate) fn forget_settled(&mut self) {
        let all = &mut self.all;
        self.stale.retain(|lsn| {
            all.get_mut(lsn).is_some_and(|decision| {
                decision.queued = decision.stale;
                decision.stale
            })
        });
    }

    /// Lets go of all: what they said is their last word.
    pub(crate) fn settle_all(&mut self) {
        let trails = std::mem::take(&mut self.trails);
        *self = Decisions {
            trails,
            ..Decisions::default()
        };
    }

    /// Decisions that have said nothing yet.
    pub(crate) fn unmade(&self) -> Vec<Lsn> {
        let unmade = self
            .all
            .values()
            .filter(|decision| decision.current().is_none());
        unmade.map(|decision| decision.lsn).collect()
    }

    /// Queues the decisions that have more to say: their last word was not told, or a model gave none. Those up to
    /// the last deploy have said what they will.
    pub(crate) fn queue_unsaid(&mut self, deployed: Lsn) {
        self.unsaid.clear();
        let open = self.all.values_mut();
        let open = open.filter(|decision| decision.lsn > deployed);
        let unsaid = open.filter(|decision| {
            let current = decision.current();
            let number = current.map(|current| current.number);
            let is_told = decision.published.is_none() || decision.published == number;
            number.is_some() && !(is_told && current.is_none_or(|current| current.is_whole()))
        });
        let mut lsns: Vec<Lsn> = unsaid
            .map(|decision| {
                decision.stale = true;
                decision.lsn
            })
            .collect();
        // Amendments follow the order of their decisions, whatever the order of a map.
        lsns.sort_unstable();
        lsns.into_iter().for_each(|lsn| self.queue(lsn));
    }

    /// Takes all decisions away, in log order.
    pub fn drain(&mut self) -> Vec<Decision> {
        self.hand.clear();
        self.stale.clear();
        self.waiting.clear();
        self.unsaid.clear();
        let mut drained: Vec<Decision> = self.all.drain().map(|(_, decision)| *decision).collect();
        drained.sort_unstable_by_key(|decision| decision.lsn);
        drained
    }
}

impl Decision {
    /// Where its revisions are in the log.
    pub(crate) fn trail(&self) -> Trail {
        Trail {
            last: self.last.unwrap_or_default(),
            told: self.published.unwrap_or_default(),
        }
    }
}
