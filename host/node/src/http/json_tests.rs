//! What pipelines say, as the bytes that go out; and a small pipeline for every test of this folder.

use std::sync::Arc;

use foreshore_core::manifest::{NamedInstance, NamedModel};
use foreshore_core::{
    AmendPolicy, BreakerSettings, DecisionId, Disposition, Instance, Layout, Model, Outcome,
    Policy, Reason,
};
use foreshore_event::{Field, Kind, Schema, Span, Unknown, decode, validate};

use super::*;

/// A pipeline with one scored type, one plugin, two models.
pub(in crate::http) fn pipeline() -> Pipeline {
    let fields = vec![
        Field::new("card", Kind::Text),
        Field::new("amount", Kind::Number),
    ];
    let types = vec!["paid".to_owned(), "reported".to_owned()];
    let schema = Schema::new(types, fields, Unknown::Reject).unwrap();
    let features = vec!["count_1h".to_owned(), "spent_1h".to_owned()];
    let model = |name: &str| Model {
        name: name.to_owned(),
        inputs: vec![0],
        reasons: vec!["large".to_owned(), "often".to_owned()],
    };
    Pipeline {
        name: "p".to_owned(),
        manifest: Arc::new(manifest("0123456789abcdef")),
        scored: vec![true, false],
        instances: vec![Instance {
            name: "card".to_owned(),
            key: 0,
            applies: vec![true, false],
            features: features.clone(),
            timeline: foreshore_timeline::Settings {
                lateness: Span::SECOND,
                foreshore_max: 10,
                checkpoint_bytes_max: 0,
            },
        }],
        models: vec![model("main"), model("shadow")],
        layout: Layout::new(&schema, [("card", features.as_slice())]),
        schema: Arc::new(schema),
        policy: Policy {
            review: Some(0.5),
            decline: None,
            fallback: Outcome::Review,
            reasons_max: 3,
        },
        amend: AmendPolicy::Outcome,
        future_max: Span(300_000_000),
        close_after: None,
        lag_max: 1,
        hot_bytes_max: 0,
        breaker: BreakerSettings {
            failures: 1,
            cooldown: Span::SECOND,
        },
    }
}

/// What names that pipeline's numbers, at this revision of it.
fn manifest(revision: &str) -> Manifest {
    let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    let model = |name: &str| NamedModel {
        name: name.to_owned(),
        component: String::new(),
        reasons: owned(&["large", "often"]),
    };
    Manifest {
        log: String::new(),
        pipeline: "p".to_owned(),
        revision: revision.to_owned(),
        types: owned(&["paid", "reported"]),
        fields: Vec::new(),
        instances: vec![NamedInstance {
            name: "card".to_owned(),
            key: "card".to_owned(),
            fold: String::new(),
        }],
        models: vec![model("main"), model("shadow")],
        vector: owned(&["event.amount", "card.count_1h", "card.spent_1h"]),
    }
}

/// An event of that pipeline.
pub(in crate::http) fn event(id: &str) -> Event {
    let json = format!(
        r#"{{"id":"{id}","source":"s","type":"paid","time":"2026-03-01T00:00:00Z","data":{{"card":"c","amount":3}}}}"#
    );
    let schema = pipeline().schema;
    validate(&schema, decode(&schema, json.as_bytes()).unwrap()).unwrap()
}

/// That event, logged there.
pub(in crate::http) fn mention(id: &str, lsn: u64) -> Arc<Mention> {
    Arc::new(Mention::of(&event(id), Lsn(lsn)))
}

fn revision() -> Arc<Revision> {
    Arc::new(Revision {
        number: 1,
        under: pipeline().manifest,
        basis: Lsn(7),
        vector: [3.0, 1.0, f64::NAN].into(),
        scores: [Some(0.1), None].into(),
        outcome: Outcome::Approve,
        reasons: [(1, 0.75), (0, -0.5)].into(),
        degraded: vec![Degraded {
            part: Part::Model(1),
            reason: Reason::Timeout,
        }],
        cause: None,
    })
}

fn answer() -> Answer {
    Answer {
        decision: Some(DecisionId(Lsn(7))),
        disposition: Disposition::Admitted,
        event: Arc::new(event("e")),
        revision: revision(),
        first: None,
        is_final: false,
        is_settled: false,
        late_for: vec![0],
    }
}

const BASIS: &str = r#""basis":{"lsn":7,"pipeline":"0123456789abcdef"}"#;

#[test]
fn an_answer_says_what_was_decided_and_what_it_rests_on() {
    let said = serde_json::to_string(&Answered::new(&pipeline(), &answer(), false)).unwrap();
    let expected = [
        r#"{"decision":"d7","disposition":"admitted","event":"e","source":"s","#,
        r#""revision":1,"score":0.1,"outcome":"approve","#,
        r#""reasons":[{"name":"often","contribution":0.75},{"name":"large","contribution":-0.5}],"#,
        BASIS,
        r#","degraded":[{"part":"models.shadow","reason":"timeout"}],"#,
        r#""models":{"main":0.1,"shadow":null},"#,
        r#""finality":"provisional","late_for":["card"]}"#,
    ];
    assert_eq!(said, expected.concat());
}

#[test]
fn features_come_by_name_when_asked_for_and_missing_ones_are_null() {
    let said = serde_json::to_value(Answered::new(&pipeline(), &answer(), true)).unwrap();
    let expected =
        serde_json::json!({"event.amount": 3.0, "card.count_1h": 1.0, "card.spent_1h": null});
    assert_eq!(said["features"], expected);
}

#[test]
fn a_repeated_event_is_told_what_was_said_first() {
    let pipeline = pipeline();
    let mut answer = answer();
    answer.disposition = Disposition::Duplicate;
    answer.first = Some(revision());
    Arc::make_mut(&mut answer.revision).number = 2;
    answer.is_final = true;
    let said = serde_json::to_value(Answered::new(&pipeline, &answer, false)).unwrap();
    assert_eq!(said["disposition"], "duplicate");
    assert_eq!(said["revision"], 2);
    assert_eq!(said["first"]["revision"], 1);
    assert_eq!(said["first"]["score"], 0.1);
    assert_eq!(said["finality"], "final");
}

#[test]
fn what_was_said_before_a_deploy_keeps_its_names_and_is_settled() {
    let mut before = manifest("fedcba9876543210");
    before.models.reverse();
    before.models[0].reasons = vec!["once".to_owned(), "far".to_owned()];
    before.vector = ["event.sum", "card.count", "card.spent"]
        .map(String::from)
        .into();
    let mut answer = answer();
    Arc::make_mut(&mut answer.revision).under = Arc::new(before);
    (answer.is_final, answer.is_settled) = (true, true);
    let said = serde_json::to_string(&Answered::new(&pipeline(), &answer, true)).unwrap();
    let expected = [
        r#""reasons":[{"name":"far","contribution":0.75},{"name":"once","contribution":-0.5}],"#,
        r#""basis":{"lsn":7,"pipeline":"fedcba9876543210"},"#,
        r#""degraded":[{"part":"models.main","reason":"timeout"}],"#,
        r#""models":{"shadow":0.1,"main":null},"#,
        r#""features":{"event.sum":3.0,"card.count":1.0,"card.spent":null},"#,
        r#""finality":"settled","settled":"deploy","late_for":["card"]}"#,
    ];
    assert!(said.ends_with(&expected.concat()), "{said}");
}

#[test]
fn an_answer_of_which_nothing_is_kept_names_no_decision() {
    let pipeline = pipeline();
    let mut answer = answer();
    answer.decision = None;
    let said = Arc::make_mut(&mut answer.revision);
    said.scores = [None, None].into();
    said.degraded = vec![Degraded {
        part: Part::Event,
        reason: Reason::Future,
    }];
    let said = serde_json::to_value(Answered::new(&pipeline, &answer, false)).unwrap();
    assert!(said["decision"].is_null() && said["score"].is_null());
    let degraded = serde_json::json!([{"part": "event", "reason": "future"}]);
    assert_eq!(said["degraded"], degraded);
}

#[test]
fn a_score_is_written_so_that_it_reads_back_to_the_bit() {
    let pipeline = pipeline();
    for score in [0.1 + 0.2, f64::MIN_POSITIVE, 1.0 / 3.0, 1e300] {
        let mut answer = answer();
        Arc::make_mut(&mut answer.revision).scores = [Some(score), None].into();
        let said = serde_json::to_string(&Answered::new(&pipeline, &answer, false)).unwrap();
        let read: serde_json::Value = serde_json::from_str(&said).unwrap();
        assert_eq!(
            read["score"].as_f64().map(f64::to_bits),
            Some(score.to_bits())
        );
    }
}

#[test]
fn causes_are_told_apart() {
    let pipeline = pipeline();
    let cause = Cause::Late(mention("late", 9));
    let said = serde_json::to_value(Because::new(&pipeline, &cause)).unwrap();
    let expected = serde_json::json!({
        "what": "late-event", "lsn": 9, "event": "late", "source": "s", "type": "paid",
        "time": "2026-03-01T00:00:00.000000Z"
    });
    assert_eq!(said, expected);
    let said = serde_json::to_value(Because::new(&pipeline, &Cause::CaughtUp)).unwrap();
    assert_eq!(said, serde_json::json!({"what": "caught-up"}));
}

#[test]
fn an_event_of_a_type_that_is_gone_is_named_without_it() {
    let pipeline = pipeline();
    let gone = Mention {
        kind: TypeIndex(u16::MAX),
        ..Mention::clone(&mention("e", 3))
    };
    let said = serde_json::to_value(Named::mention(&pipeline, &gone)).unwrap();
    assert_eq!(said["event"], "e");
    assert!(said["type"].is_null());
}
