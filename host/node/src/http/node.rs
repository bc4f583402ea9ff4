//! What both ports serve from: the pipelines' handles, their meters, the limits and the room of requests, and
//! whether the node is ready, or why not. Shared by every connection; holds no request's data.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;

use hyper::StatusCode;
use hyper::header::RETRY_AFTER;

use crate::access::Gate;
use crate::access::renewals::Renewals;
use crate::access::seldom::Seldom;
use crate::config::ServerConfig;
use crate::http::limits::Limits;
use crate::http::problem::{Problem, choose};
use crate::http::rates::Rates;
use crate::http::room::Room;
use crate::http::tls::Doors;
use crate::metrics::{Meters, PortMeters};
use crate::worker::Handle;

/// How long a client should stay away from a node that starts.
const RETRY_AFTER_SECONDS: u64 = 1;

/// Which face of the node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Port {
    /// For devices and their clients.
    Data,
    /// For operators.
    Admin,
}

/// What one port has of its own: what is used up on one is not missing on the other.
pub(super) struct OfPort {
    /// The room for its requests.
    pub(super) room: Room,
    /// What is counted of its connections.
    pub(super) meters: Arc<PortMeters>,
}

/// Who is let in, and how.
pub struct Guards {
    /// Who may do what.
    pub gate: Arc<Gate>,
    /// The ports' TLS.
    pub doors: Doors,
}

impl Default for Guards {
    /// Everybody, over plain connections.
    fn default() -> Guards {
        Guards {
            gate: Arc::new(Gate::open()),
            doors: Doors::default(),
        }
    }
}

/// What both ports serve from.
pub struct Node {
    /// What a request may use.
    pub(super) limits: Limits,
    /// How fast a source may send.
    rates: Rates,
    data: OfPort,
    admin: OfPort,
    /// Who is let in, and how.
    pub(crate) guards: Guards,
    /// How the guards' files were taken anew.
    pub(crate) renewals: Renewals,
    /// Refusals at the admin port, as far as they are logged.
    pub(super) refusals: Seldom,
    /// The pipelines, by name, once they run.
    running: OnceLock<BTreeMap<String, Running>>,
    stage: Mutex<Stage>,
}

/// A pipeline that runs.
struct Running {
    handle: Handle,
    meters: Meters,
}

/// Where a node is between its start and its end.
enum Stage {
    /// Its pipelines do not run yet; how far they have come.
    Starting(String),
    /// It takes requests.
    Serving,
    /// Requests should go elsewhere.
    Stopping,
}

/// One pipeline as a request meets it.
#[derive(Clone, Copy)]
pub(super) struct Served<'a> {
    pub(super) name: &'a str,
    pub(super) handle: &'a Handle,
    pub(super) meters: &'a Meters,
    pub(super) rates: &'a Rates,
}

impl Node {
    /// A node that starts: its ports answer already, its pipelines do not run yet.
    pub fn new(config: &ServerConfig, guards: Guards) -> Node {
        let of_port = || OfPort {
            room: Room::new(
                config.requests_max,
                config.bodies_bytes_max.0,
                config.followers_max,
            ),
            meters: Arc::default(),
        };
        Node {
            limits: Limits::new(config),
            rates: Rates::new(config.source_rate, config.source_burst, Instant::now()),
            data: of_port(),
            admin: of_port(),
            guards,
            renewals: Renewals::default(),
            refusals: Seldom::default(),
            running: OnceLock::new(),
            stage: Mutex::new(Stage::Starting("loading".to_owned())),
        }
    }

    /// Says how far the start has come, as in `replaying the log: 120,000 of 300,000 records`.
    pub fn set_starting(&self, progress: String) {
        let mut stage = self.stage();
        if matches!(*stage, Stage::Starting(_)) {
            *stage = Stage::Starting(progress);
        }
    }

    /// Serves these pipelines from now on, unless it is told to stop already. A node starts once: later calls
    /// change nothing.
    pub fn serve(&self, pipelines: BTreeMap<String, Handle>) {
        let running = pipelines.into_iter().map(|(name, handle)| {
            let meters = Meters::default();
            (name, Running { handle, meters })
        });
        drop(self.running.set(running.collect()));
        let mut stage = self.stage();
        if matches!(*stage, Stage::Starting(_)) {
            *stage = Stage::Serving;
        }
    }

    /// Says that requests should go elsewhere; those that come are still answered.
    pub fn set_stopping(&self) {
        *self.stage() = Stage::Stopping;
    }

    /// Why requests should not come here; none if they should.
    pub fn why_not_ready(&self) -> Option<String> {
        match &*self.stage() {
            Stage::Starting(progress) => Some(format!("the node is starting: {progress}")),
            Stage::Stopping => Some("the node is stopping".to_owned()),
            Stage::Serving => {
                let mut served = self.served();
                let ended = served.find(|served| !served.handle.is_alive())?;
                Some(format!("pipeline `{}` has stopped", ended.name))
            }
        }
    }

    /// What a port has of its own.
    pub(super) fn port(&self, port: Port) -> &OfPort {
        match port {
            Port::Data => &self.data,
            Port::Admin => &self.admin,
        }
    }

    /// The way to every pipeline; none before they run.
    pub fn handles(&self) -> Vec<Handle> {
        self.served().map(|served| served.handle.clone()).collect()
    }

    /// Every pipeline; none before they run.
    pub(super) fn served(&self) -> impl Iterator<Item = Served<'_>> {
        let running = self.running.get().into_iter().flatten();
        running.map(|(name, running)| Served {
            name,
            handle: &running.handle,
            meters: &running.meters,
            rates: &self.rates,
        })
    }

    /// The pipeline of this name.
    ///
    /// # Errors
    /// Before it runs, or when there is none.
    pub(super) fn pipeline(&self, name: &str) -> Result<Served<'_>, Problem> {
        self.check_started()?;
        let found = self.served().find(|served| served.name == name);
        found.ok_or_else(|| {
            let names = self.served().map(|served| served.name);
            Problem::new(
                StatusCode::NOT_FOUND,
                "path",
                format!("there is no pipeline `{name}`"),
                choose(name, names.collect::<Vec<_>>().into_iter()),
            )
        })
    }

    /// That the pipelines run.
    ///
    /// # Errors
    /// When they do not yet: whoever asks should come back.
    pub(super) fn check_started(&self) -> Result<(), Problem> {
        if self.running.get().is_some() {
            return Ok(());
        }
        // Stopping before it served, it still is what it was.
        let what = self.why_not_ready().unwrap_or_default();
        let fix = "send it again in a moment, or to another node";
        let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "node", what, fix);
        Err(problem.with((RETRY_AFTER, RETRY_AFTER_SECONDS.into())))
    }

    fn stage(&self) -> MutexGuard<'_, Stage> {
        // Set in one go: a panic leaves nothing half said.
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::reply::text_of;

    fn node() -> Node {
        Node::new(&ServerConfig::default(), Guards::default())
    }

    #[test]
    fn a_node_that_starts_says_how_far_it_has_come() {
        let node = node();
        node.set_starting("replaying the log: 120,000 of 300,000 records".to_owned());
        let expected = "the node is starting: replaying the log: 120,000 of 300,000 records";
        assert_eq!(node.why_not_ready().as_deref(), Some(expected));
        let response = node.pipeline("p").map(|_| ()).unwrap_err().into_response();
        assert_eq!(response.status(), 503);
        assert_eq!(response.headers()["retry-after"], "1");
        assert!(text_of(response).contains(expected));
    }

    #[test]
    fn a_node_that_serves_is_ready_and_knows_its_pipelines() {
        let node = node();
        node.serve(BTreeMap::new());
        node.set_starting("too late".to_owned());
        assert_eq!(node.why_not_ready(), None);
        let response = node.pipeline("p").map(|_| ()).unwrap_err().into_response();
        assert_eq!(response.status(), 404);
    }

    #[test]
    fn a_node_told_to_stop_does_not_become_ready() {
        let node = node();
        node.set_stopping();
        node.serve(BTreeMap::new());
        assert_eq!(
            node.why_not_ready().as_deref(),
            Some("the node is stopping")
        );
    }
}
