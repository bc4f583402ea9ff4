//! `POST events`: many events in, the fate of each out. Takes what can be taken and says of the rest which
//! line, which field and why. Every event read is counted exactly once.

use std::time::{Duration, Instant};

use foreshore_core::{Counts, Disposition, Pipeline};
use foreshore_event::{Event, Invalid, decode, validate};
use hyper::StatusCode;
use hyper::header::RETRY_AFTER;
use serde::{Serialize, Serializer};

use crate::clock;
use crate::http::batch::{Item, MEDIA, items};
use crate::http::body::{Arriving, Unread};
use crate::http::entrance::Guest;
use crate::http::node::Served;
use crate::http::problem::{Problem, TOO_FAST, retry_after, status, whole_seconds};
use crate::http::reply::{self, Response};
use crate::worker::request::Turn;
use crate::worker::{Shed, Unavailable};

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
    /// How long sources are to wait that were too fast; the longest of them.
    #[serde(skip)]
    wait: Option<Duration>,
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
pub(super) async fn events<B: Arriving>(
    served: Served<'_>,
    guest: &Guest,
    events_max: usize,
    body: Unread<'_, B>,
) -> Result<Response, Problem> {
    let body = body.read(&MEDIA).await?;
    let items = items(body.media, &body.bytes, events_max)?;
    let mut tally = Tally::default();
    let mut refused = None;
    for slice in items.chunks(SLICE_EVENTS) {
        match refused {
            None => refused = take(served, guest, slice, &mut tally).await.err(),
            // The pipeline cannot take more now: what follows waits with its sender, in order.
            Some(reason) => {
                shed(served, slice, reason, &mut tally);
            }
        }
    }
    // Not a good status where events were shed, so that nobody who looks no further loses them.
    let (status, header) = match (refused, tally.wait) {
        (Some(reason), _) => (status(reason), Some(retry_after(served.handle))),
        (None, Some(wait)) => {
            let wait = (RETRY_AFTER, whole_seconds(wait).into());
            (StatusCode::TOO_MANY_REQUESTS, Some(wait))
        }
        (None, None) => (StatusCode::OK, None),
    };
    let mut response = reply::json(status, &tally);
    response.headers_mut().extend(header);
    Ok(response)
}

/// Turns a slice away unread.
fn shed(served: Served<'_>, slice: &[Item<'_>], reason: Unavailable, tally: &mut Tally) {
    served.handle.count_shed(slice.len() as u64, reason);
    let said = reason.to_string();
    slice.iter().for_each(|item| tally.shed(item.line, &said));
}

/// Takes in one slice; fails when the pipeline sheds it.
async fn take(
    served: Served<'_>,
    guest: &Guest,
    slice: &[Item<'_>],
    tally: &mut Tally,
) -> Result<(), Unavailable> {
    let Served { handle, meters, .. } = served;
    if let Err(reason) = handle.check(true) {
        shed(served, slice, reason, tally);
        return Err(reason);
    }
    let stages = &meters.events;
    let mut loaded = handle.loaded();
    let now = Instant::now();
    let counted = |event: &Event| served.rates.count(event.source(), now);
    let (mut items, mut events) = stages
        .decode
        .time(|| read_all(served, guest, &loaded.pipeline, slice, counted, tally));
    let (asked, arrival) = (Instant::now(), clock::now());
    let dispositions = loop {
        if events.is_empty() {
            return Ok(());
        }
        match handle.ingest(&loaded, events, arrival).await {
            Ok(Turn::Done(dispositions)) => break Ok(dispositions),
            Err(reason) => break Err(reason),
            Ok(Turn::Overtaken(overtaken)) => {
                overtaken.take_back();
                loaded = handle.loaded();
                // Their sources have been charged for them.
                let again = |_: &Event| Ok(());
                (items, events) = read_all(served, guest, &loaded.pipeline, items, again, tally);
            }
        }
    };
    stages.worker.record(asked.elapsed());
    match dispositions {
        Ok(dispositions) => {
            for (item, disposition) in items.into_iter().zip(dispositions) {
                tally.note(item.line, disposition, &loaded.pipeline);
            }
            Ok(())
        }
        Err(reason) => {
            let said = reason.to_string();
            let lines = items.into_iter().map(|item| item.line);
            lines.for_each(|line| tally.shed(line, &said));
            Err(reason)
        }
    }
}

/// The events among these items that may be handed over, with their items; of the others the tally says why not.
/// `counted` says of each how long its source is to wait, if it is too fast.
fn read_all<'a>(
    served: Served<'_>,
    guest: &Guest,
    pipeline: &Pipeline,
    items: impl IntoIterator<Item = &'a Item<'a>>,
    counted: impl Fn(&Event) -> Result<(), Duration>,
    tally: &mut Tally,
) -> (Vec<&'a Item<'a>>, Vec<Event>) {
    let items = items.into_iter();
    let mut kept = Vec::with_capacity(items.size_hint().0);
    let mut events = Vec::with_capacity(items.size_hint().0);
    let (mut invalid, mut too_fast) = (0, 0);
    for item in items {
        let event = read(pipeline, item.json);
        let own = event.and_then(|event| guest.speaks_for(event.source()).map(|()| event));
        let event = match own {
            Ok(event) => event,
            Err(fault) => {
                invalid += 1;
                tally.reject(item.line, Disposition::Invalid, fault);
                continue;
            }
        };
        match counted(&event) {
            Ok(()) => {
                kept.push(item);
                events.push(event);
            }
            Err(wait) => {
                too_fast += 1;
                tally.wait = tally.wait.max(Some(wait));
                tally.shed(item.line, TOO_FAST);
            }
        }
    }
    served.handle.count_invalid(invalid);
    served.handle.count_shed(too_fast, Shed::Rate);
    (kept, events)
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
    fn shed(&mut self, line: usize, reason: &str) {
        self.reject(line, Disposition::Shed, Invalid::new("event", reason));
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
        (1..=REJECTED_MAX + 7).for_each(|line| tally.shed(line, TOO_FAST));
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
