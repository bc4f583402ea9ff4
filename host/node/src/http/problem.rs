//! What a request came to grief over: a status, and for the client what was wrong, where, and what to do.
//! The one shape of every error on HTTP; which error it is, is for the one who finds it.

use std::borrow::Cow;
use std::path::Path;
use std::time::Duration;

use foreshore_core::Disposition;
use foreshore_event::nearest;
use foreshore_store::StoreError;
use hyper::header::{ALLOW, HeaderName, HeaderValue, RETRY_AFTER};
use hyper::{HeaderMap, StatusCode};
use serde::Serialize;

use crate::http::reply::{self, Response};
use crate::worker::{Handle, Unavailable};

/// A request's error. Boxed: the way of errors must not weigh on the way of answers.
#[derive(Debug)]
pub(super) struct Problem(Box<Found>);

#[derive(Debug)]
struct Found {
    status: StatusCode,
    said: Said,
    headers: HeaderMap,
}

/// An error's body.
#[derive(Debug, Serialize)]
struct Said {
    #[serde(skip_serializing_if = "Option::is_none")]
    disposition: Option<&'static str>,
    error: Explained,
}

#[derive(Debug, Serialize)]
struct Explained {
    what: Cow<'static, str>,
    #[serde(rename = "where")]
    place: Cow<'static, str>,
    fix: Cow<'static, str>,
}

impl Problem {
    /// A problem at `place` (a header, a parameter, a field): what it is, and what to do about it.
    pub(super) fn new(
        status: StatusCode,
        place: impl Into<Cow<'static, str>>,
        what: impl Into<Cow<'static, str>>,
        fix: impl Into<Cow<'static, str>>,
    ) -> Problem {
        let error = Explained {
            what: what.into(),
            place: place.into(),
            fix: fix.into(),
        };
        let said = Said {
            disposition: None,
            error,
        };
        Problem(Box::new(Found {
            status,
            said,
            headers: HeaderMap::new(),
        }))
    }

    /// A method that a path does not take.
    pub(super) fn wrong_method(found: &str, allowed: &[&'static str]) -> Problem {
        let what = format!("{found} is not taken here");
        let fix = format!("use {}", allowed.join(" or "));
        let problem = Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method", what, fix);
        match HeaderValue::from_str(&allowed.join(", ")) {
            Ok(allowed) => problem.with((ALLOW, allowed)),
            Err(_) => problem,
        }
    }

    /// A source that sends faster than it may, and how long it is to wait.
    pub(super) fn too_fast(wait: Duration) -> Problem {
        let wait = whole_seconds(wait);
        let fix = format!(
            "send it again after {wait} s; the limits are `server.source_rate` and `server.source_burst` of the \
             node's configuration"
        );
        let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "source", TOO_FAST, fix);
        problem.with((RETRY_AFTER, wait.into()))
    }

    /// A pipeline that gave no reply.
    pub(super) fn unavailable(handle: &Handle, reason: Unavailable) -> Problem {
        let problem = match reason {
            Unavailable::NoSpace { .. } => no_space(handle.loaded().folder.as_deref(), reason),
            _ => {
                let wait = handle.retry_after().as_secs().max(1);
                let fix = format!("send it again after {wait} s; sending again is always safe");
                Problem::new(status(reason), "pipeline", reason.to_string(), fix)
            }
        };
        problem.with(retry_after(handle))
    }

    /// The log does not give what was asked for.
    pub(super) fn unreadable(error: &StoreError) -> Problem {
        tracing::error!(%error, "look for an event in the log");
        let fix =
            "run `foreshore store check` on the node: it says what is damaged, and what to do";
        let what = error.to_string();
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "store", what, fix)
    }

    /// The same, and what became of the event.
    pub(super) fn of(mut self, disposition: Disposition) -> Problem {
        self.0.said.disposition = Some(disposition.name());
        self
    }

    /// The same, with a header.
    pub(super) fn with(mut self, header: (HeaderName, HeaderValue)) -> Problem {
        let (name, value) = header;
        self.0.headers.insert(name, value);
        self
    }

    /// The response.
    pub(super) fn into_response(self) -> Response {
        let Found {
            status,
            said,
            headers,
        } = *self.0;
        let mut response = reply::json(status, &said);
        response.headers_mut().extend(headers);
        response
    }
}

/// The status of an answer that a pipeline did not give.
pub(super) fn status(reason: Unavailable) -> StatusCode {
    match reason {
        Unavailable::NoSpace { .. } => StatusCode::INSUFFICIENT_STORAGE,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// A store whose disk is nearly full.
fn no_space(folder: Option<&Path>, reason: Unavailable) -> Problem {
    let place = folder.map_or_else(|| "store".into(), |folder| folder.display().to_string());
    let fix = "make space on that disk, or lower the pipeline's log_retention; then send again, which is \
               always safe";
    Problem::new(status(reason), place, reason.to_string(), fix)
}

/// What is wrong with an event of a source that sends faster than it may.
pub(super) const TOO_FAST: &str = "its source sends faster than it may";

/// How long a client should stay away that is to wait so long.
pub(super) fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs_f64().ceil().max(1.0) as u64
}

/// How long a client should stay away.
pub(super) fn retry_after(handle: &Handle) -> (HeaderName, HeaderValue) {
    (RETRY_AFTER, handle.retry_after().as_secs().max(1).into())
}

/// What to say of a name that is none of the known ones.
pub(super) fn choose<'a>(name: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    let all = known.clone().collect::<Vec<_>>().join(", ");
    match nearest(name, known) {
        Some(near) => format!("did you mean `{near}`? there are: {all}"),
        None if all.is_empty() => "there are none here".to_owned(),
        None => format!("use one of: {all}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::reply::text_of;

    #[test]
    fn an_error_says_what_was_wrong_where_and_what_to_do() {
        let problem = Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "data.amount",
            "-3 is below the smallest allowed, 0",
            "send a value in range",
        );
        let response = problem.of(Disposition::Invalid).into_response();
        assert_eq!(response.status(), 422);
        assert_eq!(response.headers()["content-type"], "application/json");
        assert_eq!(
            text_of(response),
            r#"{"disposition":"invalid","error":{"what":"-3 is below the smallest allowed, 0","where":"data.amount","fix":"send a value in range"}}"#
        );
    }

    #[test]
    fn a_source_that_is_too_fast_is_told_in_whole_seconds_when_to_come_back() {
        let response = Problem::too_fast(Duration::from_millis(1001)).into_response();
        assert_eq!(response.status(), 429);
        assert_eq!(response.headers()["retry-after"], "2");
        let message = text_of(response);
        assert!(message.contains(r#""where":"source""#), "{message}");
        assert!(message.contains("server.source_rate"), "{message}");
    }

    #[test]
    fn a_full_disk_is_named_with_what_is_free_and_what_is_to_stay_free() {
        let reason = Unavailable::NoSpace {
            free: 12 << 20,
            reserve: 256 << 20,
        };
        let response = no_space(Some(Path::new("/srv/store/p")), reason).into_response();
        assert_eq!(response.status(), 507);
        let message = text_of(response);
        for said in [
            r#""where":"/srv/store/p""#,
            "12 MiB are free, 256 MiB are to stay free",
            "taken again once there is space",
        ] {
            assert!(message.contains(said), "{message}");
        }
    }

    #[test]
    fn a_wrong_method_is_told_the_right_one() {
        let response = Problem::wrong_method("PUT", &["POST", "GET"]).into_response();
        assert_eq!(response.status(), 405);
        assert_eq!(response.headers()["allow"], "POST, GET");
        assert_eq!(
            text_of(response),
            r#"{"error":{"what":"PUT is not taken here","where":"method","fix":"use POST or GET"}}"#
        );
    }

    #[test]
    fn an_unknown_name_is_told_the_nearest_one() {
        let known = || ["score", "events"].into_iter();
        assert_eq!(
            choose("scores", known()),
            "did you mean `score`? there are: score, events"
        );
        assert_eq!(choose("xyz", known()), "use one of: score, events");
        assert_eq!(choose("xyz", [].into_iter()), "there are none here");
    }
}
