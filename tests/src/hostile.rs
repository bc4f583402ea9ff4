//! Hostile clients: the corpus of docs/HOSTILE-CLIENTS.md, byte for byte over bare connections to the real binary.
//! Each attack has its exact answer, and the same node then serves an honest client.

/// A bare connection, and replies as they come over it.
mod raw;

/// Heads that are none, or could be read in two ways.
mod heads;

/// Chunked bodies that are none.
mod chunks;

/// Clients that take their time.
mod slow;

/// Many requests on one connection, many connections, many events.
mod many;

/// Events made to break a decoder.
mod events;

/// What an operator's own mistakes look like, tried by others.
mod ports;

/// Two thousand of them at once, beside honest ones.
mod crowd;

/// The page that lists it all.
mod page;
