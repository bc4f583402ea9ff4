//! A row being filled in by a decoder, field by field, and the first fault found on the way. Takes values
//! of any origin (JSON, CSV); checks kinds; leaves bounds and presence to `validate`.

use std::borrow::Cow;

use crate::schema::{Field, Kind, Schema, Slot};
use crate::validate::Invalid;

/// Largest whole number that `f64` carries without loss.
const INTEGER_MAX: f64 = 9_007_199_254_740_992.0;

/// A value as it stood in the input.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// Nothing: the field counts as missing.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A number written without fraction or exponent.
    Integer(i128),
    /// Any other number.
    Number(f64),
    /// A text.
    Text(Cow<'a, str>),
    /// Something no field can hold, by name: "an array", "an object".
    Other(&'static str),
}

impl Value<'_> {
    fn name(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Boolean(_) => "a boolean",
            Value::Integer(_) | Value::Number(_) => "a number",
            Value::Text(_) => "a text",
            Value::Other(name) => name,
        }
    }
}

/// What a decoder has gathered of one event.
#[derive(Clone, Debug)]
pub struct Draft<'a> {
    /// Who emitted it.
    pub source: Option<Cow<'a, str>>,
    /// Its id.
    pub id: Option<Cow<'a, str>>,
    /// Its type, by name.
    pub kind: Option<Cow<'a, str>>,
    /// Its time, as text.
    pub time: Option<Cow<'a, str>>,
    /// The source's own counter.
    pub sequence: Option<u64>,
    /// Data fields the schema does not list, as a JSON object, where the pipeline keeps them.
    pub extra: Option<String>,
    pub(crate) numbers: Vec<f64>,
    pub(crate) texts: Vec<Option<Cow<'a, str>>>,
    /// The first fault found; decoding goes on behind it so that the input is consumed.
    pub(crate) fault: Option<Invalid>,
}

impl<'a> Draft<'a> {
    /// An empty row of this schema: every field missing.
    pub fn new(schema: &Schema) -> Draft<'a> {
        Draft {
            source: None,
            id: None,
            kind: None,
            time: None,
            sequence: None,
            extra: None,
            numbers: vec![f64::NAN; schema.numbers()],
            texts: vec![None; schema.texts()],
            fault: None,
        }
    }

    /// Sets a field to a value of the input; a value of the wrong kind is noted as the draft's fault.
    pub fn set(&mut self, field: &Field, value: Value<'a>) {
        match (field.kind, value) {
            (_, Value::Null) => {}
            (Kind::Text, Value::Text(text)) => self.set_text(field, text),
            (Kind::Boolean, Value::Boolean(truth)) => {
                self.set_number(field, f64::from(u8::from(truth)))
            }
            (Kind::Number | Kind::Integer, Value::Integer(whole)) => self.set_whole(field, whole),
            (Kind::Number, Value::Number(number)) => self.set_number(field, number),
            (Kind::Integer, Value::Number(number)) => self.set_integer(field, number),
            (kind, value) => {
                self.fail_field(
                    field,
                    format!("expected {}, found {}", expected(kind), value.name()),
                );
            }
        }
    }

    /// Notes a fault, unless there is one already.
    pub fn fail(&mut self, field: &str, reason: impl Into<String>) {
        if self.fault.is_none() {
            self.fault = Some(Invalid::new(field, reason));
        }
    }

    fn fail_field(&mut self, field: &Field, reason: impl Into<String>) {
        self.fail(&format!("data.{}", field.name), reason);
    }

    fn set_text(&mut self, field: &Field, text: Cow<'a, str>) {
        if let Slot::Text(at) = field.slot {
            self.texts[at] = Some(text);
        }
    }

    fn set_number(&mut self, field: &Field, number: f64) {
        if !number.is_finite() {
            return self.fail_field(
                field,
                "not a finite number; leave the field out if it is missing",
            );
        }
        if let Slot::Number(at) = field.slot {
            // One zero: -0.0 equals 0.0 and must be the same content.
            self.numbers[at] = number + 0.0;
        }
    }

    fn set_whole(&mut self, field: &Field, whole: i128) {
        if whole.unsigned_abs() > INTEGER_MAX as u128 {
            let reason = format!("integer {whole} is beyond 2^53; declare the field as text");
            return self.fail_field(field, reason);
        }
        self.set_number(field, whole as f64);
    }

    fn set_integer(&mut self, field: &Field, number: f64) {
        if number.fract() != 0.0 || number.abs() > INTEGER_MAX {
            return self.fail_field(
                field,
                format!("expected a whole number up to 2^53, found {number}"),
            );
        }
        self.set_number(field, number);
    }
}

fn expected(kind: Kind) -> &'static str {
    match kind {
        Kind::Number => "a number",
        Kind::Integer => "an integer",
        Kind::Boolean => "true or false",
        Kind::Text => "a text",
    }
}
