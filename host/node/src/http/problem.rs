//! What a request came to grief over: a status, and for the client what was wrong, where, and what to do.
//! The one shape of every error on HTTP; which error it is, is for the one who finds it.

use std::borrow::Cow;

use foreshore_core::Disposition;
use foreshore_event::nearest;
use hyper::StatusCode;
use hyper::header::{ALLOW, HeaderName, HeaderValue, RETRY_AFTER};
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
    header: Option<(HeaderName, HeaderValue)>,
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
            header: None,
        }))
    }

    /// A method that a path does not take.
    pub(super) fn wrong_method(found: &str, allowed: &'static str) -> Problem {
        let what = format!("{found} is not taken here");
        let fix = format!("use {allowed}");
        Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method", what, fix)
            .with((ALLOW, HeaderValue::from_static(allowed)))
    }

    /// A pipeline that gave no reply.
    pub(super) fn unavailable(handle: &Handle, reason: Unavailable) -> Problem {
        let wait = handle.retry_after().as_secs().max(1);
        let fix = format!("send it again after {wait} s; sending again is always safe");
        let status = StatusCode::SERVICE_UNAVAILABLE;
        Problem::new(status, "pipeline", reason.to_string(), fix).with(retry_after(handle))
    }

    /// The same, and what became of the event.
    pub(super) fn of(mut self, disposition: Disposition) -> Problem {
        self.0.said.disposition = Some(disposition.name());
        self
    }

    /// The same, with a header.
    pub(super) fn with(mut self, header: (HeaderName, HeaderValue)) -> Problem {
        self.0.header = Some(header);
        self
    }

    /// The response.
    pub(super) fn into_response(self) -> Response {
        let Found {
            status,
            said,
            header,
        } = *self.0;
        let mut response = reply::json(status, &said);
        response.headers_mut().extend(header);
        response
    }
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
    fn a_wrong_method_is_told_the_right_one() {
        let response = Problem::wrong_method("PUT", "POST").into_response();
        assert_eq!(response.status(), 405);
        assert_eq!(response.headers()["allow"], "POST");
        assert_eq!(
            text_of(response),
            r#"{"error":{"what":"PUT is not taken here","where":"method","fix":"use POST"}}"#
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
