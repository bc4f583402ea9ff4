//! `GET decisions`: all that was said about an event, revision by revision, and why it changed. Takes an id;
//! must not know how a decision is made.

use foreshore_core::DecisionId;
use hyper::StatusCode;
use serde::Serialize;

use crate::http::json::{Because, Named, Said, finality, instances};
use crate::http::node::Served;
use crate::http::problem::Problem;
use crate::http::reply::{self, Response};

/// A decision.
#[derive(Debug, Serialize)]
struct Shown<'a> {
    decision: String,
    #[serde(flatten)]
    event: Named<'a>,
    finality: &'static str,
    /// The revision the world was last told of.
    published: Option<u32>,
    late_for: Vec<&'a str>,
    revisions: Vec<Revised<'a>>,
}

#[derive(Debug, Serialize)]
struct Revised<'a> {
    #[serde(flatten)]
    said: Said<'a>,
    cause: Option<Because<'a>>,
}

/// Reads the decision of this id.
pub(super) async fn decision(served: Served<'_>, id: &str) -> Result<Response, Problem> {
    let id: DecisionId = id.parse().map_err(|error| {
        let fix = "take it from `decision` in an answer or an amendment";
        Problem::new(StatusCode::BAD_REQUEST, "path", format!("{error}"), fix)
    })?;
    let Served { handle, .. } = served;
    let pipeline = &*handle.loaded().pipeline;
    let view = handle.decision(id).await;
    let view = view.map_err(|reason| Problem::unavailable(handle, reason))?;
    let view = view.ok_or_else(|| {
        let what = format!("there is no decision {id} in pipeline `{}`", served.name);
        let fix = "check id and pipeline; a node started anew has none of its former decisions";
        Problem::new(StatusCode::NOT_FOUND, "path", what, fix)
    })?;
    let revisions = view.revisions.iter().map(|revision| Revised {
        said: Said::new(pipeline, revision, true),
        cause: revision
            .cause
            .as_ref()
            .map(|cause| Because::new(pipeline, cause)),
    });
    let shown = Shown {
        decision: view.id.to_string(),
        event: Named::new(pipeline, &view.event),
        finality: finality(view.is_final),
        published: view.published,
        late_for: instances(pipeline, &view.late_for),
        revisions: revisions.collect(),
    };
    Ok(reply::json(StatusCode::OK, &shown))
}
