//! `POST deploy`, `GET deploy`: the pipeline's configuration and components read anew, and how far that has
//! come. Shows what comes of it; must not know how timelines are rebuilt.

use hyper::StatusCode;
use serde::Serialize;

use crate::http::entrance::Guest;
use crate::http::node::Served;
use crate::http::problem::Problem;
use crate::http::reply::{self, Response};
use crate::worker::deploy::{DeployRefused, DeployStage, Deployed};

/// A deploy that has begun.
#[derive(Debug, Serialize)]
struct Begun<'a> {
    pipeline: &'a str,
    from: &'a str,
    to: &'a str,
    rebuilding: &'a [String],
}

/// How far a deploy has come.
#[derive(Debug, Serialize)]
struct Progress<'a> {
    pipeline: &'a str,
    state: &'static str,
    done: u64,
    of: u64,
    error: Option<&'a str>,
}

/// Deploys what the configuration file now says of a pipeline.
pub(super) async fn deploy(served: Served<'_>, guest: &Guest) -> Result<Response, Problem> {
    let deployed = served.handle.deploy(guest.name()).await;
    let deployed = deployed.map_err(|refused| problem(served, &refused))?;
    Ok(match &deployed {
        Deployed::Unchanged => {
            reply::json(StatusCode::OK, &serde_json::json!({ "unchanged": true }))
        }
        Deployed::Begun {
            from,
            to,
            rebuilding,
        } => {
            let begun = Begun {
                pipeline: served.name,
                from,
                to,
                rebuilding,
            };
            reply::json(StatusCode::ACCEPTED, &begun)
        }
    })
}

/// Tells how far the last deploy has come.
pub(super) fn progress(served: Served<'_>) -> Response {
    let stage = served.handle.deploy_stage();
    reply::json(StatusCode::OK, &shown(served.name, &stage))
}

fn shown<'a>(pipeline: &'a str, stage: &'a DeployStage) -> Progress<'a> {
    let (state, done, of, error) = match stage {
        DeployStage::Idle => ("idle", 0, 0, None),
        DeployStage::Rebuilding { done, of } => ("rebuilding", *done, *of, None),
        DeployStage::Failed(why) => ("failed", 0, 0, Some(why.as_str())),
    };
    Progress {
        pipeline,
        state,
        done,
        of,
        error,
    }
}

fn problem(served: Served<'_>, refused: &DeployRefused) -> Problem {
    let (status, fix) = match refused {
        DeployRefused::Unavailable(reason) => return Problem::unavailable(served.handle, *reason),
        DeployRefused::Configuration(_) => (
            StatusCode::UNPROCESSABLE_ENTITY,
            "put it right and deploy again; `foreshore serve --check` says what it comes to",
        ),
        DeployRefused::UnderWay => (
            StatusCode::CONFLICT,
            "wait for its end: GET here tells how far it has come",
        ),
        DeployRefused::CannotRebuild(_) => (
            StatusCode::CONFLICT,
            "deploy a plugin that needs less of the past, or into a store that has it",
        ),
    };
    let what = format!("{refused}; the pipeline goes on as it was");
    Problem::new(status, "deploy", what, fix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deploy_shows_how_far_it_has_come_and_why_it_failed() {
        let text = |stage| serde_json::to_string(&shown("p", &stage)).unwrap();
        assert_eq!(
            text(DeployStage::Idle),
            r#"{"pipeline":"p","state":"idle","done":0,"of":0,"error":null}"#
        );
        assert_eq!(
            text(DeployStage::Rebuilding { done: 3, of: 9 }),
            r#"{"pipeline":"p","state":"rebuilding","done":3,"of":9,"error":null}"#
        );
        assert_eq!(
            text(DeployStage::Failed("no space".to_owned())),
            r#"{"pipeline":"p","state":"failed","done":0,"of":0,"error":"no space"}"#
        );
    }
}
