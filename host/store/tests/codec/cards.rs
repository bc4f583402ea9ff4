//! The pipeline whose records are tested, and a comparison that tells NaN from NaN.

use std::sync::Arc;

use foreshore_core::manifest::{NamedField, NamedInstance, NamedModel};
use foreshore_core::{Manifest, Record};
use foreshore_event::{Field, Kind, Schema, Unknown};
use foreshore_store::codec::Reading;

pub fn field(name: &str, kind: &str) -> NamedField {
    NamedField {
        name: name.into(),
        kind: kind.into(),
    }
}

/// A pipeline with two of everything.
pub fn manifest() -> Arc<Manifest> {
    let instance = |name: &str| NamedInstance {
        name: name.into(),
        key: name.into(),
        fold: format!("fold of {name}"),
    };
    let model = |name: &str| NamedModel {
        name: name.into(),
        component: format!("component of {name}"),
        reasons: vec!["amount".into(), "risk".into()],
    };
    Arc::new(Manifest {
        log: "l1".into(),
        pipeline: "cards".into(),
        revision: "r1".into(),
        types: vec!["attempted".into(), "reported".into()],
        fields: vec![
            field("customer", "text"),
            field("amount", "number"),
            field("online", "boolean"),
            field("note", "text"),
            field("tries", "integer"),
        ],
        instances: vec![instance("customer"), instance("terminal")],
        models: vec![model("logistic"), model("trees")],
        vector: vec!["event.amount".into(), "customer.spent".into()],
    })
}

pub fn reading() -> Reading {
    Reading::alone(manifest()).unwrap()
}

pub fn schema() -> Arc<Schema> {
    let fields = vec![
        Field::new("customer", Kind::Text),
        Field::new("amount", Kind::Number),
        Field::new("online", Kind::Boolean),
        Field::new("note", Kind::Text),
        Field::new("tries", Kind::Integer),
    ];
    let types = manifest().types.clone();
    Arc::new(Schema::new(types, fields, Unknown::Keep).unwrap())
}

/// A record as its `Debug` text and the bits of its numbers: equal for records that are equal to the bit.
pub fn bits(record: &Record) -> (String, Vec<u64>) {
    let numbers: Vec<f64> = match record {
        Record::Event { event, .. } => event.numbers().to_vec(),
        Record::Revision { revision, .. } => {
            let scores = revision.scores.iter().flatten().copied();
            let reasons = revision.reasons.iter().map(|reason| reason.1);
            revision
                .vector
                .iter()
                .copied()
                .chain(scores)
                .chain(reasons)
                .collect()
        }
        Record::Amendment(amendment) => {
            let verdicts = [amendment.old, amendment.new];
            verdicts
                .iter()
                .filter_map(|verdict| verdict.score)
                .collect()
        }
        _ => Vec::new(),
    };
    (
        format!("{record:?}"),
        numbers.into_iter().map(f64::to_bits).collect(),
    )
}
