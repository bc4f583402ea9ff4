//! Card payments as a small world makes them: customers, shops, thieves, and devices that deliver late,
//! shuffled and twice. Seeded: the same settings give the same bytes on every machine.

/// What the traffic is to be like.
pub mod settings;

/// Spans of event time.
pub mod span;

/// Chance, seeded.
pub mod random;

/// The cast: customers and terminals.
pub mod world;

/// A payment as it truly happened.
pub mod payment;

/// What honest customers do.
pub mod habits;

/// What thieves do.
pub mod crime;

/// What a source's clock shows.
pub mod clock;

/// An event on the wire.
pub mod event;

/// What the events are to a pipeline.
pub mod schema;

/// From payments to the events that sources emit.
pub mod emission;

/// How the events reach the node.
pub mod delivery;

/// The whole traffic of one seed.
pub mod traffic;

/// The truth about every attempt, as a file.
pub mod truth;

/// From feature rows and the truth to the weights of the model.
pub mod train;

pub use delivery::{Delivery, Disposition, Request, Sent, admitted};
pub use event::{Event, Kind};
pub use payment::Fraud;
pub use schema::schema;
pub use settings::{Disorder, Settings};
pub use traffic::Traffic;
