//! `GET decisions`: all that was said about an event, revision by revision, and why it changed. Takes the
//! decision's id or its event's; must not know how a decision is made.

use foreshore_core::DecisionId;
use hyper::StatusCode;
use serde::Serialize;

use crate::http::json::{Because, Finality, Named, Said, instances};
use crate::http::node::Served;
use crate::http::problem::Problem;
use crate::http::reply::{self, Response};
use crate::http::uri::Query;
use crate::worker::Unavailable;
use crate::worker::request::DecisionView;

/// Parameters of the path that names an event.
pub(super) const PARAMETERS: [&str; 2] = ["source", "id"];

/// A decision.
#[derive(Debug, Serialize)]
struct Shown<'a> {
    decision: String,
    #[serde(flatten)]
    event: Named<'a>,
    #[serde(flatten)]
    finality: Finality,
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
    let view = served.handle.decision(id).await;
    show(served, view, "path", || format!("decision {id}"))
}

/// Reads the decision about the event of this source and id.
pub(super) async fn decision_of_event(
    served: Served<'_>,
    query: &Query<'_>,
) -> Result<Response, Problem> {
    let fix = "an event is known by both its `source` and its `id`";
    let source = query.required("source", fix)?;
    let id = query.required("id", fix)?;
    let handle = served.handle;
    let known = handle.decision_of_event(source.to_owned(), id.to_owned());
    let mut view = known.await;
    if let Ok(None) = view {
        let logged = handle.decision_in_log(source.to_owned(), id.to_owned());
        if let Some(id) = logged.await.map_err(|error| Problem::unreadable(&error))? {
            view = handle.decision(id).await;
        }
    }
    show(served, view, "query", || {
        format!("decision about event `{id}` of source `{source}`")
    })
}

/// What was asked for, `named` so if it is not there.
fn show(
    Served { name, handle, .. }: Served<'_>,
    view: Result<Option<DecisionView>, Unavailable>,
    place: &'static str,
    named: impl FnOnce() -> String,
) -> Result<Response, Problem> {
    let view = view.map_err(|reason| Problem::unavailable(handle, reason))?;
    let view = view.ok_or_else(|| {
        let what = format!("there is no {} in pipeline `{name}`", named());
        let fix = "check what was asked for, and the pipeline; decisions are kept for its \
                   `decision_retention`, without `store.folder` until the node stops";
        Problem::new(StatusCode::NOT_FOUND, place, what, fix)
    })?;
    Ok(reply::json(StatusCode::OK, &Shown::new(&view)))
}

impl<'a> Shown<'a> {
    fn new(view: &'a DecisionView) -> Shown<'a> {
        let pipeline = &*view.under;
        let revisions = view.revisions.iter().map(|revision| {
            let cause = revision.cause.as_ref();
            Revised {
                said: Said::new(revision, true),
                cause: cause.map(|cause| Because::new(pipeline, cause)),
            }
        });
        Shown {
            decision: view.id.to_string(),
            event: Named::event(pipeline, &view.event),
            finality: Finality::new(view.is_final, view.is_settled),
            published: view.published,
            late_for: instances(pipeline, &view.late_for),
            revisions: revisions.collect(),
        }
    }
}
