//! The decisions of a pipeline that are in memory, by log position, and the queue of those whose vector has
//! changed since they last spoke. What was said of the others is in the log.

use std::collections::VecDeque;

use foreshore_timeline::Lsn;
use hashbrown::HashMap;

use crate::decision::{Decision, Revision};
use crate::rest::Trail;
use crate::trails::Trails;

/// Decisions looked at in one sweep whether they can leave: at least so many, and of those that may one in so
/// many, so that a sweep is short when very many may at once.
const SWEPT_MIN: usize = 4096;
const SWEPT_SHARE: usize = 8;

/// The decisions of a pipeline that are in memory.
#[derive(Debug, Default)]
pub struct Decisions {
    all: HashMap<Lsn, Decision>,
    /// Decisions of which something that kept them here has ended, with the record that the log has to have
    /// before they are looked at whether they can leave.
    leaving: VecDeque<(Lsn, Lsn)>,
    stale: VecDeque<Lsn>,
    /// Decisions whose model failed: they wait for the next tick.
    waiting: Vec<Lsn>,
    pub(crate) trails: Trails,
}

impl Decisions {
    /// Adds one.
    pub fn insert(&mut self, decision: Decision) {
        self.all.insert(decision.lsn, decision);
    }

    /// The decision about the event of this log position.
    pub fn get(&self, lsn: Lsn) -> Option<&Decision> {
        self.all.get(&lsn)
    }

    /// The decision about the event of this log position, to be changed.
    pub fn get_mut(&mut self, lsn: Lsn) -> Option<&mut Decision> {
        self.all.get_mut(&lsn)
    }

    /// How many are in memory.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Adds a revision, logged as `record`.
    pub(crate) fn revise(&mut self, lsn: Lsn, record: Lsn, revision: Revision) {
        let Some(decision) = self.all.get_mut(&lsn) else {
            return;
        };
        decision.last = Some(record);
        decision.revisions.push(revision);
        if record != lsn.next() {
            self.trails.set(lsn, decision.trail());
        }
        self.may_leave(lsn);
    }

    /// Notes that the newest revision was told as it was made: its own record says so.
    pub(crate) fn tell_at_once(&mut self, lsn: Lsn) {
        if let Some(decision) = self.all.get_mut(&lsn) {
            decision.published = decision.current().map(|newest| newest.number);
            if decision.last != Some(lsn.next()) {
                self.trails.set(lsn, decision.trail());
            }
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
        if let Some(decision) = self.all.get_mut(&lsn)
            && decision.stale
            && !decision.queued
        {
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

    /// Notes that something that kept a decision here has ended: it has said its word, or a timeline has let go
    /// of its event. Whatever ends last brings it up once more, so nothing is looked at twice for one reason; one
    /// that still has a word to say comes back with it.
    pub(crate) fn may_leave(&mut self, lsn: Lsn) {
        if let Some(decision) = self.all.get(&lsn)
            && !decision.stale
        {
            self.leaving
                .push_back((decision.last.unwrap_or_default(), lsn));
        }
    }

    /// Lets decisions leave memory that have nothing to say, are durable in the log, and that no timeline holds.
    /// Looks at some of those that may.
    pub(crate) fn sweep(&mut self, durable: Lsn, is_held: impl Fn(&Decision) -> bool) {
        let count = SWEPT_MIN.max(self.leaving.len() / SWEPT_SHARE);
        for _ in 0..count {
            let ready = self.leaving.pop_front_if(|(record, _)| *record <= durable);
            let Some((_, lsn)) = ready else {
                return;
            };
            let stays = |decision: &Decision| {
                decision.stale || decision.last > Some(durable) || is_held(decision)
            };
            if self.all.get(&lsn).is_some_and(|decision| !stays(decision)) {
                self.all.remove(&lsn);
            }
        }
    }

    /// Times that decisions were brought up to leave memory and not looked at yet.
    pub(crate) fn leaving(&self) -> usize {
        self.leaving.len()
    }

    /// Forgets which of them may leave memory: they all stay.
    pub(crate) fn keep(&mut self) {
        self.leaving.clear();
    }

    /// Whether every decision has said what it has to say.
    pub(crate) fn are_quiet(&self) -> bool {
        self.stale.is_empty() && self.waiting.is_empty()
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
        self.leaving.clear();
        self.stale.clear();
        self.waiting.clear();
        let mut drained: Vec<Decision> = self.all.drain().map(|(_, decision)| decision).collect();
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
