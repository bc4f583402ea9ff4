//! TLS before HTTP: a port's certificate and key, the handshake within its time, and what a client's certificate
//! calls its holder. The only place that knows rustls; must not know what a name is good for.

/// Certificates, keys and authorities, from their files.
mod files;

/// A port's TLS in force.
mod door;

/// A client's certificate to its names.
mod names;

/// The common name in a subject.
mod subject;

pub use door::Doors;
