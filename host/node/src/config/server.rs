//! `[server]` and `[store]`: where the node listens, how much it takes at once, where it keeps what it
//! compiles.

use std::net::SocketAddr;
use std::path::PathBuf;

use foreshore_event::Span;
use serde::Deserialize;

use crate::config::values::{Bytes, Length};

/// Where the node listens, and how much it takes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServerConfig {
    /// The data port: events, scores, decisions.
    pub data: SocketAddr,
    /// The admin port: health, metrics, operators' calls. Keep it to yourself.
    pub admin: SocketAddr,
    /// Threads for HTTP; 0: one per core.
    pub threads: usize,
    /// Largest body of a request.
    pub body_bytes_max: Bytes,
    /// Most events of one request.
    pub events_max: usize,
    /// Most connections at once, per port.
    pub connections_max: usize,
    /// How long a client may take for a request's head, the wait for it on a kept connection included.
    pub header_time: Length,
    /// How long a client may take for a request's body.
    pub body_time: Length,
    /// How long a stopping node waits for requests to finish.
    pub drain_time: Length,
}

impl Default for ServerConfig {
    fn default() -> ServerConfig {
        ServerConfig {
            data: SocketAddr::from(([127, 0, 0, 1], 8080)),
            admin: SocketAddr::from(([127, 0, 0, 1], 9090)),
            threads: 0,
            body_bytes_max: Bytes(4 << 20),
            events_max: 10_000,
            connections_max: 4_096,
            header_time: Length(Span(30 * Span::SECOND.0)),
            body_time: Length(Span(10 * Span::SECOND.0)),
            drain_time: Length(Span(10 * Span::SECOND.0)),
        }
    }
}

/// Where the node keeps what it makes.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StoreConfig {
    /// Folder for compiled plugins, relative to this file; none: compile at every start.
    pub compiled: Option<PathBuf>,
}
