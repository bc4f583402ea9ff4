//! An event as it is spoken of where it is not at hand: who it was, of what type, when, and where it was
//! logged. Knows nothing of what it says.

use foreshore_event::{Event, Time, TypeIndex};
use foreshore_timeline::Lsn;

/// An event, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// Where it was logged.
    pub lsn: Lsn,
    /// When it happened, by its device's clock.
    pub time: Time,
    /// Its type.
    pub kind: TypeIndex,
    /// Who emitted it.
    pub source: Box<str>,
    /// Its id within the source.
    pub id: Box<str>,
}

impl Mention {
    /// This event, logged there.
    pub fn of(event: &Event, lsn: Lsn) -> Mention {
        Mention {
            lsn,
            time: event.time(),
            kind: event.kind(),
            source: event.source().into(),
            id: event.id().into(),
        }
    }
}
