//! All decisions of a pipeline, by log position, and the queue of those whose vector has changed since
//! they last spoke. In memory.

use std::collections::VecDeque;

use foreshore_timeline::Lsn;
use hashbrown::HashMap;

use crate::decision::Decision;

/// The decisions of a pipeline.
#[derive(Debug, Default)]
pub struct Decisions {
    all: HashMap<Lsn, Decision>,
    stale: VecDeque<Lsn>,
    /// Decisions whose model failed: they wait for the next tick.
    waiting: Vec<Lsn>,
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

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
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

    /// Takes all decisions away, in log order.
    pub fn drain(&mut self) -> Vec<Decision> {
        self.stale.clear();
        self.waiting.clear();
        let mut drained: Vec<Decision> = self.all.drain().map(|(_, decision)| decision).collect();
        drained.sort_unstable_by_key(|decision| decision.lsn);
        drained
    }
}
