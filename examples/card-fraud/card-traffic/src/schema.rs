//! What the events are to a pipeline: types and fields as `card-fraud.toml` has them, without its bounds. Must not
//! know who reads them.

use foreshore_event::{Field, Kind, Schema, SchemaError, Unknown};

/// The types and fields of the example's events.
///
/// # Errors
/// Never, as long as the names below are ones that a schema takes.
pub fn schema() -> Result<Schema, SchemaError> {
    let amount = Field {
        unit: Some("EUR".into()),
        ..Field::new("amount", Kind::Number)
    };
    let mut fields = vec![amount];
    fields.extend(
        ["customer", "terminal", "payment", "country"].map(|name| Field::new(name, Kind::Text)),
    );
    fields.extend(["online", "fraud"].map(|name| Field::new(name, Kind::Boolean)));
    let types = ["payment.attempted", "payment.completed", "fraud.reported"].map(String::from);
    Schema::new(types.into(), fields, Unknown::Reject)
}
