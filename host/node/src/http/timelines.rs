//! `GET timelines`: the features of a key, as of its newest event or of a time, without an event. Takes
//! names; must not know how features are folded.

use foreshore_core::{Pipeline, ReadFailure, TimelineView};
use foreshore_event::Time;
use hyper::StatusCode;
use serde::Serialize;

use crate::http::json::{Basis, Numbers};
use crate::http::node::Served;
use crate::http::problem::{Problem, choose, retry_after};
use crate::http::reply::{self, Response};
use crate::http::uri::Query;
use crate::worker::request::Turn;

/// Parameters of this path.
pub(super) const PARAMETERS: [&str; 1] = ["at"];

/// A timeline.
#[derive(Debug, Serialize)]
struct Shown<'a> {
    instance: &'a str,
    key: &'a str,
    at: String,
    features: Numbers<'a>,
    head: Option<String>,
    watermark: Option<String>,
    foreshore: usize,
    debt: u64,
    checkpoints: usize,
    state_bytes: usize,
    basis: Basis<'a>,
}

/// Reads the timeline of an instance and a key.
pub(super) async fn timeline(
    served: Served<'_>,
    query: &Query<'_>,
    instance: &str,
    key: &str,
) -> Result<Response, Problem> {
    let at = query.parse("at", "write an RFC 3339 time, like 2026-03-01T12:30:00Z")?;
    let Served { handle, .. } = served;
    // Again where a deploy has overtaken it: names and numbers are of one pipeline.
    let (loaded, index, view) = loop {
        let loaded = handle.loaded();
        let index = position(&loaded.pipeline, instance)?;
        let view = handle.timeline(&loaded, index, key.to_owned(), at).await;
        let view = view.map_err(|reason| Problem::unavailable(handle, reason))?;
        if let Turn::Done(view) = view {
            break (loaded, index, view);
        }
    };
    let pipeline = &*loaded.pipeline;
    let view = view.map_err(|failure| unread(served, failure))?;
    let TimelineView {
        head, watermark, ..
    } = view;
    let shown = Shown {
        instance,
        key,
        at: view.at.to_string(),
        features: Numbers::new(&pipeline.instances[index].features, &view.features),
        head: head.map(|time| time.to_string()),
        watermark: (watermark > Time::MIN).then(|| watermark.to_string()),
        foreshore: view.foreshore,
        debt: view.debt,
        checkpoints: view.checkpoints,
        state_bytes: view.state_bytes,
        basis: Basis::new(&pipeline.manifest, view.basis),
    };
    Ok(reply::json(StatusCode::OK, &shown))
}

/// The index of the instance of this name.
fn position(pipeline: &Pipeline, instance: &str) -> Result<usize, Problem> {
    let names = pipeline.instances.iter().map(|known| known.name.as_str());
    names
        .clone()
        .position(|name| name == instance)
        .ok_or_else(|| {
            let what = format!("no feature plugin of this pipeline goes by `{instance}`");
            let fix = choose(instance, names);
            Problem::new(StatusCode::NOT_FOUND, "path", what, fix)
        })
}

fn unread(served: Served<'_>, failure: ReadFailure) -> Problem {
    let (status, place, fix) = match failure {
        ReadFailure::Unknown => (
            StatusCode::NOT_FOUND,
            "path",
            "check key and plugin; a timeline begins with the first event that has its key",
        ),
        ReadFailure::Past(_) => (
            StatusCode::GONE,
            "query",
            "leave out `at` for the newest features",
        ),
        ReadFailure::Plugin(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "plugin",
            "try again in a moment; the node's metrics count what its plugins fail at",
        ),
    };
    let problem = Problem::new(status, place, failure.to_string(), fix);
    match failure {
        ReadFailure::Plugin(_) => problem.with(retry_after(served.handle)),
        ReadFailure::Unknown | ReadFailure::Past(_) => problem,
    }
}
