//! What both ports serve from: the pipelines' handles, their meters, the limits of a request, and whether
//! the node is ready. Shared by every connection; holds no request's data.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hyper::StatusCode;

use crate::config::ServerConfig;
use crate::http::problem::{Problem, choose};
use crate::metrics::Meters;
use crate::worker::Handle;

/// Which face of the node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Port {
    /// For devices and their clients.
    Data,
    /// For operators.
    Admin,
}

/// What a request may use, as `[server]` has it.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Largest body, in bytes.
    pub body_bytes_max: usize,
    /// How long a client may take for a body.
    pub body_time: Duration,
    /// How long a client may take for a head, the wait for it on an open connection included.
    pub header_time: Duration,
    /// Most events of one request.
    pub events_max: usize,
    /// Most connections at once, per port.
    pub connections_max: usize,
}

/// What both ports serve from.
pub struct Node {
    /// The pipelines, by name.
    pub pipelines: BTreeMap<String, Handle>,
    /// What a request may use.
    pub(super) limits: Limits,
    meters: BTreeMap<String, Meters>,
    ready: AtomicBool,
}

/// One pipeline as a request meets it.
#[derive(Clone, Copy)]
pub(super) struct Served<'a> {
    pub(super) name: &'a str,
    pub(super) handle: &'a Handle,
    pub(super) meters: &'a Meters,
}

impl Node {
    /// A node that serves these pipelines, not ready yet.
    pub fn new(pipelines: BTreeMap<String, Handle>, config: &ServerConfig) -> Node {
        let names = pipelines.keys().cloned();
        Node {
            meters: names.map(|name| (name, Meters::default())).collect(),
            limits: Limits {
                body_bytes_max: config.body_bytes_max.0,
                body_time: config.body_time.duration(),
                header_time: config.header_time.duration(),
                events_max: config.events_max,
                connections_max: config.connections_max,
            },
            ready: AtomicBool::new(false),
            pipelines,
        }
    }

    /// Says whether requests should come here.
    pub fn set_ready(&self, ready: bool) {
        self.ready.store(ready, Ordering::Relaxed);
    }

    /// Whether requests should come here: told so, and every pipeline runs.
    pub fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Relaxed) && self.pipelines.values().all(Handle::is_alive)
    }

    /// Every pipeline.
    pub(super) fn served(&self) -> impl Iterator<Item = Served<'_>> {
        let pipelines = self.pipelines.iter().zip(self.meters.values());
        pipelines.map(|((name, handle), meters)| Served {
            name,
            handle,
            meters,
        })
    }

    /// The pipeline of this name.
    pub(super) fn pipeline(&self, name: &str) -> Result<Served<'_>, Problem> {
        let found = self.served().find(|served| served.name == name);
        found.ok_or_else(|| {
            Problem::new(
                StatusCode::NOT_FOUND,
                "path",
                format!("there is no pipeline `{name}`"),
                choose(name, self.pipelines.keys().map(String::as_str)),
            )
        })
    }
}
