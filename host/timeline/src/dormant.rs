//! A timeline at rest: all that is needed to go on with it later, with its events by log position instead
//! of by content. Takes a timeline, gives it back; how it is stored is a store's business.

use std::collections::VecDeque;
use std::sync::Arc;

use foreshore_event::{Event, Time};

use crate::checkpoints::{Checkpoint, Checkpoints};
use crate::entry::{Entry, Lsn, Role};
use crate::fold::State;
use crate::timeline::{Timeline, event_bytes};
use crate::watermark::Watermark;

/// A timeline at rest.
#[derive(Clone, Debug, PartialEq)]
pub struct Dormant {
    /// Largest `min(event time, arrival time)` placed.
    pub head: Time,
    /// The border below which everything is final.
    pub watermark: Border,
    /// Index of the first event held.
    pub offset: u64,
    /// State at `offset`.
    pub base: State,
    /// The events held, in order: where each was logged, and what it does here.
    pub entries: Vec<(Lsn, Role)>,
    /// How many of them, from the first, lie below the watermark.
    pub committed: usize,
    /// Index the events are folded up to, and the state there.
    pub cursor: (u64, State),
    /// States on the way, by index, lowest first.
    pub checkpoints: Vec<(u64, State)>,
}

/// A watermark at rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Border {
    /// The first key an event of this time could have.
    First(Time),
    /// Just above the event logged there.
    Above(Lsn),
}

/// Why a timeline cannot be woken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotWoken {
    /// An event it holds is not to be had.
    #[error("the event logged at {} is missing", .0.0)]
    Missing(Lsn),
    /// What it says of itself does not hold together.
    #[error("{0}")]
    Contradiction(&'static str),
}

impl Timeline {
    /// This timeline at rest, with a few of its checkpoints, as far as they fit into `checkpoint_bytes`.
    pub fn at_rest(&self, checkpoint_bytes: usize) -> Dormant {
        Dormant {
            head: self.head,
            watermark: match &self.watermark {
                Watermark::First(time) => Border::First(*time),
                Watermark::Above(lsn, _) => Border::Above(*lsn),
            },
            offset: self.offset,
            base: self.base.clone(),
            entries: self
                .entries
                .iter()
                .map(|entry| (entry.lsn, entry.role))
                .collect(),
            committed: self.committed,
            cursor: (self.cursor.index, self.cursor.state.clone()),
            checkpoints: self.checkpoints.sparse(self.end(), checkpoint_bytes),
        }
    }

    /// The timeline a dormant one was, with the events its positions stand for.
    ///
    /// # Errors
    /// When an event is not to be had, or indices and order contradict each other: no timeline looks so.
    pub fn woken(
        dormant: Dormant,
        event: &mut dyn FnMut(Lsn) -> Option<Arc<Event>>,
    ) -> Result<Timeline, NotWoken> {
        let mut recall = |lsn| event(lsn).ok_or(NotWoken::Missing(lsn));
        let watermark = match dormant.watermark {
            Border::First(time) => Watermark::First(time),
            Border::Above(lsn) => Watermark::Above(lsn, recall(lsn)?),
        };
        let mut entries = VecDeque::with_capacity(dormant.entries.len());
        for (lsn, role) in dormant.entries {
            let event = recall(lsn)?;
            entries.push_back(Entry::new(event, lsn, role));
        }
        let mut checkpoints = Checkpoints::default();
        let (index, state) = dormant.cursor;
        for (index, state) in dormant.checkpoints {
            checkpoints.put_back(Checkpoint { index, state });
        }
        let timeline = Timeline {
            head: dormant.head,
            watermark,
            offset: dormant.offset,
            base: dormant.base,
            event_bytes: event_bytes(&entries),
            entries,
            committed: dormant.committed,
            cursor: Checkpoint { index, state },
            checkpoints,
        };
        timeline.check()
    }

    fn check(self) -> Result<Timeline, NotWoken> {
        let keys = self.entries.iter().map(|entry| entry.event.order_key());
        let committed = self.entries.range(..self.committed.min(self.entries.len()));
        if !keys.is_sorted() {
            return Err(NotWoken::Contradiction("its events are not in order"));
        }
        if self.cursor.index < self.offset || self.cursor.index > self.end() {
            return Err(NotWoken::Contradiction("it is folded beyond its events"));
        }
        let below = |entry: &Entry| self.watermark.is_above_entry(entry);
        if self.committed > self.entries.len() || !committed.into_iter().all(below) {
            return Err(NotWoken::Contradiction(
                "what it committed is not below its watermark",
            ));
        }
        if !self.checkpoints.lie_within(self.offset, self.cursor.index) {
            return Err(NotWoken::Contradiction(
                "its checkpoints lie outside its events",
            ));
        }
        Ok(self)
    }
}
