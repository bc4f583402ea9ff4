//! Drafts to events, against a second opinion. Bytes are a schema and what events say; each is taken exactly
//! if a plain reading of the rules takes it, holds what was said, and compares with others by the order's words.

/// What an event says, and whether it may.
mod said;

use arbitrary::{Result, Unstructured};
use foreshore_event::{Event, Field, Kind, Required, Schema, TypeIndex, Unknown, decode, validate};

use crate::rendered::{is_itself_again, rendered};
use said::Said;

/// Makes a schema and events, and validates them.
pub fn run(bytes: &[u8]) {
    // Bytes that run out end the story where they do.
    let _ = story(&mut Unstructured::new(bytes));
}

fn story(from: &mut Unstructured<'_>) -> Result<()> {
    let schema = schema(from)?;
    let mut events = Vec::new();
    for _ in 0..from.int_in_range(1..=3)? {
        let said = Said::new(from, &schema)?;
        let json = said.json();
        let draft = decode(&schema, json.as_bytes()).expect("JSON that does not decode");
        match (validate(&schema, draft), said.fault(&schema)) {
            (Ok(event), None) => {
                said.is_held(&schema, &event);
                is_itself_again(&schema, &event);
                events.push(event);
            }
            (Err(_), Some(_)) => {}
            (found, expected) => panic!("{json}\nfound {found:?}, expected {expected:?}"),
        }
    }
    for one in &events {
        events.iter().for_each(|other| compare(&schema, one, other));
    }
    Ok(())
}

/// Up to five fields of any kind, with any bounds.
fn schema(from: &mut Unstructured<'_>) -> Result<Schema> {
    let types = ["paid", "refused"].map(String::from).to_vec();
    let mut fields = Vec::new();
    for name in ["a", "b", "c", "d", "é"]
        .into_iter()
        .take(from.int_in_range(1..=5)?)
    {
        let kinds = [Kind::Number, Kind::Integer, Kind::Boolean, Kind::Text];
        let mut field = Field::new(name, *from.choose(&kinds)?);
        field.required = match from.int_in_range(0..=3)? {
            0 => Required::Always,
            1 => Required::For(vec![TypeIndex(from.int_in_range(0..=1)?)]),
            _ => Required::Never,
        };
        match field.kind {
            Kind::Text => {
                field.text_bytes_max = *from.choose(&[0, 2, 256])?;
                if from.ratio(1, 4)? {
                    field.allowed = ["x", "yy"].map(String::from).to_vec();
                }
            }
            _ => {
                field.min = *from.choose(&[None, None, Some(-1.5), Some(1.0)])?;
                field.max = *from.choose(&[None, None, Some(1.0), Some(1e6)])?;
            }
        }
        fields.push(field);
    }
    let unknown = *from.choose(&[Unknown::Keep, Unknown::Ignore, Unknown::Reject])?;
    Ok(Schema::new(types, fields, unknown).unwrap())
}

/// Order, identity and digest are functions of what events say, and of nothing else.
fn compare(schema: &Schema, one: &Event, other: &Event) {
    let name = |event: &Event| (event.source().to_owned(), event.id().to_owned());
    assert_eq!(one.identity() == other.identity(), name(one) == name(other));
    let key = |event: &Event| (event.time(), event.sequence(), name(event));
    assert_eq!(
        one.order_key().cmp(&other.order_key()),
        key(one).cmp(&key(other))
    );
    // As written out, apart from who says it.
    let content = |event: &Event| {
        let (source, id) = (
            serde_json::json!(event.source()),
            serde_json::json!(event.id()),
        );
        let json = rendered(schema, event, 0);
        let json = json.replacen(&format!(r#""id":{id}"#), "", 1);
        json.replacen(&format!(r#""source":{source}"#), "", 1)
    };
    assert_eq!(
        one.digest() == other.digest(),
        content(one) == content(other)
    );
}
