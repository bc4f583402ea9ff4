//! A request to its answer: finds what is wanted, checks the query, hands both to the one who answers.
//! Every error becomes a response here, and only here.

use std::time::Instant;

use hyper::Request;
use hyper::body::{Body, Bytes};

use crate::http::body::Unread;
use crate::http::node::{Node, Port};
use crate::http::problem::Problem;
use crate::http::reply::Response;
use crate::http::route::Route;
use crate::http::stopping::Stopping;
use crate::http::uri::Query;
use crate::http::{amendments, close, decisions, events, health, pipelines, score, timelines};

/// Answers a request to a port of the node. Streams end when the node is `stopping`.
pub(super) async fn answer<B>(
    node: &Node,
    port: Port,
    stopping: Stopping,
    request: Request<B>,
) -> Response
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: std::fmt::Display,
{
    let answered = respond(node, port, stopping, request).await;
    answered.unwrap_or_else(Problem::into_response)
}

async fn respond<B>(
    node: &Node,
    port: Port,
    stopping: Stopping,
    request: Request<B>,
) -> Result<Response, Problem>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: std::fmt::Display,
{
    let started = Instant::now();
    let (head, body) = request.into_parts();
    let route = Route::find(port, &head.method, head.uri.path())?;
    let query = Query::new(head.uri.query(), parameters(&route))?;
    let body = Unread {
        headers: &head.headers,
        body,
        limits: &node.limits,
    };
    match route {
        Route::Score(pipeline) => {
            let served = node.pipeline(&pipeline)?;
            let answered = score::score(served, &query, body).await;
            served.meters.score.request.record(started.elapsed());
            answered
        }
        Route::Events(pipeline) => {
            let served = node.pipeline(&pipeline)?;
            let answered = events::events(served, node.limits.events_max, body).await;
            served.meters.events.request.record(started.elapsed());
            answered
        }
        Route::Timeline {
            pipeline,
            instance,
            key,
        } => timelines::timeline(node.pipeline(&pipeline)?, &query, &instance, &key).await,
        Route::Decision { pipeline, id } => {
            decisions::decision(node.pipeline(&pipeline)?, &id).await
        }
        Route::Amendments(pipeline) => {
            let served = node.pipeline(&pipeline)?;
            amendments::follow(served, &query, &head.headers, stopping).await
        }
        Route::Pipelines => Ok(pipelines::pipelines(node)),
        Route::Close(pipeline) => close::close(node.pipeline(&pipeline)?, body).await,
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
        Route::Amendments(_) => &amendments::PARAMETERS,
        _ => &[],
    }
}
