//! What an event says, and whether it may: a plain reading of the rules, written without a look at the code
//! that keeps them. Takes choices; gives JSON, and a verdict.

use arbitrary::{Result, Unstructured};
use foreshore_event::{Event, Field, Kind, Required, Schema, Slot, TypeIndex, Unknown};

/// Largest magnitude of an integer.
const INTEGER_MAX: i64 = 1 << 53;

/// A value, as JSON has it.
#[derive(Clone, Debug)]
enum Value {
    Null,
    Boolean(bool),
    Whole(i64),
    Number(f64),
    Text(String),
    List,
    Object,
}

/// What an event says.
#[derive(Debug)]
pub(super) struct Said {
    source: Value,
    id: Value,
    kind: &'static str,
    time: (&'static str, Option<i64>),
    sequence: Option<Value>,
    /// By name, in the order in which they stand; a name may stand twice.
    data: Vec<(String, Value)>,
}

/// Times and their microseconds; none for what is no time.
const TIMES: [(&str, Option<i64>); 8] = [
    ("1970-01-01T00:00:00Z", Some(0)),
    ("1970-01-01T00:00:00.0000019Z", Some(1)),
    ("1969-12-31T23:59:59.9999999Z", Some(-1)),
    ("1970-01-01T02:00:00.5+02:00", Some(500_000)),
    ("1969-12-31T23:30:00-00:30", Some(0)),
    ("1970-01-01T00:00:00", None),
    ("1970-01-01T00:00:00+01:00[Europe/Rome]", None),
    ("yesterday", None),
];

impl Said {
    pub(super) fn new(from: &mut Unstructured<'_>, schema: &Schema) -> Result<Said> {
        let mut data = Vec::new();
        for field in schema.fields() {
            if from.ratio(7, 8)? {
                data.push((field.name.clone(), value_for(from, field)?));
            }
        }
        if from.ratio(1, 8)? {
            data.push((from.choose(&["zz", "a", "\n"])?.to_string(), value(from)?));
        }
        if !data.is_empty() {
            let turned = from.choose_index(data.len())?;
            data.rotate_left(turned);
        }
        let sequence = match from.int_in_range(0..=3)? {
            0 => Some(Value::Whole(from.arbitrary()?)),
            1 => Some(value(from)?),
            _ => None,
        };
        Ok(Said {
            source: name(from)?,
            id: name(from)?,
            kind: from.choose(&["paid", "paid", "refused", "stolen"])?,
            time: *from.choose(&TIMES)?,
            sequence,
            data,
        })
    }

    pub(super) fn json(&self) -> String {
        let fields = self.data.iter();
        let fields = fields.map(|(name, value)| format!("{}:{}", quoted(name), json(value)));
        let data = fields.collect::<Vec<_>>().join(", ");
        let sequence = self.sequence.as_ref();
        let sequence = sequence.map_or(String::new(), |value| {
            format!(r#""sequence":{},"#, json(value))
        });
        format!(
            r#"{{"specversion":"1.0","source":{},"id":{},"type":"{}","time":"{}",{sequence}"data":{{{data}}}}}"#,
            json(&self.source),
            json(&self.id),
            self.kind,
            self.time.0,
        )
    }

    /// What of it breaks a rule, if anything does.
    pub(super) fn fault(&self, schema: &Schema) -> Option<String> {
        for name in [&self.source, &self.id] {
            let good = matches!(name, Value::Text(text)
                if (1..=256).contains(&text.len()) && !text.contains(char::is_control));
            if !good {
                return Some(format!("{name:?} as a name"));
            }
        }
        if self.kind == "stolen" || self.time.1.is_none() {
            return Some("type or time".into());
        }
        if self
            .sequence
            .as_ref()
            .is_some_and(|value| sequence(value).is_err())
        {
            return Some("sequence".into());
        }
        let names: std::collections::BTreeSet<_> = self.data.iter().map(|(name, _)| name).collect();
        let ignored =
            |name: &str| schema.field(name).is_none() && schema.unknown == Unknown::Ignore;
        if names.len() < self.data.iter().filter(|(name, _)| !ignored(name)).count() {
            return Some("a name twice".into());
        }
        let mut unknown = names.iter().filter(|name| schema.field(name).is_none());
        if unknown.next().is_some() && schema.unknown == Unknown::Reject {
            return Some("an unknown field".into());
        }
        let mut fields = schema.fields().iter();
        fields.find_map(|field| self.field_fault(field))
    }

    fn value_of(&self, field: &Field) -> &Value {
        let found = self.data.iter().find(|(name, _)| *name == field.name);
        found.map_or(&Value::Null, |(_, value)| value)
    }

    fn field_fault(&self, field: &Field) -> Option<String> {
        let kind = TypeIndex(u16::from(self.kind == "refused"));
        let required = match &field.required {
            Required::Never => false,
            Required::Always => true,
            Required::For(kinds) => kinds.contains(&kind),
        };
        let number = match (field.kind, self.value_of(field)) {
            (_, Value::Null) if required => return Some(format!("{} missing", field.name)),
            (_, Value::Null) => return None,
            (Kind::Text, Value::Text(text)) => {
                let allowed = field.allowed.is_empty() || field.allowed.contains(text);
                let fits = allowed && text.len() <= field.text_bytes_max;
                return (!fits).then(|| format!("{text:?} in {}", field.name));
            }
            (Kind::Boolean, Value::Boolean(truth)) => f64::from(*truth),
            (Kind::Number | Kind::Integer, Value::Whole(whole))
                if whole.unsigned_abs() <= INTEGER_MAX.unsigned_abs() =>
            {
                *whole as f64
            }
            (Kind::Number, Value::Number(number)) => *number,
            (Kind::Integer, Value::Number(number))
                if number.fract() == 0.0 && number.abs() <= INTEGER_MAX as f64 =>
            {
                *number
            }
            (kind, value) => return Some(format!("{value:?} as {kind:?}")),
        };
        let fits =
            field.min.is_none_or(|min| number >= min) && field.max.is_none_or(|max| number <= max);
        (!fits).then(|| format!("{number} in {}", field.name))
    }

    /// The event holds what was said.
    pub(super) fn is_held(&self, schema: &Schema, event: &Event) {
        assert_eq!(Some(event.time().0), self.time.1);
        let said = self.sequence.as_ref().map_or(Ok(None), sequence);
        assert_eq!(Ok(event.sequence()), said);
        for field in schema.fields() {
            match (field.slot, self.value_of(field)) {
                (Slot::Text(at), Value::Text(text)) => assert_eq!(event.text(at), Some(&**text)),
                (Slot::Text(at), _) => assert_eq!(event.text(at), None),
                (Slot::Number(at), value) => {
                    let expected = match value {
                        Value::Boolean(truth) => f64::from(*truth),
                        Value::Whole(whole) => *whole as f64,
                        Value::Number(number) => *number + 0.0,
                        _ => f64::NAN,
                    };
                    assert_eq!(event.numbers()[at].to_bits(), expected.to_bits());
                }
            }
        }
    }
}

/// A sequence, if the value is one.
fn sequence(value: &Value) -> std::result::Result<Option<u64>, ()> {
    match value {
        Value::Null => Ok(None),
        Value::Whole(whole) => u64::try_from(*whole).map(Some).map_err(drop),
        Value::Text(text) if text.chars().all(|c| c.is_ascii_digit()) => {
            text.parse().map(Some).map_err(drop)
        }
        _ => Err(()),
    }
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

fn json(value: &Value) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Boolean(truth) => truth.to_string(),
        Value::Whole(whole) => whole.to_string(),
        Value::Number(number) => serde_json::to_string(number).unwrap(),
        Value::Text(text) => quoted(text),
        Value::List => "[1, [2]]".into(),
        Value::Object => r#"{"a": {}}"#.into(),
    }
}

fn name(from: &mut Unstructured<'_>) -> Result<Value> {
    Ok(match from.int_in_range(0..=9)? {
        0 => value(from)?,
        1 => Value::Text("n".repeat(from.int_in_range(255..=257)?)),
        2 => Value::Text(from.arbitrary()?),
        3..=5 => Value::Text("till-2".into()),
        _ => Value::Text("till".into()),
    })
}

/// A value that may well fit a field.
fn value_for(from: &mut Unstructured<'_>, field: &Field) -> Result<Value> {
    if from.ratio(1, 8)? {
        return value(from);
    }
    Ok(match field.kind {
        Kind::Boolean => Value::Boolean(from.arbitrary()?),
        Kind::Integer => Value::Whole(from.int_in_range(-3..=3)?),
        Kind::Number => number(from)?,
        Kind::Text => Value::Text(from.choose(&["x", "yy", "", "zzz"])?.to_string()),
    })
}

fn value(from: &mut Unstructured<'_>) -> Result<Value> {
    Ok(match from.int_in_range(0..=7)? {
        0 => Value::Null,
        1 => Value::Boolean(from.arbitrary()?),
        2 => Value::Whole(from.arbitrary()?),
        3 => Value::Whole(*from.choose(&[
            INTEGER_MAX,
            INTEGER_MAX + 1,
            -INTEGER_MAX,
            1 - INTEGER_MAX,
        ])?),
        4 => number(from)?,
        5 => Value::Text(from.arbitrary()?),
        6 => Value::List,
        _ => Value::Object,
    })
}

fn number(from: &mut Unstructured<'_>) -> Result<Value> {
    let number: f64 = from.arbitrary()?;
    Ok(Value::Number(if number.is_finite() {
        number
    } else {
        -0.0
    }))
}
