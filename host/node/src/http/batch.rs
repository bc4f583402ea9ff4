//! A body to its events: line by line, or from an array. Gives each one's bytes and its place in the body;
//! must not know what an event is.

use std::fmt;

use hyper::StatusCode;
use serde::Deserializer as _;
use serde::de::{SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::http::problem::Problem;

/// How many events come: a line each, or the items of an array.
pub(super) const MEDIA: [&str; 2] = [LINES, ARRAY];

const LINES: &str = "application/x-ndjson";
const ARRAY: &str = "application/cloudevents-batch+json";

/// One event's bytes in a body.
#[derive(Debug, PartialEq)]
pub(super) struct Item<'a> {
    /// Its line in the body, or its place in the array; from 1.
    pub(super) line: usize,
    pub(super) json: &'a [u8],
}

/// The events in a body of this media type.
///
/// # Errors
/// When they are more than `events_max`, or should be an array and are not.
pub(super) fn items<'a>(
    media: &str,
    body: &'a [u8],
    events_max: usize,
) -> Result<Vec<Item<'a>>, Problem> {
    let (items, count) = if media == ARRAY {
        array(body, events_max).map_err(|error| not_an_array(&error))?
    } else {
        lines(body, events_max)
    };
    match count > events_max {
        true => Err(too_many(count, events_max)),
        false => Ok(items),
    }
}

/// The first lines that are not blank, and how many there are.
fn lines(body: &[u8], events_max: usize) -> (Vec<Item<'_>>, usize) {
    let lines = body.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let numbered = (1..).zip(lines).map(|(line, json)| Item { line, json });
    let mut items = numbered.filter(|item| !item.json.is_empty());
    // The others are counted, not kept: a body of short lines would take many times its length.
    let first: Vec<_> = items.by_ref().take(events_max).collect();
    let count = first.len() + items.count();
    (first, count)
}

/// The first items of an array, and how many there are.
fn array(body: &[u8], events_max: usize) -> Result<(Vec<Item<'_>>, usize), serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let items = deserializer.deserialize_seq(Items { events_max })?;
    deserializer.end()?;
    Ok(items)
}

/// The items of an array, of which so many are kept.
struct Items {
    events_max: usize,
}

impl<'de> Visitor<'de> for Items {
    type Value = (Vec<Item<'de>>, usize);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of events")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        let mut count = 0;
        while let Some(raw) = array.next_element::<&RawValue>()? {
            count += 1;
            if count <= self.events_max {
                items.push(Item {
                    line: count,
                    json: raw.get().as_bytes(),
                });
            }
        }
        Ok((items, count))
    }
}

fn not_an_array(error: &serde_json::Error) -> Problem {
    let fix = format!("send a JSON array of CloudEvents, in UTF-8, or one on each line as {LINES}");
    Problem::new(
        StatusCode::BAD_REQUEST,
        "body",
        format!("not a JSON array: {error}"),
        fix,
    )
}

fn too_many(count: usize, events_max: usize) -> Problem {
    let what = format!("{count} events at once; at most {events_max} are taken");
    let fix = "send fewer at once; the limit is `server.events_max` of the node's configuration";
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body", what, fix)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::reply::text_of;

    fn found<'a>(media: &str, body: &'a str) -> Vec<(usize, &'a str)> {
        let items = items(media, body.as_bytes(), 3).unwrap();
        let text = |item: Item<'a>| (item.line, str::from_utf8(item.json).unwrap());
        items.into_iter().map(text).collect()
    }

    #[test]
    fn every_line_that_is_not_blank_is_an_item() {
        for (body, items) in [
            ("", vec![]),
            ("\n\r\n  \n", vec![]),
            ("{}", vec![(1, "{}")]),
            ("{}\n", vec![(1, "{}")]),
            ("{}\r\n{ }\r\n", vec![(1, "{}"), (2, "{ }")]),
            ("\n{}\n\nnot json\n", vec![(2, "{}"), (4, "not json")]),
        ] {
            assert_eq!(found(LINES, body), items, "{body:?}");
        }
    }

    #[test]
    fn every_element_of_an_array_is_an_item() {
        for (body, items) in [
            ("[]", vec![]),
            (
                " [ {\"a\": [1]} , 2 ] ",
                vec![(1, "{\"a\": [1]}"), (2, "2")],
            ),
        ] {
            assert_eq!(found(ARRAY, body), items, "{body:?}");
        }
    }

    #[test]
    fn a_body_that_gives_no_items_is_refused_as_a_whole() {
        for (media, body, status, said) in [
            (ARRAY, "{}", 400, "not a JSON array"),
            (ARRAY, "[{}", 400, "not a JSON array: EOF"),
            (ARRAY, "[] []", 400, "trailing characters"),
            (ARRAY, "[1,2,3,4]", 413, "4 events at once; at most 3"),
            (LINES, "1\n2\n3\n4", 413, "server.events_max"),
        ] {
            let problem = items(media, body.as_bytes(), 3).unwrap_err();
            let response = problem.into_response();
            assert_eq!(response.status(), status, "{body}");
            let message = text_of(response);
            assert!(message.contains(said), "{body}: {message}");
        }
    }
}
