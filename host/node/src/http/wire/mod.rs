//! A connection's bytes on their way to and from the protocol layer: strictly framed, within their times. What
//! two readers of HTTP could read differently does not pass; must not know what is asked.

/// The stream the protocol layer reads and writes.
mod stream;

/// Where messages begin and end.
mod framing;

/// A request's head, read strictly.
mod head;

/// A chunked body, read strictly.
mod chunks;

/// Why bytes do not pass.
mod refusal;

/// What a connection is doing, and since when.
mod pace;

pub(super) use head::HeadLimits;
pub(super) use refusal::Refusal;
pub(super) use stream::{Times, Wire};

#[cfg(test)]
mod agreement_tests;
