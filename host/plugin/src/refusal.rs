//! Why a component is refused: the item, what was found, what is expected, what to do. Read by people who
//! build plugins. Must not know how a check is made.

use foreshore_timeline::Fault;

use crate::compiler::CompileError;

/// A place where a component and the contract differ.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{item}: found {found}, expected {expected}; {advice}")]
pub struct Mismatch {
    /// What differs.
    pub item: String,
    /// What it is.
    pub found: String,
    /// What it should be.
    pub expected: String,
    /// What its author can do.
    pub advice: &'static str,
}

/// Why a component was not loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// It is not a component of the world asked for.
    #[error(transparent)]
    Refused(#[from] Mismatch),
    /// It cannot be compiled: it asks for more than any plugin may have, or takes too much to compile.
    #[error("compile the component: {0}")]
    Compile(#[from] CompileError),
    /// What it exports cannot be reached.
    #[error("link the component: {0}; rebuild it with `foreshore build`")]
    Link(String),
    /// Its `describe` failed.
    #[error("call `describe`: {0}; it must return constants, within the plugin's limits")]
    Describe(Fault),
    /// The engine cannot make another instance now.
    #[error("instantiate the component: {0}; raise the engine's number of instances")]
    NoRoom(String),
    /// What it says of itself cannot be.
    #[error("the description is not valid: {}", .0.join("; "))]
    Description(Vec<String>),
}
