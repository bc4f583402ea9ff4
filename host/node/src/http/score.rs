//! `POST score`: one event in, its score out, within the request. Every event that is to be kept is
//! counted exactly once, whatever becomes of it.

use std::time::Instant;

use foreshore_core::{Disposition, Pipeline};
use foreshore_event::{Event, decode, validate};
use hyper::StatusCode;

use crate::clock;
use crate::http::body::{Arriving, Unread};
use crate::http::entrance::Guest;
use crate::http::json::Answered;
use crate::http::node::Served;
use crate::http::problem::Problem;
use crate::http::reply::{self, Response};
use crate::http::uri::Query;
use crate::worker::Shed;
use crate::worker::request::{Scored, Turn};

/// How one event comes.
const MEDIA: [&str; 2] = ["application/cloudevents+json", "application/json"];

/// Parameters of this path.
pub(super) const PARAMETERS: [&str; 2] = ["features", "store"];

/// Scores the event in a body.
pub(super) async fn score<B: Arriving>(
    served: Served<'_>,
    guest: &Guest,
    query: &Query<'_>,
    body: Unread<'_, B>,
) -> Result<Response, Problem> {
    let features = query.flag("features", false)?;
    let store = query.flag("store", true)?;
    let body = body.read(&MEDIA).await?;
    let Served { handle, meters, .. } = served;
    if let Err(reason) = handle.check(store) {
        handle.count_shed(u64::from(store), reason);
        return Err(Problem::unavailable(handle, reason).of(Disposition::Shed));
    }
    let stages = &meters.score;
    let read_for = |pipeline: &Pipeline| {
        let event = stages.decode.time(|| read(pipeline, &body.bytes));
        let event = event.and_then(|event| own(guest, event));
        event.inspect_err(|_| handle.count_invalid(u64::from(store)))
    };
    let mut loaded = handle.loaded();
    let mut event = read_for(&loaded.pipeline)?;
    let (asked, arrival) = (Instant::now(), clock::now());
    let counted = served.rates.count(event.source(), asked);
    counted.map_err(|wait| {
        handle.count_shed(u64::from(store), Shed::Rate);
        Problem::too_fast(wait).of(Disposition::Shed)
    })?;
    let scored = loop {
        match handle.score(&loaded, event, store, arrival).await {
            Ok(Turn::Done(scored)) => break Ok(scored),
            Err(reason) => break Err(reason),
            Ok(Turn::Overtaken(overtaken)) => {
                overtaken.take_back();
                loaded = handle.loaded();
                event = read_for(&loaded.pipeline)?;
            }
        }
    };
    stages.worker.record(asked.elapsed());
    match scored {
        Ok(Scored::Answer(answer)) => {
            let answered = Answered::new(&loaded.pipeline, &answer, features);
            Ok(reply::json(StatusCode::OK, &answered))
        }
        Ok(Scored::Conflict(event)) => Err(conflict(&event)),
        Err(reason) => Err(Problem::unavailable(handle, reason).of(Disposition::Shed)),
    }
}

/// The event in these bytes, if it is one of a type that is scored.
fn read(pipeline: &Pipeline, json: &[u8]) -> Result<Event, Problem> {
    let invalid = |status, place, what, fix: String| {
        Problem::new(status, place, what, fix).of(Disposition::Invalid)
    };
    let draft = decode(&pipeline.schema, json).map_err(|error| {
        let fix = "send one CloudEvent as a JSON object, in UTF-8".to_owned();
        invalid(
            StatusCode::BAD_REQUEST,
            "body".to_owned(),
            error.to_string(),
            fix,
        )
    })?;
    let unprocessable = StatusCode::UNPROCESSABLE_ENTITY;
    let event = validate(&pipeline.schema, draft).map_err(|fault| {
        let fix = "put the field right and send the event again".to_owned();
        invalid(unprocessable, fault.field, fault.reason, fix)
    })?;
    if pipeline.is_scored(event.kind()) {
        return Ok(event);
    }
    let types = pipeline.schema.types().iter().zip(&pipeline.scored);
    let scored = types.filter(|(_, scored)| **scored);
    let scored: Vec<&str> = scored.map(|(name, _)| name.as_str()).collect();
    let found = pipeline.schema.type_name(event.kind());
    let what = format!(
        "events of type `{found}` are not scored, only {}",
        scored.join(", ")
    );
    let fix = format!("send it to /v1/pipelines/{}/events", pipeline.name);
    Err(invalid(unprocessable, "type".to_owned(), what, fix))
}

/// The event, if it is of a source that its sender speaks for.
fn own(guest: &Guest, event: Event) -> Result<Event, Problem> {
    let spoken = guest.speaks_for(event.source());
    spoken.map_err(|fault| {
        let fix = "send events of your own sources, or have the node's operator add this one";
        let problem = Problem::new(StatusCode::FORBIDDEN, fault.field, fault.reason, fix);
        problem.of(Disposition::Invalid)
    })?;
    Ok(event)
}

fn conflict(event: &Event) -> Problem {
    let (id, origin) = (event.id(), event.source());
    let what = format!("`{id}` of source `{origin}` was sent before and said something else");
    let fix = "give every event an id of its own; an event sent again must stay the same";
    Problem::new(StatusCode::CONFLICT, "id", what, fix).of(Disposition::Conflict)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::json::tests::pipeline;
    use crate::http::reply::text_of;

    #[test]
    fn an_event_of_a_scored_type_is_read() {
        let json = br#"{"id":"1","source":"s","type":"paid","time":"2026-03-01T00:00:00Z","data":{"card":"c","amount":3}}"#;
        assert_eq!(read(&pipeline(), json).unwrap().id(), "1");
    }

    #[test]
    fn what_cannot_be_scored_is_told_why_and_called_invalid() {
        let wrong = |json: &[u8]| {
            let response = read(&pipeline(), json).unwrap_err().into_response();
            (response.status().as_u16(), text_of(response))
        };
        for (json, status, said) in [
            ("{\"id\":", 400, r#""where":"body""#),
            ("", 400, "not valid JSON"),
            ("[]", 422, r#""where":"event""#),
            ("{}", 422, r#""where":"source""#),
            (
                r#"{"id":"1","source":"s","type":"paid","time":"2026-03-01T00:00:00Z","data":{"amount":"3"}}"#,
                422,
                r#""where":"data.amount""#,
            ),
            (
                r#"{"id":"1","source":"s","type":"reported","time":"2026-03-01T00:00:00Z"}"#,
                422,
                "not scored, only paid",
            ),
            (
                r#"{"id":"1","source":"s","type":"reported","time":"2026-03-01T00:00:00Z"}"#,
                422,
                "send it to /v1/pipelines/p/events",
            ),
        ] {
            let (found, message) = wrong(json.as_bytes());
            assert_eq!(found, status, "{json}: {message}");
            assert!(message.contains(said), "{json}: {message}");
            assert!(message.contains(r#""disposition":"invalid""#), "{message}");
        }
    }

    #[test]
    fn bytes_that_are_not_utf_8_are_no_json() {
        let response = read(&pipeline(), b"{\"id\":\"\xff\"}").unwrap_err();
        assert_eq!(response.into_response().status(), 400);
    }

    #[test]
    fn an_identity_taken_by_another_event_is_named() {
        let json = br#"{"id":"1","source":"s","type":"paid","time":"2026-03-01T00:00:00Z","data":{"card":"c","amount":3}}"#;
        let response = conflict(&read(&pipeline(), json).unwrap()).into_response();
        assert_eq!(response.status(), 409);
        let message = text_of(response);
        assert!(message.contains(r#""disposition":"conflict""#), "{message}");
        assert!(
            message.contains("`1` of source `s` was sent before"),
            "{message}"
        );
    }
}
