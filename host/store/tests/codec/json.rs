//! Records as lines: names, times, and everything a record says.

use foreshore_store::codec::write_json;

use super::arbitrary::record;
use super::cards::manifest;
use super::examples;
use proptest::prelude::*;

fn line(record: &foreshore_core::Record) -> String {
    let mut line = Vec::new();
    write_json(record, &manifest(), &mut line).unwrap();
    String::from_utf8(line).unwrap()
}

#[test]
fn no_two_numbers_look_alike() {
    let mut revision = examples::revision();
    if let foreshore_core::Record::Revision { revision, .. } = &mut revision {
        let odd = f64::from_bits(0x7FF8_0000_0000_0001);
        let revision = std::sync::Arc::make_mut(revision);
        revision.vector = [f64::NAN, odd].into();
        revision.scores = [Some(f64::NAN), Some(f64::INFINITY), Some(1.0)].into();
    }
    let line: serde_json::Value = serde_json::from_str(&line(&revision)).unwrap();
    let features = serde_json::json!(
        {"event.amount": null, "customer.spent": "NaN 0x7ff8000000000001"}
    );
    assert_eq!(line["features"], features);
    let models = serde_json::json!(
        {"logistic": "NaN 0x7ff8000000000000", "trees": "inf", "#2": 1.0}
    );
    assert_eq!(line["models"], models);
}

#[test]
fn every_kind_of_record_is_shown_by_name() {
    let lines: Vec<String> = examples::records()
        .iter()
        .map(|(_, record)| line(record))
        .collect();
    for (line, expected) in lines.iter().zip(LINES) {
        assert_eq!(line.trim_end(), expected.concat());
    }
    assert_eq!(lines.len(), LINES.len());
}

const LINES: [&[&str]; 7] = [
    &[
        r#"{"record":"event","lsn":1000,"arrival":"2026-03-01T12:00:00.000002Z","disposition":"admitted","#,
        r#""late_for":["terminal"],"event":"e1","source":"till","type":"attempted","#,
        r#""time":"2026-03-01T12:00:00.000000Z","sequence":300,"data":{"customer":"c1","amount":12.5,"#,
        r#""online":true,"note":null,"tries":null},"extra":{"a":1}}"#,
    ],
    &[
        r#"{"record":"revision","lsn":1002,"decision":"d1000","previous":800,"told":true,"revision":2,"#,
        r#""outcome":"review","score":0.1,"models":{"logistic":0.1,"trees":null},"#,
        r#""reasons":[{"name":"risk","contribution":0.5}],"basis":{"lsn":1001,"pipeline":"r1"},"#,
        r#""degraded":[{"part":"models.trees","reason":"timeout"}],"cause":{"what":"late-event","#,
        r#""lsn":1001,"event":"é","source":"till","type":"attempted","#,
        r#""time":"2026-03-01T11:59:59.999999Z"},"features":{"event.amount":12.5,"customer.spent":-0.0}}"#,
    ],
    &[r#"{"record":"told","lsn":1004,"decision":"d1000","revision":2}"#],
    &[
        r#"{"record":"amendment","lsn":1003,"decision":"d1000","revision":2,"event":{"lsn":1000,"#,
        r#""event":"e1","source":"till","type":"reported","time":"2026-03-01T12:00:00.000000Z"},"#,
        r#""old":{"outcome":"decline","score":null},"new":{"outcome":"approve","score":0.5},"#,
        r#""cause":{"what":"caught-up"}}"#,
    ],
    &[r#"{"record":"close","lsn":1005,"time":"2026-03-01T12:00:00.000000Z"}"#],
    &[
        r#"{"record":"deploy","lsn":1,"manifest":{"log":"l1","pipeline":"cards","revision":"","types":[],"#,
        r#""fields":[{"name":"amount","kind":"number"}],"instances":[],"models":[],"vector":[]}}"#,
    ],
    &[
        r#"{"record":"audit","lsn":1006,"time":"2026-03-01T12:00:00.000000Z","who":"ops","act":"close","#,
        r#""subject":"t","outcome":"done"}"#,
    ],
];

proptest! {
    #[test]
    fn every_record_is_one_line_of_json(record in record()) {
        let line = line(&record);
        prop_assert!(line.ends_with('\n') && line.matches('\n').count() == 1);
        let read: serde_json::Value = serde_json::from_str(&line).unwrap();
        prop_assert_eq!(&read["lsn"], record.lsn().0);
    }
}
