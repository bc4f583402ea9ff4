//! Records of one pipeline read by a later one: types and fields are found by name.

use std::sync::Arc;

use foreshore_core::{Cause, Manifest, Record};
use foreshore_event::{Event, Field, Kind, Row, Schema, Time, TypeIndex, Unknown};
use foreshore_store::codec::{DecodeError, Reading, TYPE_GONE, decode, encode};
use foreshore_timeline::Lsn;

use super::cards::{field, manifest, schema};
use super::examples;

/// `tries` came first, `channel` was added, `note` removed, `online` is a text now, `attempted` removed.
fn later() -> Arc<Schema> {
    let fields = vec![
        Field::new("tries", Kind::Integer),
        Field::new("channel", Kind::Text),
        Field::new("customer", Kind::Text),
        Field::new("online", Kind::Text),
        Field::new("amount", Kind::Number),
    ];
    let types = vec!["closed".into(), "reported".into()];
    Arc::new(Schema::new(types, fields, Unknown::Keep).unwrap())
}

fn written(kind: u16) -> (u8, Vec<u8>) {
    let row = Row {
        time: Time(5),
        sequence: None,
        kind: TypeIndex(kind),
        source: "till",
        id: "1",
        numbers: vec![12.5, 1.0, 3.0],
        texts: vec![Some("c1"), Some("hm")],
        extra: None,
    };
    let record = Record::Event {
        lsn: Lsn(9),
        arrival: Time(6),
        disposition: foreshore_core::Disposition::Admitted,
        late: 0,
        event: Arc::new(Event::from_row(&schema(), row).unwrap()),
    };
    let mut bytes = Vec::new();
    (encode(&record, &mut bytes), bytes)
}

#[test]
fn fields_and_types_are_found_by_name() {
    let reading = Reading::new(manifest(), &later()).unwrap();
    let (kind, bytes) = written(1);
    let record = decode(kind, Lsn(9), &bytes, &reading).unwrap();
    let Record::Event { event, .. } = record else {
        panic!("{record:?}");
    };
    assert_eq!(event.kind(), TypeIndex(1));
    assert_eq!(event.numbers(), [3.0, 12.5]);
    assert_eq!(event.texts().collect::<Vec<_>>(), [None, Some("c1"), None]);
}

#[test]
fn an_event_of_a_removed_type_is_gone() {
    let reading = Reading::new(manifest(), &later()).unwrap();
    let (kind, bytes) = written(0);
    let error = decode(kind, Lsn(9), &bytes, &reading).unwrap_err();
    assert_eq!(error, DecodeError::Gone("attempted".into()));
}

#[test]
fn a_mention_of_a_removed_type_leaves_the_record_whole() {
    let reading = Reading::new(manifest(), &later()).unwrap();
    let revision = examples::revision();
    let mut bytes = Vec::new();
    let kind = encode(&revision, &mut bytes);
    let read = decode(kind, revision.lsn(), &bytes, &reading).unwrap();
    let Record::Revision { revision, .. } = &read else {
        panic!("{read:?}");
    };
    let Some(Cause::Late(event)) = &revision.cause else {
        panic!("{:?}", revision.cause);
    };
    assert_eq!(event.kind, TYPE_GONE);
    assert_eq!(revision.under, manifest());
    bytes.clear();
    encode(&read, &mut bytes);
    assert_eq!(decode(kind, read.lsn(), &bytes, &reading), Ok(read));
}

#[test]
fn a_row_of_another_manifest_is_noticed() {
    let mut other = (*manifest()).clone();
    other.fields.push(field("city", "text"));
    let reading = Reading::alone(Arc::new(other)).unwrap();
    let (kind, bytes) = written(1);
    let error = decode(kind, Lsn(9), &bytes, &reading)
        .unwrap_err()
        .to_string();
    assert!(error.contains("2 texts, but the manifest has 3"), "{error}");
}

#[test]
fn a_manifest_no_schema_can_follow_is_refused_by_name() {
    let refused = |change: fn(&mut Manifest)| {
        let mut manifest = (*manifest()).clone();
        change(&mut manifest);
        Reading::alone(Arc::new(manifest)).unwrap_err().to_string()
    };
    let error = refused(|manifest| manifest.fields.push(field("place", "point")));
    assert!(
        error.starts_with(
            "manifest of pipeline `cards`: field `place` is of the unknown kind `point`"
        ),
        "{error}"
    );
    let error = refused(|manifest| manifest.types.push("reported".into()));
    assert!(
        error.contains("event type `reported` is listed twice"),
        "{error}"
    );
}
