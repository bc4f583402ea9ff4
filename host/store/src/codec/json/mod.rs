//! Records as JSON, one object a line, for people and for `jq`: names instead of indices, RFC 3339 times,
//! null for what is missing. Nothing a record says is left out.

/// Which record shows what.
mod record;

/// Events, in whole and mentioned.
mod event;

/// Revisions and causes.
mod revision;

/// Single numbers, and names of indices.
mod number;

pub use record::write_json;
