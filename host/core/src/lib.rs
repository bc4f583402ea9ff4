//! The sans-IO core of a pipeline: one step takes an input and gives answers, log records and amendments.
//! Time and plugin calls are arguments; the node, `replay`, the property tests and simulations drive it.
//! Must not know threads, sockets, files or clocks.

/// What a pipeline is, resolved: the core's only settings.
pub mod pipeline;

/// The numbers a model sees: event fields, then features, each by name.
pub mod vector;

/// What names the numbers of a log.
pub mod manifest;

/// What the core asks of plugins.
pub mod plugins;

/// When a failing plugin is left alone.
pub mod breaker;

/// What became of an arriving event.
pub mod disposition;

/// Which events were seen before.
pub mod identities;

/// An event, by name.
pub mod mention;

/// A timeline and what the core keeps beside it.
pub mod shelf;

/// The timelines of a pipeline that are in memory.
pub mod timelines;

/// Thresholds and fallbacks: a score to an outcome.
pub mod policy;

/// A served answer and its revisions.
pub mod decision;

/// All decisions of a pipeline.
pub mod decisions;

/// Where decisions' newest revisions are in the log.
mod trails;

/// A later revision, as told to the world.
pub mod amendment;

/// What is put away and brought back: timelines and decisions at rest.
pub mod rest;

/// What operators did, as the log keeps it.
pub mod audit;

/// What the log gets.
pub mod record;

/// The core and its step.
pub mod core;

/// Stage 3 of the path: an event to its places.
mod admit;

/// Stage 4: the features as of an event.
mod fold;

/// Stages 5 and 6: models and policy, for one decision or many.
mod judge;

/// What happens off the answer path: debts and revisions.
mod settle;

/// The answer to a score request.
pub mod answer;

/// What a step needs and is not in memory.
pub mod needs;

/// What is in memory, and what is at rest.
pub mod residence;

/// Going on where a log ends.
pub mod restore;

/// A timeline that is to rest on fewer events.
mod renew;

/// Making again what a log says was said.
pub mod verify;

/// A revision made again from what is folded.
mod remake;

/// Where two revisions that should be the same are not.
pub mod difference;

/// Looking without touching.
pub mod read;

pub use crate::amendment::{AmendPolicy, Amendment, Cause};
pub use crate::answer::Answer;
pub use crate::audit::{Act, Audit};
pub use crate::breaker::BreakerSettings;
pub use crate::core::{Core, Input, Outputs, Reply};
pub use crate::decision::{Decision, DecisionId, Degraded, Part, Reason, Revision};
pub use crate::difference::{Difference, DifferentField};
pub use crate::disposition::{Counts, Disposition};
pub use crate::manifest::Manifest;
pub use crate::mention::Mention;
pub use crate::needs::Need;
pub use crate::pipeline::{Instance, Model, Pipeline};
pub use crate::plugins::Plugins;
pub use crate::policy::{Outcome, Policy};
pub use crate::read::{Gauges, ReadFailure, TimelineView};
pub use crate::record::Record;
pub use crate::residence::{Leaving, RestingCore};
pub use crate::rest::{RestingDecision, RestingTimeline, Trail};
pub use crate::restore::Contradiction;
pub use crate::vector::{Layout, UnknownInput};
pub use crate::verify::{Verified, Verifier};
