//! Who may do what: names behind tokens and certificates, what each may ask of which pipeline, and for which
//! sources it speaks. Takes what a client shows; gives a caller, or why not. Must not know HTTP or TLS.

/// What one may be allowed to do.
pub mod scope;

/// Tokens, and what is kept of them.
pub mod token;

/// The sources one speaks for.
pub mod sources;

/// One who may do something.
pub mod identity;

/// What a certificate may call its holder.
pub mod holder;

/// The tokens file, as written.
pub mod file;

/// All who may do something.
pub mod roster;

/// Why a request is refused.
pub mod refusal;

/// Who asks.
pub mod caller;

/// What a client shows to be somebody.
pub mod proof;

/// The one place where callers are told from strangers.
pub mod gate;

/// Someone let in, for as long as that holds.
pub mod pass;

/// Which ports may be reached from where.
pub mod exposure;

/// What is said now and then.
pub mod seldom;

/// How often they were.
pub mod renewals;

/// Files that are taken anew when they change.
pub mod watch;

pub use caller::Caller;
pub use gate::Gate;
pub use pass::Pass;
pub use proof::Proof;
pub use refusal::{Refusal, Why};
pub use scope::Scope;
