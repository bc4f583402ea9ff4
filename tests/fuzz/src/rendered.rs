//! An event as JSON again, and the claim that it is then the same event. Takes events of any schema; must not
//! know how they were made.

use std::fmt::Write as _;

use foreshore_event::{Event, Kind, Row, Schema, Slot, decode, validate};

/// An event as a CloudEvent, its fields from the `nth` on first.
pub(crate) fn rendered(schema: &Schema, event: &Event, nth: usize) -> String {
    let quoted = |text: &str| serde_json::to_string(text).unwrap();
    let mut data = Vec::new();
    for field in schema.fields() {
        let value = match field.slot {
            Slot::Number(at) => number(field.kind, event.numbers()[at]),
            Slot::Text(at) => event.text(at).map(quoted),
        };
        data.extend(value.map(|value| format!("{}:{value}", quoted(&field.name))));
    }
    let extra = event.extra().map(|extra| &extra[1..extra.len() - 1]);
    data.extend(extra.map(str::to_owned));
    let turned = nth.checked_rem(data.len()).unwrap_or(0);
    data.rotate_left(turned);
    let mut json = format!(
        r#"{{"type":{},"id":{},"time":"{}","source":{},"data":{{{}}}"#,
        quoted(schema.type_name(event.kind())),
        quoted(event.id()),
        event.time(),
        quoted(event.source()),
        data.join(","),
    );
    if let Some(sequence) = event.sequence() {
        write!(json, r#","sequence":"{sequence}""#).unwrap();
    }
    json.push('}');
    json
}

fn number(kind: Kind, number: f64) -> Option<String> {
    match kind {
        _ if number.is_nan() => None,
        Kind::Boolean => Some((number != 0.0).to_string()),
        Kind::Integer => Some(format!("{number}")),
        Kind::Number | Kind::Text => Some(serde_json::to_string(&number).unwrap()),
    }
}

/// Whatever its fields are ordered like, and from its stored parts too, an event is the same again.
pub(crate) fn is_itself_again(schema: &Schema, event: &Event) {
    for nth in 0..2 {
        let json = rendered(schema, event, nth);
        let draft = decode(schema, json.as_bytes()).unwrap();
        same(&validate(schema, draft).unwrap(), event);
    }
    let row = Row {
        time: event.time(),
        sequence: event.sequence(),
        kind: event.kind(),
        source: event.source(),
        id: event.id(),
        numbers: event.numbers().to_vec(),
        texts: event.texts().collect(),
        extra: event.extra(),
    };
    same(&Event::from_row(schema, row).unwrap(), event);
}

/// Two events are one, to the bit.
pub(crate) fn same(one: &Event, other: &Event) {
    assert_eq!(one.identity(), other.identity());
    assert_eq!(one.digest(), other.digest());
    assert_eq!(one.order_key(), other.order_key());
    assert_eq!(one.kind(), other.kind());
    assert_eq!(one.extra(), other.extra());
    assert!(one.texts().eq(other.texts()));
    let bits =
        |event: &Event| -> Vec<u64> { event.numbers().iter().map(|n| n.to_bits()).collect() };
    assert_eq!(bits(one), bits(other));
}
