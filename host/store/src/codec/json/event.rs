//! Events as JSON: the row of one that arrived, field by field, and one that is only mentioned.
//! Must not know what became of them.

use foreshore_core::{Manifest, Mention};
use foreshore_event::{Event, Time};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

use super::number::{OfKind, text};

/// An event as it arrived.
#[derive(serde::Serialize)]
pub(super) struct Arrived<'a> {
    event: &'a str,
    source: &'a str,
    r#type: Option<&'a str>,
    #[serde(serialize_with = "text")]
    time: Time,
    sequence: Option<u64>,
    data: Data<'a>,
    extra: Option<Value>,
}

impl<'a> Arrived<'a> {
    pub(super) fn new(event: &'a Event, manifest: &'a Manifest) -> Arrived<'a> {
        Arrived {
            event: event.id(),
            source: event.source(),
            r#type: manifest
                .types
                .get(usize::from(event.kind().0))
                .map(String::as_str),
            time: event.time(),
            sequence: event.sequence(),
            data: Data { event, manifest },
            extra: event.extra().map(extra),
        }
    }
}

/// Unlisted data fields as the object they are, if that says the same; else as the text it is.
fn extra(json: &str) -> Value {
    let parsed: Option<Value> = serde_json::from_str(json).ok();
    parsed
        .filter(|value| &*value.to_string() == json)
        .unwrap_or_else(|| Value::from(json))
}

/// The fields of a row, by name.
struct Data<'a> {
    event: &'a Event,
    manifest: &'a Manifest,
}

impl Serialize for Data<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut numbers = self.event.numbers().iter();
        let mut texts = self.event.texts();
        let mut data = to.serialize_map(Some(self.manifest.fields.len()))?;
        for field in &self.manifest.fields {
            match field.kind.as_str() {
                "text" => data.serialize_entry(&field.name, &texts.next().flatten())?,
                kind => {
                    let number = numbers.next().map(|&number| OfKind(kind, number));
                    data.serialize_entry(&field.name, &number)?;
                }
            }
        }
        data.end()
    }
}

/// An event that is only mentioned.
#[derive(serde::Serialize)]
pub(super) struct Mentioned<'a> {
    lsn: u64,
    event: &'a str,
    source: &'a str,
    r#type: Option<&'a str>,
    #[serde(serialize_with = "text")]
    time: Time,
}

impl<'a> Mentioned<'a> {
    pub(super) fn new(mention: &'a Mention, manifest: &'a Manifest) -> Mentioned<'a> {
        Mentioned {
            lsn: mention.lsn.0,
            event: &mention.id,
            source: &mention.source,
            r#type: manifest
                .types
                .get(usize::from(mention.kind.0))
                .map(String::as_str),
            time: mention.time,
        }
    }
}
