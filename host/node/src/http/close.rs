//! `POST close`: makes everything before a time final. What still comes from before it is late. Takes a
//! time that can be meant; must not know what closing does to a timeline.

use foreshore_core::Pipeline;
use foreshore_event::Time;
use hyper::StatusCode;
use serde::{Deserialize, Serialize};

use crate::clock;
use crate::http::body::{Arriving, Unread};
use crate::http::entrance::Guest;
use crate::http::node::Served;
use crate::http::problem::Problem;
use crate::http::reply::{self, Response};

/// What an operator sends.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    time: String,
}

#[derive(Serialize)]
struct Closed<'a> {
    pipeline: &'a str,
    closed: String,
}

/// Closes a pipeline up to the time in a body.
pub(super) async fn close<B: Arriving>(
    served: Served<'_>,
    guest: &Guest,
    body: Unread<'_, B>,
) -> Result<Response, Problem> {
    let body = body.read(&["application/json"]).await?;
    let time = wanted(&served.handle.loaded().pipeline, &body.bytes, clock::now())?;
    let closed = served.handle.close(time, guest.name()).await;
    closed.map_err(|reason| Problem::unavailable(served.handle, reason))?;
    let said = Closed {
        pipeline: served.name,
        closed: time.to_string(),
    };
    Ok(reply::json(StatusCode::OK, &said))
}

fn wanted(pipeline: &Pipeline, json: &[u8], now: Time) -> Result<Time, Problem> {
    let Wanted { time } = serde_json::from_slice(json).map_err(|error| {
        let fix = r#"send {"time": "2026-03-01T00:00:00Z"}, with a time of your own"#;
        Problem::new(
            StatusCode::BAD_REQUEST,
            "body",
            format!("not a close: {error}"),
            fix,
        )
    })?;
    let wrong = |what, fix| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "time", what, fix);
    let time: Time = time
        .parse()
        .map_err(|error| wrong(format!("{error}"), "write the time in RFC 3339".to_owned()))?;
    // No event beyond it can be admitted yet: closing there could only be a slip, and cannot be undone.
    let latest = now.plus(pipeline.future_max);
    if time > latest {
        let what = format!("{time} lies in the future; everything that comes would be late");
        return Err(wrong(what, format!("close at {latest} or earlier")));
    }
    Ok(time)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::json::tests::pipeline;
    use crate::http::reply::text_of;

    const NOON: &str = "2026-03-01T12:00:00Z";

    #[test]
    fn a_close_up_to_the_future_guard_is_taken() {
        let now: Time = NOON.parse().unwrap();
        for time in [
            "2026-03-01T12:05:00Z",
            "2026-03-01T14:05:00+02:00",
            "1970-01-01T00:00:00Z",
        ] {
            let json = format!("{{\"time\": \"{time}\"}}");
            let read = wanted(&pipeline(), json.as_bytes(), now).ok();
            assert_eq!(read, Some(time.parse().unwrap()));
        }
    }

    #[test]
    fn a_close_that_cannot_be_meant_is_refused() {
        for (json, status, said) in [
            ("", 400, "not a close: EOF"),
            ("{}", 400, "missing field `time`"),
            (r#"{"tme": ""}"#, 400, "unknown field `tme`"),
            (r#"{"time": 12}"#, 400, "not a close: invalid type"),
            (r#"{"time": "noon"}"#, 422, "not an RFC 3339 time: `noon`"),
            (
                r#"{"time": "2026-03-01T12:05:01Z"}"#,
                422,
                "lies in the future",
            ),
            (
                r#"{"time": "2062-03-01T12:00:00Z"}"#,
                422,
                "close at 2026-03-01T12:05:00.000000Z or earlier",
            ),
        ] {
            let problem = wanted(&pipeline(), json.as_bytes(), NOON.parse().unwrap());
            let response = problem.unwrap_err().into_response();
            assert_eq!(response.status(), status, "{json}");
            let message = text_of(response);
            assert!(message.contains(said), "{json}: {message}");
        }
    }
}
