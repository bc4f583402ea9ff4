//! Step 2 of the path: a draft to an event. Checks presence, bounds, allowed values and lengths against
//! the schema; the only way to `Event` for what arrives. The first fault is named with its field.

use std::borrow::Cow;

use crate::draft::Draft;
use crate::event::Event;
use crate::schema::{Field, Required, Schema, Slot, TypeIndex};
use crate::time::Time;

/// Longest `source` and longest `id`, in bytes: both stand in every order key.
pub const NAME_BYTES_MAX: usize = 256;

/// Why an event is `invalid`: the field at fault and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct Invalid {
    /// The attribute (`time`) or data field (`data.amount`) at fault.
    pub field: String,
    /// What is wrong, and what would be right.
    pub reason: String,
}

/// Longest name of a field and longest reason of a fault, in bytes: what a sender wrote is not sent back to it
/// at any length.
const TOLD_BYTES_MAX: usize = 512;

impl Invalid {
    /// A fault of a field or attribute.
    pub fn new(field: impl Into<String>, reason: impl Into<String>) -> Invalid {
        Invalid {
            field: cut(field.into()),
            reason: cut(reason.into()),
        }
    }
}

/// A text of a fault, cut where it is too long.
fn cut(mut text: String) -> String {
    if text.len() > TOLD_BYTES_MAX {
        text.truncate(text.floor_char_boundary(TOLD_BYTES_MAX));
        text.push('…');
    }
    text
}

/// Checks a draft and makes it an event.
///
/// # Errors
/// The first fault: the decoder's own, then the attributes, then the data fields in schema order.
pub fn validate(schema: &Schema, mut draft: Draft<'_>) -> Result<Event, Invalid> {
    if let Some(fault) = draft.fault.take() {
        return Err(fault);
    }
    check_name("source", draft.source.as_deref())?;
    check_name("id", draft.id.as_deref())?;
    let kind = check_type(schema, draft.kind.as_deref())?;
    let time = check_time(draft.time.as_deref())?;
    for field in schema.fields() {
        check_field(field, kind, &draft)
            .map_err(|reason| Invalid::new(format!("data.{}", field.name), reason))?;
    }
    Ok(Event::new(schema, kind, time, draft))
}

/// Checks a `source` or an `id`.
pub(crate) fn check_name(attribute: &str, name: Option<&str>) -> Result<(), Invalid> {
    let reason: Cow<'_, str> = match name {
        None => "missing; every event names its source and its id within it".into(),
        Some("") => "empty; every event names its source and its id within it".into(),
        Some(name) if name.len() > NAME_BYTES_MAX => {
            format!("{} bytes long; at most {NAME_BYTES_MAX}", name.len()).into()
        }
        Some(name) if name.chars().any(char::is_control) => "holds a control character".into(),
        Some(_) => return Ok(()),
    };
    Err(Invalid::new(attribute, reason))
}

fn check_type(schema: &Schema, kind: Option<&str>) -> Result<TypeIndex, Invalid> {
    let known = || schema.types().join(", ");
    let kind = kind.ok_or_else(|| Invalid::new("type", format!("missing; one of {}", known())))?;
    schema.type_index(kind).ok_or_else(|| {
        let shown: String = kind.chars().take(64).collect();
        Invalid::new(
            "type",
            format!(
                "`{shown}` is not a type of this pipeline; it takes {}",
                known()
            ),
        )
    })
}

fn check_time(time: Option<&str>) -> Result<Time, Invalid> {
    let text = time.ok_or_else(|| {
        Invalid::new(
            "time",
            "missing; events are ordered by their time, write it in RFC 3339",
        )
    })?;
    text.parse()
        .map_err(|error| Invalid::new("time", format!("{error}")))
}

fn check_field(field: &Field, kind: TypeIndex, draft: &Draft<'_>) -> Result<(), String> {
    let missing = match field.slot {
        Slot::Number(at) => draft.numbers[at].is_nan(),
        Slot::Text(at) => draft.texts[at].is_none(),
    };
    let required = match &field.required {
        Required::Never => false,
        Required::Always => true,
        Required::For(kinds) => kinds.contains(&kind),
    };
    match field.slot {
        _ if missing && required => Err(format!(
            "missing; events of this type need this {}",
            field.kind.name()
        )),
        _ if missing => Ok(()),
        Slot::Number(at) => check_range(field, draft.numbers[at]),
        Slot::Text(at) => check_text(field, draft.texts[at].as_deref().unwrap_or_default()),
    }
}

fn check_range(field: &Field, number: f64) -> Result<(), String> {
    let unit = field
        .unit
        .as_ref()
        .map_or(String::new(), |unit| format!(" {unit}"));
    match (field.min, field.max) {
        (Some(min), _) if number < min => Err(format!(
            "{number} is below the smallest allowed, {min}{unit}"
        )),
        (_, Some(max)) if number > max => Err(format!(
            "{number} is above the largest allowed, {max}{unit}"
        )),
        _ => Ok(()),
    }
}

fn check_text(field: &Field, text: &str) -> Result<(), String> {
    if text.len() > field.text_bytes_max {
        return Err(format!(
            "{} bytes long; at most {}",
            text.len(),
            field.text_bytes_max
        ));
    }
    if !field.allowed.is_empty() && !field.allowed.iter().any(|allowed| allowed == text) {
        return Err(format!(
            "`{text}` is not allowed; one of {}",
            field.allowed.join(", ")
        ));
    }
    Ok(())
}
