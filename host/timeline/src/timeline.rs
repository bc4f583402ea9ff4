//! The timeline: placing events in order, whenever they come. Takes an event and its arrival time; gives
//! its place, or says that it is too late. Folding is in `settle`, reading in `read`.

use std::cmp::Ordering;
use std::collections::VecDeque;

use foreshore_event::{OrderKey, Span, Time};

use crate::checkpoints::{Checkpoint, Checkpoints};
use crate::entry::Entry;
use crate::fold::State;
use crate::watermark::Watermark;

/// How a plugin's timelines behave.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// How far behind the head an event may come and still be placed.
    pub lateness: Span,
    /// Most events between watermark and head; beyond it the oldest are committed early.
    pub foreshore_max: usize,
    /// Most bytes of states kept as checkpoints, per timeline; the lowest is kept whatever it takes.
    pub checkpoint_bytes_max: usize,
}

/// One plugin instance x one key: an ordered history and its state.
///
/// Events are counted from the first one ever placed: an `index` names the gap before an event, and a
/// state "at" an index holds every event before it.
#[derive(Debug)]
pub struct Timeline {
    /// Largest `min(event time, arrival time)` placed.
    pub(crate) head: Time,
    pub(crate) watermark: Watermark,
    /// Index of the first entry still held.
    pub(crate) offset: u64,
    /// State at `offset`.
    pub(crate) base: State,
    /// The events from the base on, in order. Those below the watermark are committed; they stay until a
    /// state at or above them exists to become the new base, so that committing never costs a fold.
    pub(crate) entries: VecDeque<Entry>,
    /// Bytes of their events.
    pub(crate) event_bytes: usize,
    /// How many entries, from the first, lie below the watermark.
    pub(crate) committed: usize,
    /// How far the events are folded, and the state there.
    pub(crate) cursor: Checkpoint,
    pub(crate) checkpoints: Checkpoints,
}

/// An event got its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    /// How many events stand after it.
    pub displaced: u64,
    /// How many events were committed early to keep the foreshore within its bound.
    pub overflowed: usize,
}

/// The event's place lies below the watermark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Late;

impl Default for Timeline {
    fn default() -> Timeline {
        Timeline::starting_at(Watermark::LOWEST)
    }
}

impl Timeline {
    /// A timeline without history whose watermark is already raised, after a close.
    pub fn starting_at(watermark: Watermark) -> Timeline {
        let base = State::default();
        Timeline {
            head: Time::MIN,
            watermark,
            offset: 0,
            base: base.clone(),
            entries: VecDeque::new(),
            event_bytes: 0,
            committed: 0,
            cursor: Checkpoint {
                index: 0,
                state: base,
            },
            checkpoints: Checkpoints::default(),
        }
    }

    /// Puts an event where it belongs. If events after it were folded already, folding goes back to the
    /// nearest checkpoint below it.
    ///
    /// # Errors
    /// When its key lies below the watermark; nothing has changed then.
    pub fn place(
        &mut self,
        entry: Entry,
        arrival: Time,
        settings: &Settings,
    ) -> Result<Placed, Late> {
        let key = entry.event.order_key();
        if self.watermark.is_above(key) {
            return Err(Late);
        }
        let time = key.time;
        let at = self.position(key);
        let index = self.offset + at as u64;
        let displaced = (self.entries.len() - at) as u64;
        self.event_bytes += entry.event.bytes();
        self.entries.insert(at, entry);
        self.go_back_to(index);
        self.head = self.head.max(time.min(arrival));
        self.watermark
            .raise(Watermark::First(self.head.minus(settings.lateness)));
        let overflowed = self.commit_overflow(settings.foreshore_max);
        self.commit();
        Ok(Placed {
            displaced,
            overflowed,
        })
    }

    /// Raises the watermark to a time; a lower one changes nothing.
    pub fn close(&mut self, time: Time) {
        self.watermark.raise(Watermark::First(time));
        self.commit();
    }

    /// Whether nothing can change any more as of this key.
    pub fn is_final(&self, key: OrderKey<'_>) -> bool {
        self.watermark.is_above(key)
    }

    /// Whether every placed event up to this key is folded.
    pub fn is_settled(&self, key: OrderKey<'_>) -> bool {
        let next = (self.cursor.index - self.offset) as usize;
        self.entries
            .get(next)
            .is_none_or(|entry| entry.cmp_key(key).is_gt())
    }

    /// Whether it still holds the event of this key, so that a late event could change what rests on it.
    pub fn holds(&self, key: OrderKey<'_>) -> bool {
        self.entries
            .get(self.position(key))
            .is_some_and(|entry| entry.cmp_key(key).is_eq())
    }

    /// Lets go of the events that are committed, as far as a state above them was folded: it is the new base.
    /// Gives what it let go of. Whoever uses a timeline asks for this after each use, or it grows.
    pub fn let_go(&mut self) -> Vec<Entry> {
        let mut passed = 0;
        if let Some(base) = self.next_base() {
            passed = (base.index - self.offset) as usize;
            self.committed -= passed;
            self.offset = base.index;
            self.base = base.state;
            self.checkpoints.drop_through(self.offset);
        }
        let gone: Vec<Entry> = self.entries.drain(..passed).collect();
        self.event_bytes -= event_bytes(&gone);
        gone
    }

    /// The events it holds above a key, in order.
    pub fn held_above(&self, key: OrderKey<'_>) -> impl Iterator<Item = &Entry> {
        self.entries.range(self.position(key)..)
    }

    /// The events it holds, in order.
    pub fn held(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }

    /// Events placed but not folded.
    pub fn debt(&self) -> u64 {
        self.end() - self.cursor.index
    }

    /// The largest `min(event time, arrival time)` placed; none before the first event.
    pub fn head(&self) -> Option<Time> {
        (self.head > Time::MIN).then_some(self.head)
    }

    /// Time of the newest event held, by its device's clock.
    pub fn newest(&self) -> Option<Time> {
        self.entries.back().map(Entry::time)
    }

    /// The border below which everything is final.
    pub fn watermark(&self) -> &Watermark {
        &self.watermark
    }

    /// Events at or above the watermark.
    pub fn foreshore(&self) -> usize {
        self.entries.len() - self.committed
    }

    /// Checkpoints kept.
    pub fn checkpoints(&self) -> usize {
        self.checkpoints.len()
    }

    /// The state at the cursor: with no debt, the state at the head.
    pub fn state(&self) -> &State {
        &self.cursor.state
    }

    /// Bytes this timeline takes in memory. An event counts in each timeline that holds it.
    pub fn bytes(&self) -> usize {
        size_of::<Timeline>()
            + self.entries.capacity() * size_of::<Entry>()
            + self.event_bytes
            + self.base.len()
            + self.cursor.state.len()
            + self.checkpoints.bytes()
    }

    /// Gives up what can be folded anew: all checkpoints but the next base. Answers stay the same, going back
    /// gets dearer.
    pub fn shed(&mut self) {
        self.checkpoints.shed();
        self.entries.shrink_to_fit();
    }

    /// Index behind the last event.
    pub(crate) fn end(&self) -> u64 {
        self.offset + self.entries.len() as u64
    }

    /// Index of the first event at or above the watermark.
    pub(crate) fn committed_index(&self) -> u64 {
        self.offset + self.committed as u64
    }

    /// Index behind the last event up to this key.
    pub(crate) fn index_after(&self, key: OrderKey<'_>) -> u64 {
        let at = self.position(key);
        let stands = self
            .entries
            .get(at)
            .is_some_and(|entry| entry.cmp_key(key).is_eq());
        self.offset + at as u64 + u64::from(stands)
    }

    /// Number of held entries with a smaller key.
    fn position(&self, key: OrderKey<'_>) -> usize {
        // Almost every event is the newest one, both when it is placed and when it is folded.
        match self.entries.back().map(|last| last.cmp_key(key)) {
            None | Some(Ordering::Less) => return self.entries.len(),
            Some(Ordering::Equal) => return self.entries.len() - 1,
            Some(Ordering::Greater) => {}
        }
        self.entries
            .partition_point(|entry| entry.cmp_key(key).is_lt())
    }

    pub(crate) fn go_back_to(&mut self, index: u64) {
        if index >= self.cursor.index {
            return;
        }
        self.checkpoints.drop_above(index);
        self.cursor = match self.checkpoints.at_or_below(index) {
            Some(checkpoint) => checkpoint.clone(),
            None => Checkpoint {
                index: self.offset,
                state: self.base.clone(),
            },
        };
        self.checkpoints
            .drop_above(self.cursor.index.saturating_sub(1));
    }

    /// Raises the watermark above the oldest events until the foreshore is within its bound.
    fn commit_overflow(&mut self, foreshore_max: usize) -> usize {
        let overflow = self.foreshore().saturating_sub(foreshore_max.max(1));
        if let Some(last) = overflow
            .checked_sub(1)
            .and_then(|n| self.entries.get(self.committed + n))
        {
            self.watermark
                .raise(Watermark::Above(last.lsn, last.event.clone()));
        }
        overflow
    }

    /// Counts what lies below the watermark.
    fn commit(&mut self) {
        while let Some(entry) = self.entries.get(self.committed)
            && self.watermark.is_above_entry(entry)
        {
            self.committed += 1;
        }
    }

    /// The highest state at or below the watermark, if it is above the base.
    fn next_base(&self) -> Option<Checkpoint> {
        if self.committed == 0 {
            return None;
        }
        let limit = self.committed_index();
        let reached = match self.cursor.index <= limit {
            true => Some(&self.cursor),
            false => self.checkpoints.at_or_below(limit),
        };
        reached
            .filter(|reached| reached.index > self.offset)
            .cloned()
    }
}

/// Bytes of the events of entries.
pub(crate) fn event_bytes<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> usize {
    let entries = entries.into_iter();
    entries.map(|entry| entry.event.bytes()).sum()
}
