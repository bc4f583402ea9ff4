//! `GET health`, `GET metrics`: what a monitor asks of the node, and is told even under load. Gathers;
//! which numbers there are is for `metrics`.

use std::time::Duration;

use hyper::StatusCode;
use serde::Serialize;

use crate::http::node::{Node, Port, Served};
use crate::http::problem::Problem;
use crate::http::reply::{self, Response};
use crate::metrics::{self, Exposition, Measured, MeasuredPort};
use crate::worker::{Snapshot, Unavailable};

/// How often a pipeline with a full queue is asked again: a queue that moves at all has room within this.
const ATTEMPTS: u32 = 20;

/// How long to wait in between.
const PAUSE: Duration = Duration::from_millis(5);

/// The media type of Prometheus's text format.
const EXPOSITION: &str = "text/plain; version=0.0.4; charset=utf-8";

#[derive(Serialize)]
struct Health {
    status: &'static str,
}

/// Whoever can answer lives.
pub(super) fn live() -> Response {
    reply::json(StatusCode::OK, &Health { status: "live" })
}

/// Whether requests should come here.
pub(super) fn ready(node: &Node) -> Result<Response, Problem> {
    let Some(what) = node.why_not_ready() else {
        return Ok(reply::json(StatusCode::OK, &Health { status: "ready" }));
    };
    let fix = "send requests to another node, and ask again in a moment";
    Err(Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "node",
        what,
        fix,
    ))
}

/// The node in numbers.
pub(super) async fn metrics(node: &Node) -> Response {
    let mut measured = Vec::new();
    for served in node.served() {
        measured.push(Measured {
            name: served.name,
            handle: served.handle,
            meters: served.meters,
            snapshot: snapshot(served).await.ok(),
        });
    }
    let port = |name, port| {
        let of_port = node.port(port);
        MeasuredPort {
            name,
            meters: &of_port.meters,
            in_flight: of_port.room.in_flight(),
            body_bytes: of_port.room.body_bytes(),
        }
    };
    let ports = [port("data", Port::Data), port("admin", Port::Admin)];
    let ready = node.why_not_ready().is_none();
    let (guards, mut page) = (&node.guards, Exposition::default());
    metrics::expose(&mut page, &ports, &measured, ready);
    metrics::access(&mut page, &guards.gate, &guards.doors, &node.renewals);
    reply::text(EXPOSITION, page.into_text())
}

async fn snapshot(served: Served<'_>) -> Result<Snapshot, Unavailable> {
    for _ in 1..ATTEMPTS {
        match served.handle.snapshot().await {
            Err(Unavailable::Overloaded) => tokio::time::sleep(PAUSE).await,
            other => return other,
        }
    }
    served.handle.snapshot().await
}
