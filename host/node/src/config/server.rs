//! `[server]` and `[store]`: where the node listens, how much it takes at once, where it keeps what is to
//! outlive it, and how well.

use std::net::SocketAddr;
use std::path::PathBuf;

use foreshore_event::Span;
use serde::Deserialize;

use crate::config::access::TlsConfig;
use crate::config::values::{Bytes, Length};

/// Where the node listens, and how much it takes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServerConfig {
    /// The data port: events, scores, decisions.
    pub data: SocketAddr,
    /// The admin port: health, metrics, operators' calls. Keep it to yourself.
    pub admin: SocketAddr,
    /// How the data port is encrypted; none: it is not.
    pub data_tls: Option<TlsConfig>,
    /// How the admin port is encrypted; none: it is not.
    pub admin_tls: Option<TlsConfig>,
    /// Threads for HTTP; 0: one per core.
    pub threads: usize,
    /// Most connections at once, per port.
    pub connections_max: usize,
    /// Most of them from one address.
    pub connections_per_address_max: usize,
    /// Most requests answered at once, per port.
    pub requests_max: usize,
    /// Most followers of amendments at once.
    pub followers_max: usize,
    /// Longest head of a request.
    pub header_bytes_max: Bytes,
    /// Most headers of a request.
    pub headers_max: usize,
    /// Longest path and query of a request.
    pub target_bytes_max: Bytes,
    /// Largest body of a request.
    pub body_bytes_max: Bytes,
    /// Most bytes of all bodies at once, per port, beyond the first 64 KiB of each.
    pub bodies_bytes_max: Bytes,
    /// Most events of one request.
    pub events_max: usize,
    /// Most events a second of one source, in the long run; 0: as many as it sends.
    pub source_rate: u32,
    /// Most events at once of one source that has been quiet, where there is a rate.
    pub source_burst: u32,
    /// How long a client may take for a request's head once it has begun, and for the first one to begin.
    pub header_time: Length,
    /// How long a connection may be idle between an answer and the next request.
    pub idle_time: Length,
    /// How long a client may take for a request's body.
    pub body_time: Length,
    /// How long a client may take to read an answer, or 16 KiB of it.
    pub answer_time: Length,
    /// How long a stopping node waits for requests to finish.
    pub drain_time: Length,
}

impl Default for ServerConfig {
    fn default() -> ServerConfig {
        ServerConfig {
            data: SocketAddr::from(([127, 0, 0, 1], 8080)),
            admin: SocketAddr::from(([127, 0, 0, 1], 9090)),
            data_tls: None,
            admin_tls: None,
            threads: 0,
            connections_max: 4_096,
            connections_per_address_max: 1_024,
            requests_max: 1_024,
            followers_max: 64,
            header_bytes_max: Bytes(16 << 10),
            headers_max: HEADERS_MAX,
            target_bytes_max: Bytes(8 << 10),
            body_bytes_max: Bytes(4 << 20),
            bodies_bytes_max: Bytes(256 << 20),
            events_max: 10_000,
            source_rate: 0,
            source_burst: 1_000,
            header_time: Length(Span(5 * Span::SECOND.0)),
            idle_time: Length(Span(30 * Span::SECOND.0)),
            body_time: Length(Span(10 * Span::SECOND.0)),
            answer_time: Length(Span(10 * Span::SECOND.0)),
            drain_time: Length(Span(10 * Span::SECOND.0)),
        }
    }
}

impl ServerConfig {
    /// The first key whose value cannot be meant, and why.
    pub(super) fn fault(&self) -> Option<(&'static str, String)> {
        let counts = [
            ("connections_max", self.connections_max),
            (
                "connections_per_address_max",
                self.connections_per_address_max,
            ),
            ("requests_max", self.requests_max),
            ("headers_max", self.headers_max),
            ("target_bytes_max", self.target_bytes_max.0),
            ("body_bytes_max", self.body_bytes_max.0),
            ("events_max", self.events_max),
            ("source_burst", self.source_burst as usize),
        ];
        let times = [
            ("header_time", self.header_time),
            ("idle_time", self.idle_time),
            ("body_time", self.body_time),
            ("answer_time", self.answer_time),
        ];
        let counts = counts.into_iter().map(|(key, count)| (key, count == 0));
        let times = times.into_iter().map(|(key, time)| (key, time.0.0 <= 0));
        let mut zeros = counts.chain(times).filter(|(_, is_zero)| *is_zero);
        if let Some((key, _)) = zeros.next() {
            return Some((
                key,
                "0 would take nothing at all; write at least 1".to_owned(),
            ));
        }
        if self.headers_max > HEADERS_MAX {
            let reason = format!(
                "{} is above {HEADERS_MAX}, the most there can be",
                self.headers_max
            );
            return Some(("headers_max", reason));
        }
        if self.header_bytes_max.0 <= self.target_bytes_max.0 {
            let reason = "the head holds the path and query; write more than target_bytes_max";
            return Some(("header_bytes_max", reason.to_owned()));
        }
        None
    }
}

/// Most headers the protocol layer takes without a detour through the heap.
const HEADERS_MAX: usize = 100;

/// Where the node keeps what is to outlive it, and how well.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StoreConfig {
    /// Folder of log and state, relative to this file; none: what is acknowledged is lost with the process.
    pub folder: Option<PathBuf>,
    /// When what was acknowledged is safe.
    pub durability: DurabilityConfig,
    /// How long a commit waits for more to come along.
    pub commit_wait: Length,
    /// One file of the log.
    pub segment: Bytes,
    /// Free space below which events are refused.
    pub reserve: Bytes,
    /// How long a changed timeline stays in memory alone: what a restart has to go through again.
    pub dirty_age: Length,
    /// Most log records, about, that a restart has to go through again.
    pub dirty_records: u64,
    /// Stored timelines kept in memory as they are on the disk.
    pub cache: Bytes,
    /// Folder for compiled plugins, relative to this file; none: compile at every start.
    pub compiled: Option<PathBuf>,
}

/// When what was acknowledged is safe.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DurabilityConfig {
    /// Synced to the disk: it outlives a loss of power.
    #[default]
    Fsync,
    /// Handed to the operating system: it outlives the process, not the machine.
    Os,
}

impl Default for StoreConfig {
    fn default() -> StoreConfig {
        StoreConfig {
            folder: None,
            durability: DurabilityConfig::Fsync,
            commit_wait: Length(Span(0)),
            segment: Bytes(64 << 20),
            reserve: Bytes(256 << 20),
            dirty_age: Length(Span(5 * Span::SECOND.0)),
            dirty_records: 100_000,
            cache: Bytes(64 << 20),
            compiled: None,
        }
    }
}
