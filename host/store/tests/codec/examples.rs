//! One record of each kind, and a timeline at rest.

use std::sync::Arc;

use foreshore_core::amendment::Verdict;
use foreshore_core::{
    Act, Amendment, Audit, Cause, DecisionId, Degraded, Disposition, Manifest, Mention, Outcome,
    Part, Reason, Record, RestingTimeline, Revision,
};
use foreshore_event::{Event, Row, Time, TypeIndex};
use foreshore_timeline::{Border, Dormant, Lsn, Role, State};

use super::cards::{field, manifest, schema};

/// 2026-03-01T12:00:00Z.
const NOON: i64 = 1_772_366_400_000_000;

fn event() -> Record {
    let row = Row {
        time: Time(NOON),
        sequence: Some(300),
        kind: TypeIndex(0),
        source: "till",
        id: "e1",
        numbers: vec![12.5, 1.0, f64::NAN],
        texts: vec![Some("c1"), None],
        extra: Some("{\"a\":1}"),
    };
    Record::Event {
        lsn: Lsn(1_000),
        arrival: Time(NOON + 2),
        disposition: Disposition::Admitted,
        late: 2,
        event: Arc::new(Event::from_row(&schema(), row).unwrap()),
    }
}

fn late() -> Cause {
    Cause::Late(Arc::new(Mention {
        lsn: Lsn(1_001),
        time: Time(NOON - 1),
        kind: TypeIndex(0),
        source: "till".into(),
        id: "é".into(),
    }))
}

pub fn revision() -> Record {
    let revision = Revision {
        number: 2,
        under: manifest(),
        basis: Lsn(1_001),
        vector: [12.5, -0.0].into(),
        scores: [Some(0.1), None].into(),
        outcome: Outcome::Review,
        reasons: [(1, 0.5)].into(),
        degraded: vec![Degraded {
            part: Part::Model(1),
            reason: Reason::Timeout,
        }],
        cause: Some(late()),
    };
    Record::Revision {
        lsn: Lsn(1_002),
        decision: DecisionId(Lsn(1_000)),
        previous: Some(Lsn(800)),
        told: true,
        revision: Arc::new(revision),
    }
}

fn amendment() -> Record {
    let verdict = |score, outcome| Verdict { score, outcome };
    Record::Amendment(Amendment {
        lsn: Lsn(1_003),
        decision: DecisionId(Lsn(1_000)),
        event: Arc::new(Mention {
            lsn: Lsn(1_000),
            time: Time(NOON),
            kind: TypeIndex(1),
            source: "till".into(),
            id: "e1".into(),
        }),
        revision: 2,
        old: verdict(None, Outcome::Decline),
        new: verdict(Some(0.5), Outcome::Approve),
        cause: Cause::CaughtUp,
    })
}

/// Every kind, by what errors call it, in the order of their codes.
pub fn records() -> Vec<(&'static str, Record)> {
    let told = Record::Told {
        lsn: Lsn(1_004),
        decision: DecisionId(Lsn(1_000)),
        revision: 2,
    };
    let close = Record::Close {
        lsn: Lsn(1_005),
        time: Time(NOON),
    };
    let deploy = Record::Deploy {
        lsn: Lsn(1),
        manifest: Arc::new(Manifest {
            log: "l1".into(),
            pipeline: "cards".into(),
            fields: vec![field("amount", "number")],
            ..Manifest::default()
        }),
    };
    let audit = Record::Audit {
        lsn: Lsn(1_006),
        time: Time(NOON),
        audit: Audit::new("ops", Act::Close, "t", "done"),
    };
    vec![
        ("event record", event()),
        ("revision record", revision()),
        ("told record", told),
        ("amendment record", amendment()),
        ("close record", close),
        ("manifest", deploy),
        ("audit record", audit),
    ]
}

/// A timeline with one of everything.
pub fn timeline() -> RestingTimeline {
    let role = |apply, emit| Role { apply, emit };
    let state = State::from(&b"s0"[..]);
    RestingTimeline {
        instance: 1,
        key: "c1".into(),
        lsn: Lsn(1_002),
        timeline: Dormant {
            head: Time(NOON),
            watermark: Border::Above(Lsn(700)),
            offset: 40,
            base: state.clone(),
            entries: vec![
                (Lsn(1_000), role(true, true)),
                (Lsn(900), role(true, false)),
                (Lsn(1_002), role(false, true)),
            ],
            committed: 1,
            cursor: (43, state),
            checkpoints: vec![(41, State::from(&b"s1"[..]))],
        },
    }
}
