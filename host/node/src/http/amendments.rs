//! `GET amendments`: corrections as they come, as server-sent events. A follower that comes back says what
//! it saw last; one that was away too long is told what it missed. A slow one delays only itself.

use std::time::Duration;

use foreshore_core::amendment::Verdict;
use foreshore_core::{Amendment, Pipeline};
use foreshore_timeline::Lsn;
use http_body_util::channel::{SendError, Sender};
use hyper::body::Bytes;
use hyper::{HeaderMap, StatusCode};
use serde::Serialize;

use crate::http::entrance::Guest;
use crate::http::json::{Because, Named};
use crate::http::node::Served;
use crate::http::problem::Problem;
use crate::http::reply::{self, Response};
use crate::http::room::Following;
use crate::http::stopping::Stopping;
use crate::http::uri::Query;
use crate::worker::Handle;

/// Parameters of this path.
pub(super) const PARAMETERS: [&str; 1] = ["from"];

/// How often a quiet stream shows that it lives: below the patience of common proxies.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// How a follower that comes back names what it saw last.
const LAST_EVENT_ID: &str = "last-event-id";

/// An amendment.
#[derive(Debug, Serialize)]
struct Shown<'a> {
    lsn: u64,
    decision: String,
    #[serde(flatten)]
    event: Named<'a>,
    revision: u32,
    old: Said,
    new: Said,
    cause: Because<'a>,
}

#[derive(Debug, Serialize)]
struct Said {
    score: Option<f64>,
    outcome: &'static str,
}

/// Follows a pipeline's amendments until the follower leaves or is sent away, or the node stops.
pub(super) async fn follow(
    served: Served<'_>,
    guest: Guest,
    query: &Query<'_>,
    headers: &HeaderMap,
    mut stopping: Stopping,
    place: Following,
) -> Result<Response, Problem> {
    let handle = served.handle.clone();
    let position = match asked(query, headers)? {
        Some(position) => within_log(&handle, position).await?,
        None => handle.amendments().newest(),
    };
    let (sender, response) = reply::stream("text/event-stream");
    // Ends with its reader or with the node; nobody waits for it.
    drop(tokio::spawn(async move {
        tokio::select! {
            _ = tell(&handle, position, sender) => {}
            () = stopping.wait() => {}
            () = guest.sent_away() => {}
        }
        drop(place);
    }));
    Ok(response)
}

/// The position after which a follower asks to be told.
fn asked(query: &Query<'_>, headers: &HeaderMap) -> Result<Option<Lsn>, Problem> {
    let from = query.parse::<u64>("from", "write a log position, a whole number")?;
    let Some(seen) = headers.get(LAST_EVENT_ID) else {
        return Ok(from.map(|from| Lsn(from.saturating_sub(1))));
    };
    let seen = seen.to_str().ok().and_then(|seen| seen.parse().ok());
    let seen = seen.ok_or_else(|| {
        Problem::new(
            StatusCode::BAD_REQUEST,
            "header last-event-id",
            "not a log position",
            "send the `id` of the last amendment seen, or leave the header out",
        )
    })?;
    Ok(Some(Lsn(seen)))
}

/// A position that the log has reached: beyond its end, a follower would wait for what it missed.
async fn within_log(handle: &Handle, position: Lsn) -> Result<Lsn, Problem> {
    let snapshot = handle.snapshot().await;
    let end = snapshot.map_err(|reason| Problem::unavailable(handle, reason))?;
    let end = end.gauges.lsn;
    if position.0 <= end {
        return Ok(position);
    }
    let what = format!(
        "position {} is beyond the log, which ends at {end}",
        position.0
    );
    let fix = "the log was begun anew, or restored from a backup: follow without a position, and read open \
               decisions again";
    Err(Problem::new(StatusCode::BAD_REQUEST, "position", what, fix))
}

/// Tells all that comes after a position, for as long as somebody listens.
async fn tell(
    handle: &Handle,
    mut position: Lsn,
    mut sender: Sender<Bytes>,
) -> Result<(), SendError> {
    let mut bell = handle.amendments().bell();
    sender.send_data(greeting(position)).await?;
    loop {
        // Heard before reading, so that what rings meanwhile rings again.
        bell.borrow_and_update();
        let since = handle.amendments().since(position);
        if let Some(forgotten) = since.gap {
            sender.send_data(gap(position, forgotten)).await?;
            position = forgotten;
        }
        let has_all = since.amendments.is_empty();
        for amendment in since.amendments {
            position = amendment.lsn;
            let loaded = handle.loaded();
            sender.send_data(told(&loaded.pipeline, &amendment)).await?;
        }
        if !has_all {
            continue;
        }
        // The handle keeps the bell, so that it rings or is quiet, but never gone.
        if tokio::time::timeout(KEEP_ALIVE, bell.changed())
            .await
            .is_err()
        {
            sender
                .send_data(Bytes::from_static(b": still here\n\n"))
                .await?;
        }
    }
}

/// Names the position before anything has happened: a follower that breaks off now can come back to it.
fn greeting(position: Lsn) -> Bytes {
    format!(": following\nid: {}\n\n", position.0).into()
}

/// What a follower has missed: positions from the first to the last whose amendments are no longer kept.
fn gap(position: Lsn, forgotten: Lsn) -> Bytes {
    let missed = serde_json::json!({"from": position.0 + 1, "to": forgotten.0});
    frame(forgotten, "gap", &missed)
}

fn told(pipeline: &Pipeline, amendment: &Amendment) -> Bytes {
    let verdict = |verdict: Verdict| Said {
        score: verdict.score,
        outcome: verdict.outcome.name(),
    };
    let shown = Shown {
        lsn: amendment.lsn.0,
        decision: amendment.decision.to_string(),
        event: Named::mention(pipeline, &amendment.event),
        revision: amendment.revision,
        old: verdict(amendment.old),
        new: verdict(amendment.new),
        cause: Because::new(pipeline, &amendment.cause),
    };
    frame(amendment.lsn, "amendment", &shown)
}

/// One server-sent event. JSON has no line breaks of its own, so that its data is one line.
fn frame(id: Lsn, event: &str, data: &impl Serialize) -> Bytes {
    let data = serde_json::to_string(data).unwrap_or_default();
    format!("id: {}\nevent: {event}\ndata: {data}\n\n", id.0).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use foreshore_core::{Cause, DecisionId, Outcome};
    use hyper::header::HeaderValue;

    use crate::http::json::tests::{mention, pipeline};
    use crate::worker::amendments::Amendments;

    fn amendment(lsn: u64) -> Amendment {
        Amendment {
            lsn: Lsn(lsn),
            decision: DecisionId(Lsn(7)),
            event: mention("e7", 7),
            revision: 2,
            old: Verdict {
                score: Some(0.25),
                outcome: Outcome::Approve,
            },
            new: Verdict {
                score: None,
                outcome: Outcome::Review,
            },
            cause: Cause::Late(mention("e6", 11)),
        }
    }

    #[test]
    fn an_amendment_is_one_event_with_its_position() {
        let amendment = amendment(12);
        let frame = told(&pipeline(), &amendment);
        assert_eq!(
            str::from_utf8(&frame).unwrap(),
            concat!(
                "id: 12\nevent: amendment\ndata: ",
                r#"{"lsn":12,"decision":"d7","event":"e7","source":"s","type":"paid","time":"2026-03-01T00:00:00.000000Z","#,
                r#""revision":2,"old":{"score":0.25,"outcome":"approve"},"new":{"score":null,"outcome":"review"},"#,
                r#""cause":{"what":"late-event","lsn":11,"event":"e6","source":"s","type":"paid","#,
                r#""time":"2026-03-01T00:00:00.000000Z"}}"#,
                "\n\n"
            )
        );
    }

    #[test]
    fn a_gap_names_the_first_and_the_last_position_missed() {
        assert_eq!(
            gap(Lsn(3), Lsn(9)),
            "id: 9\nevent: gap\ndata: {\"from\":4,\"to\":9}\n\n"
        );
    }

    #[test]
    fn a_stream_opens_with_where_it_stands() {
        assert_eq!(greeting(Lsn(4)), ": following\nid: 4\n\n");
    }

    #[test]
    fn a_follower_is_told_from_where_it_asks() {
        let position = |query, seen: Option<&'static str>| {
            let query = Query::new(query, &PARAMETERS).unwrap();
            let seen = seen.map(|seen| (LAST_EVENT_ID, HeaderValue::from_static(seen)));
            let headers = seen.map(|(name, value)| (name.parse().unwrap(), value));
            asked(&query, &headers.into_iter().collect()).ok()
        };
        assert_eq!(position(None, None), Some(None));
        assert_eq!(position(Some("from=5"), None), Some(Some(Lsn(4))));
        assert_eq!(position(Some("from=0"), None), Some(Some(Lsn(0))));
        assert_eq!(position(None, Some("5")), Some(Some(Lsn(5))));
        assert_eq!(position(Some("from=2"), Some("5")), Some(Some(Lsn(5))));
        assert_eq!(position(None, Some("five")), None);
        assert_eq!(position(Some("from=-1"), None), None);
    }

    #[test]
    fn a_follower_far_behind_gets_a_part_at_a_time_and_in_the_end_all() {
        let amendments = Amendments::new(1000);
        amendments.publish((1..=600).map(amendment).collect());
        let (mut position, mut parts) = (Lsn(0), Vec::new());
        loop {
            let since = amendments.since(position);
            assert_eq!(since.gap, None);
            let Some(last) = since.amendments.last() else {
                break;
            };
            position = last.lsn;
            parts.push(since.amendments.len());
        }
        assert_eq!(position, Lsn(600));
        assert_eq!(parts, [256, 256, 88]);
    }
}
