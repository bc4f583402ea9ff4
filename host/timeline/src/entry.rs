//! What a timeline holds of an event: a share in it, its log position, and what it is there for.

use std::sync::Arc;

use foreshore_event::Event;

/// A position in the log: the serial number of a record, from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lsn(pub u64);

impl Lsn {
    /// The position after this one.
    pub fn next(self) -> Lsn {
        Lsn(self.0 + 1)
    }

    /// The position before this one; 0, which no record has, before the first.
    pub fn before(self) -> Lsn {
        Lsn(self.0.saturating_sub(1))
    }
}

/// What an event does in one timeline. One that does neither does not stand there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Role {
    /// It changes the state.
    pub apply: bool,
    /// A decision rests on the features as of it.
    pub emit: bool,
}

/// An event in its place.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The event, shared by all its timelines.
    pub event: Arc<Event>,
    /// Where it was logged.
    pub lsn: Lsn,
    /// What it does here.
    pub role: Role,
}
