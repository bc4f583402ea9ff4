//! Events of the pipeline that guests are bound to. Must not know the guests.

use foreshore_event::{Event, Field, Kind, Schema, Unknown, decode, validate};
use foreshore_timeline::{Flags, Row};

/// What `describe` of the guests expects.
pub fn schema() -> Schema {
    let mut amount = Field::new("amount", Kind::Number);
    amount.unit = Some("EUR".into());
    let fields = vec![amount, Field::new("card", Kind::Text)];
    Schema::new(vec!["paid".into()], fields, Unknown::Reject).unwrap()
}

/// A payment.
pub fn paid(amount: f64) -> Event {
    let json = format!(
        r#"{{"id":"1","source":"till","type":"paid","time":"2026-03-01T12:00:00Z","data":{{"amount":{amount},"card":"c1"}}}}"#
    );
    let schema = schema();
    validate(&schema, decode(&schema, json.as_bytes()).unwrap()).unwrap()
}

/// A row of an event: `a`pply, `e`mit, `m`ark.
pub fn row<'a>(event: &'a Event, flags: &str) -> Row<'a> {
    Row {
        event: Some(event),
        time: event.time(),
        flags: Flags {
            apply: flags.contains('a'),
            emit: flags.contains('e'),
            mark: flags.contains('m'),
        },
    }
}
