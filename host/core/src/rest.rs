//! Timelines and decisions at rest: what is put away when memory is short or the process ends, and what
//! is brought back. Plain data; when that happens is `residence`'s business, how it is stored a store's.

use std::sync::Arc;

use foreshore_event::Event;
use foreshore_timeline::{Dormant, Lsn};

use crate::decision::Revision;

/// A timeline at rest.
#[derive(Clone, Debug, PartialEq)]
pub struct RestingTimeline {
    /// Which instance's it is, by index.
    pub instance: usize,
    /// Its key.
    pub key: Box<str>,
    /// Every record of the log up to here that concerns it is in it.
    pub lsn: Lsn,
    /// The timeline.
    pub timeline: Dormant,
}

/// Where a decision's revisions are in the log, if not in one record right after the event's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Trail {
    /// The record of the newest revision; each names the one before it.
    pub last: Lsn,
    /// The number of the revision the world was last told; 0: none.
    pub told: u32,
}

/// A decision at rest: all that was said, as the log has it.
#[derive(Clone, Debug, PartialEq)]
pub struct RestingDecision {
    /// Its event's log position.
    pub lsn: Lsn,
    /// The event.
    pub event: Arc<Event>,
    /// Instances whose timelines it came too late for: a bit each, by index.
    pub late: u64,
    /// What it said, oldest first.
    pub revisions: Vec<Arc<Revision>>,
    /// Its trail; default where it has none.
    pub trail: Trail,
}
