//! Why a component is refused: the item, what was found, what is expected, what to do. Read by people who
//! build plugins. Must not know how a check is made.

use std::fmt;

use foreshore_timeline::Fault;

/// A place where a component and the contract differ.
#[derive(Clone, Debug, PartialEq, Eq)]
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

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Mismatch {
            item,
            found,
            expected,
            advice,
        } = self;
        write!(f, "{item}: found {found}, expected {expected}; {advice}")
    }
}

/// Why a component was not loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// It is not a component of the world asked for.
    #[error("{0}")]
    Refused(Mismatch),
    /// It cannot be compiled: it asks for more than any plugin may have.
    #[error("compile the component: {0}; declare less memory, fewer tables or fewer modules")]
    Compile(String),
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

impl From<Mismatch> for LoadError {
    fn from(mismatch: Mismatch) -> LoadError {
        LoadError::Refused(mismatch)
    }
}
