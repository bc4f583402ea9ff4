//! A request to its answer: finds what is wanted, checks the query, hands both to the one who answers.
//! Every error becomes a response here, and only here.

use std::time::Instant;

use hyper::Request;

use crate::http::body::{Arriving, Unread};
use crate::http::entrance;
use crate::http::node::{Node, Port};
use crate::http::peer::Peer;
use crate::http::problem::Problem;
use crate::http::reply::Response;
use crate::http::route::Route;
use crate::http::stopping::Stopping;
use crate::http::uri::Query;
use crate::http::{
    amendments, close, decisions, deploy, events, health, pipelines, score, timelines,
};

/// Answers a request to a port of the node. Streams end when the node is `stopping`.
pub(super) async fn answer<B: Arriving>(
    node: &Node,
    port: Port,
    peer: &Peer,
    stopping: Stopping,
    request: Request<B>,
) -> Response {
    let answered = respond(node, port, peer, stopping, request).await;
    answered.unwrap_or_else(Problem::into_response)
}

async fn respond<B: Arriving>(
    node: &Node,
    port: Port,
    peer: &Peer,
    stopping: Stopping,
    request: Request<B>,
) -> Result<Response, Problem> {
    let started = Instant::now();
    let (head, body) = request.into_parts();
    let asked = Route::find(port, &head.method, head.uri.path())?;
    let guest = entrance::enter(node, port, &asked, &head.headers, peer)?;
    let route = asked.route;
    let query = Query::new(head.uri.query(), parameters(&route))?;
    let room = &node.port(port).room;
    let body = Unread {
        headers: &head.headers,
        body,
        limits: &node.limits,
        room,
    };
    match route {
        Route::Score(pipeline) => {
            let served = node.pipeline(&pipeline)?;
            let answered = score::score(served, &guest, &query, body).await;
            served.meters.score.request.record(started.elapsed());
            answered
        }
        Route::Events(pipeline) => {
            let served = node.pipeline(&pipeline)?;
            let answered = events::events(served, &guest, node.limits.events_max, body).await;
            served.meters.events.request.record(started.elapsed());
            answered
        }
        Route::Timeline {
            pipeline,
            instance,
            key,
        } => {
            let _in_flight = room.enter()?;
            timelines::timeline(node.pipeline(&pipeline)?, &query, &instance, &key).await
        }
        Route::Decision { pipeline, id } => {
            let _in_flight = room.enter()?;
            decisions::decision(node.pipeline(&pipeline)?, &id).await
        }
        Route::DecisionOfEvent(pipeline) => {
            let _in_flight = room.enter()?;
            decisions::decision_of_event(node.pipeline(&pipeline)?, &query).await
        }
        Route::Amendments(pipeline) => {
            let served = node.pipeline(&pipeline)?;
            let place = room.follow()?;
            amendments::follow(served, guest, &query, &head.headers, stopping, place).await
        }
        Route::Pipelines => pipelines::pipelines(node),
        Route::Close(pipeline) => close::close(node.pipeline(&pipeline)?, &guest, body).await,
        Route::Deploy(pipeline) => deploy::deploy(node.pipeline(&pipeline)?, &guest).await,
        Route::DeployProgress(pipeline) => Ok(deploy::progress(node.pipeline(&pipeline)?)),
        Route::Live => Ok(health::live()),
        Route::Ready => health::ready(node),
        Route::Metrics => Ok(health::metrics(node).await),
    }
}

/// The parameters a route takes.
fn parameters(route: &Route) -> &'static [&'static str] {
    match route {
        Route::Score(_) => &score::PARAMETERS,
        Route::Timeline { .. } => &timelines::PARAMETERS,
        Route::DecisionOfEvent(_) => &decisions::PARAMETERS,
        Route::Amendments(_) => &amendments::PARAMETERS,
        _ => &[],
    }
}
