//! `POST events`: many events in, the fate of each out. Takes what can be taken and says of the rest which
//! line, which field and why. Every event read is counted exactly once.

use std::time::Instant;

use foreshore_core::{Counts, Disposition, Pipeline};
use foreshore_event::{Event, Invalid, decode, validate};
use hyper::StatusCode;
use hyper::body::{Body, Bytes};
use serde::{Serialize, Serializer};

use crate::http::batch::{Item, MEDIA, items};
use crate::http::body::Unread;
use crate::http::node::Served;
use crate::http::problem::{Problem, retry_after};
use crate::http::reply::{self, Response};
use crate::worker::Unavailable;

/// Events handed to the pipeline at once: a score request never waits for more of them than these.
const SLICE_EVENTS: usize = 256;

/// Rejected events described one by one; the others are counted.
const REJECTED_MAX: usize = 100;

/// What became of a body's events.
#[derive(Debug, Default, Serialize)]
struct Tally {
    received: u64,
    #[serde(serialize_with = "by_name")]
    dispositions: Counts,
    rejected: Vec<Rejected>,
    /// How many more were rejected than are described.
    rejected_more: u64,
}

/// An event that was not taken, or not for good.
#[derive(Debug, Serialize)]
struct Rejected {
    line: usize,
    disposition: &'static str,
    field: String,
    reason: String,
}

/// Takes in the events of a body.
pub(super) async fn events<B>(
    served: Served<'_>,
    events_max: usize,
    body: Unread<'_, B>,
) -> Result<Response, Problem>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: std::fmt::Display,
{
    let (media, body) = body.read(&MEDIA).await?;
    let items = items(media, &body, events_max)?;
    let mut tally = Tally::default();
    let mut refused = None;
    for slice in items.chunks(SLICE_EVENTS) {
        match refused {
            None => refused = take(served, slice, &mut tally).await.err(),
            // The pipeline has too much to do already: what follows waits with its sender, in order.
            Some(reason) => {
                served.handle.count_shed(slice.len() as u64);
                slice.iter().for_each(|item| tally.shed(item.line, reason));
            }
        }
    }
    Ok(match refused {
        None => reply::json(StatusCode::OK, &tally),
        // Not a good status, so that nobody who looks no further loses events.
        Some(_) => {
            let mut response = reply::json(StatusCode::SERVICE_UNAVAILABLE, &tally);
            response.headers_mut().extend([retry_after(served.handle)]);
            response
        }
    })
}

/// Takes in one slice; fails when the pipeline sheds it.
async fn take(
    served: Served<'_>,
    slice: &[Item<'_>],
    tally: &mut Tally,
) -> Result<(), Unavailable> {
    let Served { handle, meters, .. } = served;
    let pipeline = &*handle.loaded().pipeline;
    let stages = &meters.events;
    let mut lines = Vec::with_capacity(slice.len());
    let mut events = Vec::with_capacity(slice.len());
    let mut invalid = 0;
    stages.decode.time(|| {
        for item in slice {
            match read(pipeline, item.json) {
                Ok(event) => {
                    lines.push(item.line);
                    events.push(event);
                }
                Err(fault) => {
                    invalid += 1;
                    tally.reject(item.line, Disposition::Invalid, fault);
                }
            }
        }
    });
    handle.count_invalid(invalid);
    if events.is_empty() {
        return Ok(());
    }
    let asked = Instant::now();
    let dispositions = handle.ingest(events).await;
    stages.worker.record(asked.elapsed());
    match dispositions {
        Ok(dispositions) => {
            for (line, disposition) in lines.into_iter().zip(dispositions) {
                tally.note(line, disposition, pipeline);
            }
            Ok(())
        }
        Err(reason) => {
            lines.into_iter().for_each(|line| tally.shed(line, reason));
            Err(reason)
        }
    }
}

fn read(pipeline: &Pipeline, json: &[u8]) -> Result<Event, Invalid> {
    let draft =
        decode(&pipeline.schema, json).map_err(|error| Invalid::new("event", error.to_string()))?;
    validate(&pipeline.schema, draft)
}

impl Tally {
    /// Counts an event the pipeline has met, and describes it if its sender has something to do.
    fn note(&mut self, line: usize, disposition: Disposition, pipeline: &Pipeline) {
        let fault = match disposition {
            Disposition::Conflict => Invalid::new(
                "id",
                "sent before and said something else; give every event an id of its own",
            ),
            Disposition::Future => Invalid::new(
                "time",
                format!(
                    "more than {} ahead of its arrival; send it again when its time has come",
                    pipeline.future_max
                ),
            ),
            _ => return self.count(disposition),
        };
        self.reject(line, disposition, fault);
    }

    /// Counts and describes an event turned away.
    fn shed(&mut self, line: usize, reason: Unavailable) {
        let fault = Invalid::new("event", reason.to_string());
        self.reject(line, Disposition::Shed, fault);
    }

    fn reject(&mut self, line: usize, disposition: Disposition, fault: Invalid) {
        self.count(disposition);
        if self.rejected.len() == REJECTED_MAX {
            self.rejected_more += 1;
            return;
        }
        self.rejected.push(Rejected {
            line,
            disposition: disposition.name(),
            field: fault.field,
            reason: fault.reason,
        });
    }

    fn count(&mut self, disposition: Disposition) {
        self.received += 1;
        self.dispositions.add(disposition);
    }
}

fn by_name<S: Serializer>(counts: &Counts, serializer: S) -> Result<S::Ok, S::Error> {
    let named = Disposition::ALL.map(|disposition| (disposition.name(), counts.of(disposition)));
    serializer.collect_map(named)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::json::tests::pipeline;

    #[test]
    fn every_event_is_counted_and_the_rejected_ones_are_described() {
        let pipeline = pipeline();
        let mut tally = Tally::default();
        tally.note(1, Disposition::Admitted, &pipeline);
        tally.note(2, Disposition::Future, &pipeline);
        tally.note(3, Disposition::Late, &pipeline);
        tally.reject(
            5,
            Disposition::Invalid,
            Invalid::new("data.amount", "missing"),
        );
        let said = serde_json::to_value(&tally).unwrap();
        let expected = serde_json::json!({
            "received": 4,
            "dispositions": {
                "admitted": 1, "duplicate": 0, "conflict": 0, "late": 1, "future": 1, "invalid": 1, "shed": 0
            },
            "rejected": [
                {
                    "line": 2, "disposition": "future", "field": "time",
                    "reason": "more than 5m ahead of its arrival; send it again when its time has come"
                },
                {"line": 5, "disposition": "invalid", "field": "data.amount", "reason": "missing"}
            ],
            "rejected_more": 0
        });
        assert_eq!(said, expected);
    }

    #[test]
    fn a_long_list_of_rejected_events_is_cut_and_says_so() {
        let mut tally = Tally::default();
        (1..=REJECTED_MAX + 7).for_each(|line| tally.shed(line, Unavailable::Overloaded));
        assert_eq!(tally.rejected.len(), REJECTED_MAX);
        assert_eq!(tally.rejected_more, 7);
        assert_eq!(tally.dispositions.of(Disposition::Shed), 107);
        assert_eq!(tally.received, 107);
    }

    #[test]
    fn a_line_that_is_no_event_is_told_what_is_wrong_with_it() {
        let fault = |json: &str| read(&pipeline(), json.as_bytes()).unwrap_err();
        assert_eq!(fault("{").field, "event");
        assert!(fault("{").reason.starts_with("not valid JSON: "));
        assert_eq!(fault("{}").field, "source");
    }
}
