//! Write feature and model plugins for foreshore.

/// Instants and spans of event time.
pub mod time;

/// The fields of an event, by name.
pub mod fields;

/// One event as a fold sees it.
pub mod event;

/// A timeline's state, as bytes and back.
pub mod state;

/// What a timeline's events add up to.
pub mod aggregate;

/// Mathematics with the same bits everywhere.
pub mod math;

/// The features a plugin yields, by name.
pub mod vector;

/// A feature plugin, and the one call made of it.
pub mod features;

/// A model plugin, and the one call made of it.
pub mod model;

/// The rows of a call, read where they lie.
pub mod rows;

/// The only way out: a trap.
mod fault;

/// The generated side of the contract.
#[cfg(target_family = "wasm")]
pub mod bindings;

/// A plugin as a component.
#[cfg(target_family = "wasm")]
pub mod component;

/// All that a plugin's source needs.
pub mod prelude;

pub use event::Event;
pub use features::Features;
pub use fields::{Field, FieldNeed, Fields, Kind};
pub use model::Model;
pub use state::{Reader, State, Writer};
pub use time::{Span, Time};
pub use vector::{Feature, Vector};
