//! What an event is: its typed row, its place in the total order, its identity, and the two first steps
//! of its path, decode and validate. Pure: no clock, no files, no knowledge of timelines or plugins.

/// Instants and durations of event time.
pub mod time;

/// What a pipeline's events look like: types and fields.
pub mod schema;

/// The event itself: one immutable typed row.
pub mod event;

/// The total order of events.
pub mod order;

/// Who an event is, and what it says: two digests.
pub mod identity;

/// A row being filled in by a decoder.
pub mod draft;

/// Step 1 of the path: CloudEvents JSON to a draft.
pub mod decode;

/// Step 2 of the path: a draft to an event.
pub mod validate;

/// An event from its stored parts: past both steps already.
pub mod row;

pub use decode::{DecodeError, decode};
pub use draft::{Draft, Value};
pub use event::Event;
pub use identity::{Digest, Identity};
pub use order::OrderKey;
pub use row::{Row, RowError};
pub use schema::{
    FIELDS_MAX, Field, Kind, Required, Schema, SchemaError, Slot, TypeIndex, Unknown, nearest,
};
pub use time::{Span, Time};
pub use validate::{Invalid, validate};
