//! What is counted of a port's connections: those there are, those that were turned away, and requests refused
//! before anything was asked. Written by the HTTP side.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::metrics::exposition::{Exposition, Kind};

/// A port's connections.
#[derive(Debug, Default)]
pub struct PortMeters {
    connections: AtomicU64,
    turned_away: AtomicU64,
    refused: AtomicU64,
}

/// A connection that is counted for as long as it is.
#[derive(Debug)]
pub struct Connected(Arc<PortMeters>);

/// A port and its numbers.
pub struct MeasuredPort<'a> {
    /// Its name.
    pub name: &'a str,
    /// What is counted of its connections.
    pub meters: &'a PortMeters,
    /// Requests that are answered.
    pub in_flight: usize,
    /// Bytes of large bodies on their way.
    pub body_bytes: usize,
}

impl PortMeters {
    /// Counts a connection.
    pub fn connected(self: &Arc<PortMeters>) -> Connected {
        self.connections.fetch_add(1, Ordering::Relaxed);
        Connected(self.clone())
    }

    /// Counts a connection for which there was no place.
    pub fn turn_away(&self) {
        self.turned_away.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a request that was none, or came too slowly.
    pub fn refuse(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for Connected {
    fn drop(&mut self) {
        self.0.connections.fetch_sub(1, Ordering::Relaxed);
    }
}

type Read = fn(&MeasuredPort<'_>) -> u64;

const FAMILIES: [(&str, Kind, &str, Read); 5] = [
    (
        "foreshore_connections",
        Kind::Gauge,
        "Connections there are.",
        |port| port.meters.connections.load(Ordering::Relaxed),
    ),
    (
        "foreshore_connections_turned_away_total",
        Kind::Counter,
        "Connections for which there was no place.",
        |port| port.meters.turned_away.load(Ordering::Relaxed),
    ),
    (
        "foreshore_requests_refused_total",
        Kind::Counter,
        "Requests that were none, or came too slowly, and places that were refused with a word.",
        |port| port.meters.refused.load(Ordering::Relaxed),
    ),
    (
        "foreshore_requests_in_flight",
        Kind::Gauge,
        "Requests that are answered.",
        |port| port.in_flight as u64,
    ),
    (
        "foreshore_body_bytes",
        Kind::Gauge,
        "Bytes of bodies beyond the first 64 KiB of each.",
        |port| port.body_bytes as u64,
    ),
];

/// The numbers of these ports.
pub(super) fn ports(page: &mut Exposition, ports: &[MeasuredPort<'_>]) {
    for (name, kind, help, read) in FAMILIES {
        page.family(name, kind, help);
        for port in ports {
            page.sample(&[("port", port.name)], read(port));
        }
    }
}
