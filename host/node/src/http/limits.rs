//! What a request may use, as `[server]` has it, in the units of those who hold it to that.

use std::time::Duration;

use crate::config::ServerConfig;
use crate::http::wire::{HeadLimits, Times};

/// What a request may use.
#[derive(Clone, Debug)]
pub(super) struct Limits {
    /// Largest body, in bytes.
    pub(super) body_bytes_max: usize,
    /// How long a client may take for a body.
    pub(super) body_time: Duration,
    /// How much of a head is taken.
    pub(super) head: HeadLimits,
    /// How long a client may take for all else.
    pub(super) times: Times,
    /// Most events of one request.
    pub(super) events_max: usize,
    /// Most connections at once, per port.
    pub(super) connections_max: usize,
    /// Most of them from one address.
    pub(super) connections_per_address_max: usize,
}

impl Limits {
    /// The limits a configuration sets.
    pub(super) fn new(config: &ServerConfig) -> Limits {
        Limits {
            body_bytes_max: config.body_bytes_max.0,
            body_time: config.body_time.duration(),
            head: HeadLimits {
                bytes_max: config.header_bytes_max.0,
                target_bytes_max: config.target_bytes_max.0,
                headers_max: config.headers_max,
            },
            times: Times {
                header: config.header_time.duration(),
                idle: config.idle_time.duration(),
                answer: config.answer_time.duration(),
            },
            events_max: config.events_max,
            connections_max: config.connections_max,
            connections_per_address_max: config.connections_per_address_max,
        }
    }
}
