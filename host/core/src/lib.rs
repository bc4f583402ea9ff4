//! The sans-IO core of a pipeline: one step takes an input and gives answers, log records and amendments.
//! Time and plugin calls are arguments; the node, `replay`, the property tests and simulations drive it.
//! Must not know threads, sockets, files or clocks.

/// What a pipeline is, resolved: the core's only settings.
pub mod pipeline;

/// The numbers a model sees: event fields, then features, each by name.
pub mod vector;

/// What the core asks of plugins.
pub mod plugins;

/// When a failing plugin is left alone.
pub mod breaker;

/// What became of an arriving event.
pub mod disposition;

/// Which events were seen before.
pub mod identities;

/// All timelines of a pipeline.
pub mod timelines;

/// Thresholds and fallbacks: a score to an outcome.
pub mod policy;

/// A served answer and its revisions.
pub mod decision;

/// All decisions of a pipeline.
pub mod decisions;

/// A later revision, as told to the world.
pub mod amendment;

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

/// Looking without touching.
pub mod read;

pub use crate::amendment::{AmendPolicy, Amendment, Cause};
pub use crate::answer::Answer;
pub use crate::breaker::BreakerSettings;
pub use crate::core::{Core, Input, Outputs, Reply};
pub use crate::decision::{Decision, DecisionId, Degraded, Part, Reason, Revision};
pub use crate::disposition::{Counts, Disposition};
pub use crate::pipeline::{Instance, Model, Pipeline};
pub use crate::plugins::Plugins;
pub use crate::policy::{Outcome, Policy};
pub use crate::read::{Gauges, ReadFailure, TimelineView};
pub use crate::record::Record;
pub use crate::vector::{Layout, UnknownInput};
