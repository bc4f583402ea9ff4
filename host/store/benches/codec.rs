//! What encoding costs, in bytes and nanoseconds, for a payment as `examples/card-fraud` sees it: seven
//! fields, 34 numbers in the vector. Prints tables. Run: `cargo bench -p foreshore-store --bench codec`.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints its table and has nobody to report a failure to"
)]

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use foreshore_core::manifest::{NamedField, NamedModel};
use foreshore_core::{DecisionId, Disposition, Manifest, Outcome, Record, Revision};
use foreshore_event::{Event, Field, Kind, Row, Schema, Time, TypeIndex, Unknown};
use foreshore_store::codec::{Reading, decode, encode};
use foreshore_timeline::Lsn;

/// Measurements of each case, of which the median is shown.
const ROUNDS: usize = 41;

/// Calls of one measurement.
const CALLS: u32 = 5_000;

/// The fields, as the example's configuration has them.
const FIELDS: [(&str, &str); 7] = [
    ("customer", "text"),
    ("terminal", "text"),
    ("payment", "text"),
    ("amount", "number"),
    ("country", "text"),
    ("online", "boolean"),
    ("fraud", "boolean"),
];

/// A vector of the example: the event's numbers, then the customer's features, then the terminal's.
const VECTOR: [f64; 34] = [
    48.9,
    1.0,
    f64::NAN,
    1.0,
    2.0,
    5.0,
    1.0,
    0.2,
    4.0,
    12.5,
    171.35,
    803.12,
    44.617_777_777_777_78,
    31.284_010_550_211_2,
    210.4,
    1.095_978_166_034_512,
    3.0,
    9.0,
    1_834.25,
    0.316_455_696_202_531_67,
    2.0,
    2_419_200.5,
    3.0,
    14.0,
    96.0,
    0.0,
    0.010_416_666_666_666_666,
    37.283_333_333_333_33,
    51.07,
    0.0,
    0.0,
    f64::NAN,
    22.0,
    12_003.4,
];

fn main() {
    let manifest = manifest();
    let reading = Reading::alone(manifest.clone()).unwrap();
    let [event, revision] = [event(), revision(&manifest)];
    println!("| record | bytes | encode ns | decode ns |");
    println!("| --- | ---: | ---: | ---: |");
    show("event", &event, &reading);
    show("revision", &revision, &reading);
    let elsewhere = Reading::new(manifest, &Arc::new(schema(&[("device", "text")]))).unwrap();
    show("event, read by a grown schema", &event, &elsewhere);
    let schema = schema(&[]);
    let digested = median(|| {
        black_box(Event::from_row(&schema, row()).unwrap());
    });
    println!("| of it, identity and digest anew | | | {digested:.0} |");
}

fn show(name: &str, record: &Record, reading: &Reading) {
    let mut bytes = Vec::new();
    let kind = encode(record, &mut bytes);
    let mut out = Vec::with_capacity(1_024);
    let encoding = median(|| {
        out.clear();
        black_box(encode(black_box(record), &mut out));
    });
    let decoding = median(|| {
        black_box(decode(kind, record.lsn(), black_box(&bytes), reading).unwrap());
    });
    println!(
        "| {name} | {} | {encoding:.0} | {decoding:.0} |",
        bytes.len()
    );
}

fn median(mut call: impl FnMut()) -> f64 {
    let mut rounds: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            (0..CALLS).for_each(|_| call());
            start.elapsed().as_nanos() as f64 / f64::from(CALLS)
        })
        .collect();
    rounds.sort_by(f64::total_cmp);
    rounds[ROUNDS / 2]
}

fn manifest() -> Arc<Manifest> {
    let field = |(name, kind): (&str, &str)| NamedField {
        name: name.into(),
        kind: kind.into(),
    };
    Arc::new(Manifest {
        pipeline: "card-fraud".into(),
        revision: "4f1c9a3be07d5521".into(),
        types: ["payment.attempted", "payment.completed", "fraud.reported"]
            .map(String::from)
            .into(),
        fields: FIELDS.map(field).into(),
        models: vec![NamedModel {
            name: "logistic".into(),
            component: String::new(),
            reasons: Vec::new(),
        }],
        vector: (0..VECTOR.len()).map(|at| format!("n{at}")).collect(),
        ..Manifest::default()
    })
}

/// The example's schema, with these fields before its own.
fn schema(before: &[(&str, &str)]) -> Schema {
    let kinds = [Kind::Number, Kind::Boolean, Kind::Text];
    let kind = |name: &str| kinds.into_iter().find(|kind| kind.name() == name).unwrap();
    let fields = before.iter().chain(&FIELDS);
    let fields = fields.map(|&(name, kind_name)| Field::new(name, kind(kind_name)));
    Schema::new(manifest().types.clone(), fields.collect(), Unknown::Reject).unwrap()
}

fn row() -> Row<'static> {
    Row {
        time: Time(1_772_366_400_123_456),
        sequence: None,
        kind: TypeIndex(0),
        source: "terminal-0482",
        id: "a-0001736",
        numbers: VECTOR[..3].to_vec(),
        texts: vec![
            Some("c-01234"),
            Some("t-0482"),
            Some("p-0001736"),
            Some("IT"),
        ],
        extra: None,
    }
}

fn event() -> Record {
    Record::Event {
        lsn: Lsn(1_000_000),
        arrival: Time(1_772_366_401_623_456),
        disposition: Disposition::Admitted,
        late: 0,
        event: Arc::new(Event::from_row(&schema(&[]), row()).unwrap()),
    }
}

fn revision(manifest: &Arc<Manifest>) -> Record {
    let revision = Revision {
        number: 1,
        under: manifest.clone(),
        basis: Lsn(1_000_000),
        vector: VECTOR.into(),
        scores: [Some(0.012_345_678_901_234_5)].into(),
        outcome: Outcome::Approve,
        reasons: [(3, 0.412_345), (17, 0.187_654_321), (8, 0.1)].into(),
        degraded: Vec::new(),
        cause: None,
    };
    Record::Revision {
        lsn: Lsn(1_000_001),
        decision: DecisionId(Lsn(1_000_000)),
        previous: None,
        told: true,
        revision: Arc::new(revision),
    }
}
