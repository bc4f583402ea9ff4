//! Step 1 of the path: the JSON of one CloudEvent to a draft, in one pass, without an intermediate tree.
//! Faults of a field are noted in the draft; only text that is not JSON is an error here.

mod value;

use std::fmt;

use serde::Deserializer as _;
use serde::de::{DeserializeSeed, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::draft::{Draft, Value};
use crate::schema::{Schema, Unknown};

/// Bytes that are not one JSON document.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// They are no text at all. Asked of every byte, of those too that are passed over.
    #[error("not valid JSON: not UTF-8 from byte {}", .0.valid_up_to() + 1)]
    Text(#[from] std::str::Utf8Error),
    /// The text is not JSON.
    #[error("not valid JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// Decodes one CloudEvent in JSON (`specversion` optional) into a row of `schema`.
///
/// Duplicate keys, values of the wrong kind, more JSON than the schema's bounds and, where the schema says so,
/// unknown data fields are noted as the draft's fault. CloudEvents attributes that foreshore does not use are
/// passed over.
///
/// # Errors
/// When the bytes are not exactly one JSON document.
pub fn decode<'a>(schema: &Schema, json: &'a [u8]) -> Result<Draft<'a>, DecodeError> {
    let mut deserializer = serde_json::Deserializer::from_str(str::from_utf8(json)?);
    let mut draft = Draft::new(schema);
    let bytes_max = schema.bounds.bytes_max;
    if json.len() > bytes_max {
        draft.fail("event", too_long(json.len(), bytes_max));
        return Ok(draft);
    }
    match deserializer.deserialize_any(Envelope {
        draft: &mut draft,
        schema,
    }) {
        // JSON, but not of an event's shape: the caller is told so like of any other fault of the event.
        Err(error) if error.is_data() => draft.fail("event", error.to_string()),
        other => {
            other?;
            deserializer.end()?;
        }
    }
    Ok(draft)
}

/// The event's attributes.
struct Envelope<'d, 'a> {
    draft: &'d mut Draft<'a>,
    schema: &'d Schema,
}

impl<'de> Visitor<'de> for Envelope<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a CloudEvent as a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Envelope { draft, schema } = self;
        let mut data_seen = false;
        while let Some(Key(key)) = map.next_key()? {
            let twice = match key.as_ref() {
                "source" => attribute(draft, &mut map, "source", |d| &mut d.source)?,
                "id" => attribute(draft, &mut map, "id", |d| &mut d.id)?,
                "type" => attribute(draft, &mut map, "type", |d| &mut d.kind)?,
                "time" => attribute(draft, &mut map, "time", |d| &mut d.time)?,
                "sequence" => sequence(draft, map.next_value()?),
                "data" => {
                    map.next_value_seed(Data {
                        draft: &mut *draft,
                        schema,
                    })?;
                    std::mem::replace(&mut data_seen, true)
                }
                "specversion" => {
                    specversion(draft, map.next_value()?);
                    false
                }
                "data_base64" => {
                    pass_over(draft, schema, &mut map, ("", &key))?;
                    draft.fail(
                        "data_base64",
                        "binary data is not taken; send `data` as a JSON object",
                    );
                    false
                }
                _ => {
                    pass_over(draft, schema, &mut map, ("", &key))?;
                    false
                }
            };
            if twice {
                draft.fail(&key, "given twice; keep one");
            }
        }
        Ok(())
    }
}

/// Passes over the value of a key that is not read; notes one that is nested too deep.
fn pass_over<'de, A: MapAccess<'de>>(
    draft: &mut Draft<'de>,
    schema: &Schema,
    map: &mut A,
    (place, key): (&str, &str),
) -> Result<&'de RawValue, A::Error> {
    let value: &RawValue = map.next_value()?;
    let depth_max = schema.bounds.depth_max;
    if depth(value.get()) > depth_max {
        draft.fail(
            &format!("{place}{key}"),
            format!("nested more than {depth_max} deep; send it flat"),
        );
    }
    Ok(value)
}

/// How deep a JSON text is nested.
fn depth(json: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let (mut in_text, mut escaped) = (false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b'[' | b'{' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

fn too_long(bytes: usize, bytes_max: usize) -> String {
    format!("{bytes} bytes long; at most {bytes_max}, the pipeline's event_bytes_max")
}

/// Reads a text attribute; tells whether it was there before.
fn attribute<'de, A: MapAccess<'de>>(
    draft: &mut Draft<'de>,
    map: &mut A,
    name: &str,
    place: for<'d> fn(&'d mut Draft<'de>) -> &'d mut Option<std::borrow::Cow<'de, str>>,
) -> Result<bool, A::Error> {
    match map.next_value()? {
        Value::Text(text) => return Ok(place(draft).replace(text).is_some()),
        Value::Null => {}
        _ => draft.fail(name, "expected a text"),
    }
    Ok(false)
}

fn sequence(draft: &mut Draft<'_>, value: Value<'_>) -> bool {
    let number = match &value {
        Value::Null => return false,
        Value::Integer(whole) => u64::try_from(*whole).ok(),
        Value::Text(text) if text.bytes().all(|b| b.is_ascii_digit()) => text.parse().ok(),
        _ => None,
    };
    if number.is_none() {
        draft.fail("sequence", "expected an unsigned decimal below 2^64");
    }
    std::mem::replace(&mut draft.sequence, number).is_some()
}

fn specversion(draft: &mut Draft<'_>, value: Value<'_>) {
    if !matches!(&value, Value::Text(version) if version == "1.0") {
        draft.fail(
            "specversion",
            "expected \"1.0\"; other versions of CloudEvents are not taken",
        );
    }
}

/// The event's data: the fields of the schema.
struct Data<'d, 'a> {
    draft: &'d mut Draft<'a>,
    schema: &'d Schema,
}

impl<'de> DeserializeSeed<'de> for Data<'_, 'de> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Data<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`data` as a JSON object")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Data { draft, schema } = self;
        let mut seen: u128 = 0;
        let mut kept = std::collections::BTreeMap::<String, &'de RawValue>::new();
        while let Some(Key(name)) = map.next_key()? {
            let Some((at, field)) = schema.position(&name) else {
                // To say what is wrong takes time: it is said once.
                let is_first = draft.fault.is_none();
                let value = pass_over(draft, schema, &mut map, ("data.", &name))?;
                match schema.unknown {
                    Unknown::Keep if kept.insert(name.to_string(), value).is_some() => {
                        draft.fail(&format!("data.{name}"), "given twice; keep one");
                    }
                    Unknown::Reject if is_first => {
                        draft.fail(&format!("data.{name}"), schema.unknown_field(&name));
                    }
                    _ => {}
                }
                continue;
            };
            let value = map.next_value()?;
            let bit = 1_u128.checked_shl(at as u32).unwrap_or(0);
            if seen & bit != 0 {
                draft.fail(&format!("data.{name}"), "given twice; keep one");
            }
            seen |= bit;
            draft.set(field, value);
        }
        if !kept.is_empty() {
            draft.extra = Some(serde_json::to_string(&kept).map_err(A::Error::custom)?);
        }
        Ok(())
    }
}

/// A key of an object, borrowed where it has no escapes.
struct Key<'a>(std::borrow::Cow<'a, str>);

impl<'de> serde::Deserialize<'de> for Key<'de> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        value::text(deserializer).map(Key)
    }
}

#[cfg(test)]
#[path = "decode_tests.rs"]
mod tests;
