//! One line of a trace of events: an event as on the wire, and the features expected as of it. Must not know
//! the plugin.

use serde_json::{Map, Value};

use super::numbers::Numbers;
use crate::time::Time;

/// An event with what is expected of it.
#[derive(Clone, Debug)]
pub(super) struct Line {
    /// Its number in the file, from 1.
    pub(super) number: usize,
    pub(super) place: Place,
    pub(super) kind: String,
    pub(super) data: Map<String, Value>,
    pub(super) expect: Numbers,
}

/// Its place in the total order; an absent sequence is before any other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) time: Time,
    pub(super) sequence: Option<u64>,
    pub(super) source: String,
    pub(super) id: String,
}

impl Line {
    /// The event that a line of JSON tells.
    pub(super) fn parse(number: usize, text: &str) -> Result<Line, String> {
        let line: Map<String, Value> =
            serde_json::from_str(text).map_err(|error| format!("not a JSON object: {error}"))?;
        let data = match line.get("data") {
            Some(Value::Object(data)) => data.clone(),
            _ => return Err("no object `data` with the event's fields".to_owned()),
        };
        Ok(Line {
            number,
            place: Place {
                time: time(attribute(&line, "time")?)?,
                sequence: sequence(&line)?,
                source: attribute(&line, "source")?.to_owned(),
                id: attribute(&line, "id")?.to_owned(),
            },
            kind: attribute(&line, "type")?.to_owned(),
            data,
            expect: Numbers::of(&line, "expect")?,
        })
    }
}

fn attribute<'a>(line: &'a Map<String, Value>, name: &str) -> Result<&'a str, String> {
    let text = line.get(name).and_then(Value::as_str);
    text.ok_or_else(|| format!("no text `{name}`; an event has id, source, type, time and data"))
}

fn sequence(line: &Map<String, Value>) -> Result<Option<u64>, String> {
    let Some(value) = line.get("sequence") else {
        return Ok(None);
    };
    let number = value.as_u64().or_else(|| value.as_str()?.parse().ok());
    match number {
        Some(number) => Ok(Some(number)),
        None => Err(format!(
            "`sequence` is {value}; write an unsigned decimal like \"12\""
        )),
    }
}

fn time(text: &str) -> Result<Time, String> {
    // RFC 9557 suffixes ("[Europe/Rome]") are valid for the library but not on the wire.
    let instant: Option<jiff::Timestamp> = match text.contains('[') {
        true => None,
        false => text.parse().ok(),
    };
    instant
        .and_then(|instant| i64::try_from(instant.as_nanosecond().div_euclid(1_000)).ok())
        .map(Time)
        .ok_or_else(|| format!("`time` is `{text}`; write RFC 3339 like 2026-03-01T12:30:00.25Z"))
}
