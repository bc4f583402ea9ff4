//! The pipeline that targets read and write events of: every kind of field, and the names its log is read by.

use std::sync::Arc;

use foreshore_core::Manifest;
use foreshore_core::manifest::{NamedField, NamedInstance, NamedModel};
use foreshore_event::{Field, Kind, Required, Schema, TypeIndex, Unknown};

/// Its events, with this done to unknown fields.
pub(crate) fn schema(unknown: Unknown) -> Schema {
    let mut amount = Field::new("amount", Kind::Number);
    amount.unit = Some("EUR".into());
    (amount.min, amount.max) = (Some(0.0), Some(100_000.0));
    let mut country = Field::new("country", Kind::Text);
    country.allowed = ["ES", "FR", "IT"].map(String::from).to_vec();
    let mut card = Field::new("card", Kind::Text);
    card.required = Required::For(vec![TypeIndex(0)]);
    let fields = vec![
        card,
        amount,
        country,
        Field::new("online", Kind::Boolean),
        Field::new("tries", Kind::Integer),
        Field::new("note", Kind::Text),
    ];
    let types = manifest().types;
    Schema::new(types, fields, unknown).unwrap()
}

/// What its records are read by.
pub(crate) fn manifest() -> Manifest {
    let field = |name: &str, kind: &str| NamedField {
        name: name.into(),
        kind: kind.into(),
    };
    Manifest {
        log: "log".into(),
        pipeline: "cards".into(),
        revision: "r1".into(),
        types: vec!["paid".into(), "refused".into()],
        fields: vec![
            field("card", "text"),
            field("amount", "number"),
            field("country", "text"),
            field("online", "boolean"),
            field("tries", "integer"),
            field("note", "text"),
        ],
        instances: vec![NamedInstance {
            name: "card".into(),
            key: "card".into(),
            fold: "fold".into(),
        }],
        models: vec![NamedModel {
            name: "risk".into(),
            component: "component".into(),
            reasons: vec!["amount".into()],
        }],
        vector: vec!["event.amount".into(), "card.count".into()],
    }
}

/// A later form of it: a type and a field are gone, one field has another kind, one is new.
pub(crate) fn later() -> Arc<Schema> {
    let fields = vec![
        Field::new("tries", Kind::Number),
        Field::new("note", Kind::Text),
        Field::new("shop", Kind::Text),
        Field::new("card", Kind::Text),
        Field::new("amount", Kind::Number),
    ];
    let types = vec!["chargeback".into(), "paid".into()];
    Arc::new(Schema::new(types, fields, Unknown::Keep).unwrap())
}
