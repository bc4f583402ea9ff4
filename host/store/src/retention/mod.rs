//! The oldest part of a log, given up: which segments may go, which timelines still rest on them, a checkpoint
//! in their place, and the way back from it. Takes a store; starts no thread and drops nothing itself.
//!
//! # Why nothing is lost
//!
//! Let records below D be about to go. What may be asked of them later is
//!
//! 1. **events that a timeline holds.** A close above all of their events' times commits them, and every stored
//!    timeline that holds one all the same is brought in, folded past it and stored again (`walk`). The
//!    checkpoint looks at each record it takes: the lowest position any of them names (`Written::rests_from`)
//!    bounds what may go, so that a plugin that cannot fold now, or an event further ahead than was thought,
//!    delays the drop and never breaks it. A timeline in memory holds only what its record names and what came
//!    after that record; so does every later record of it.
//! 2. **records for a restart to replay.** It replays what follows the position the core's own record names; the
//!    checkpoint is written only once that is D - 1 or later ([`write`](Store::checkpoint)).
//! 3. **the state itself, once what cold state keeps is lost.** It is in the checkpoint, to which the log must
//!    reach back: see below.
//! 4. **decisions and identities.** They are promised for `decision_retention` and `identity_retention`, and no
//!    younger segment goes. A decision whose event is gone is not found any more, and is final.
//!
//! # Why a checkpoint may be taken while the node writes
//!
//! Its position C is what the core's own record says is stored, read *before* the round over the timelines. What
//! is stored through C was stored before that record was, so the round finds every timeline with all of its
//! records up to C in it. Some are found with later ones: a replay from C passes over what a timeline's own
//! position says it holds already, just as it does after a loss of power in the middle of putting away. So the
//! round need not be of one moment. Nothing is stored before the log is on the disk up to it, so the records a
//! replay from C needs are there.
//!
//! Trails of decisions are not in a checkpoint: those of readable decisions follow from the log that is left,
//! for all of a decision's revisions come after its event.

/// Which segments can go, and which identities.
mod surplus;

/// What a stored timeline rests on.
mod rests;

/// Stored timelines that still rest on what is to go.
mod walk;

/// The checkpoints of a pipeline: written, and found again.
mod checkpoints;

/// From a checkpoint to a state.
mod import;

/// Whether the log reaches back far enough for a plugin.
mod reach;

pub use checkpoints::{Checkpoints, Written};
pub(crate) use import::{ground, import};
pub use surplus::{Retention, Surplus, forgettable};
pub use walk::{Named, Walk};
