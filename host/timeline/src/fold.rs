//! The contract of a fold call: rows in, features and states out. Timelines call it; the sandbox answers
//! it; tests answer it natively. Must not know how a plugin is run.

use std::sync::Arc;

use foreshore_event::{Event, Time};

/// The encoded state of one timeline. Empty: no history.
pub type State = Arc<[u8]>;

/// Most rows of one call, as the plugin contract says.
pub const ROWS_MAX: usize = 256;

/// What a call asks of a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// The row changes the state.
    pub apply: bool,
    /// Yield the features as of this row.
    pub emit: bool,
    /// Return the state after this row.
    pub mark: bool,
}

/// One row of a call.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// The event; none for a read as of a time.
    pub event: Option<&'a Event>,
    /// Its time, or the time of the read.
    pub time: Time,
    /// What is asked of it.
    pub flags: Flags,
}

/// What a call gives.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Folded {
    /// The features of every row flagged `emit`, in row order; NaN is missing.
    pub features: Vec<f64>,
    /// The state after every row flagged `mark`, in row order.
    pub states: Vec<State>,
}

/// Why a call gave nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The plugin trapped or broke its contract: a function of the state and the rows, if it repeats on a
    /// fresh instance. The instance is gone; the next call meets a fresh one.
    #[error("trap: {0}")]
    Trap(String),
    /// The call missed its deadline. Says nothing about the rows.
    #[error("timeout: {0}")]
    Timeout(String),
    /// The plugin may not be called now: its breaker is open.
    #[error("breaker open: {0}")]
    Open(String),
    /// A repeated call gave other bytes: the plugin keeps something between calls or reads what it must
    /// not. Nothing it says can be relied on.
    #[error("impure: {0}")]
    Impure(String),
}

/// Something that folds rows: a plugin in its sandbox, or a native stand-in.
pub trait Folder {
    /// How many features a row yields.
    fn features(&self) -> usize;

    /// Folds 1 to [`ROWS_MAX`] rows of one timeline onto a state.
    ///
    /// A good answer holds exactly [`Folder::features`] numbers per `emit` row and one state per `mark` row.
    ///
    /// # Errors
    /// When the plugin failed or may not be called; nothing of the call took effect.
    fn fold(&mut self, state: &[u8], rows: &[Row<'_>]) -> Result<Folded, Fault>;
}
