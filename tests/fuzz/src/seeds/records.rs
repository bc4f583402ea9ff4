//! One record of each kind, a timeline at rest and the state of a core, as the target `record` takes them.

use std::sync::Arc;

use foreshore_core::amendment::Verdict;
use foreshore_core::{
    Amendment, Cause, Counts, DecisionId, Degraded, Disposition, Mention, Outcome, Part, Reason,
    Record, RestingCore, RestingTimeline, Revision,
};
use foreshore_event::{Event, Row, Time, TypeIndex, Unknown};
use foreshore_store::codec::{encode, encode_core, encode_timeline};
use foreshore_timeline::{Border, Dormant, Lsn, Role, State};

use crate::cards::{manifest, schema};
use crate::record::{CORE, TIMELINE};

/// 2026-03-01T12:00:00Z.
const NOON: i64 = 1_772_366_400_000_000;

/// By name, each as a kind, a position and a payload.
pub(super) fn records() -> Vec<(&'static str, Vec<u8>)> {
    let record = |record: Record| {
        let mut payload = Vec::new();
        let kind = encode(&record, &mut payload);
        framed(kind, record.lsn(), &payload)
    };
    let close = Record::Close {
        lsn: Lsn(1_005),
        time: Time(NOON),
    };
    let told = Record::Told {
        lsn: Lsn(1_004),
        decision: DecisionId(Lsn(1_000)),
        revision: 2,
    };
    let deploy = Record::Deploy {
        lsn: Lsn(1),
        manifest: Arc::new(manifest()),
    };
    vec![
        ("event", record(event())),
        ("revision", record(revision())),
        ("told", record(told)),
        ("amendment", record(amendment())),
        ("close", record(close)),
        ("deploy", record(deploy)),
        ("timeline", timeline()),
        ("core", core()),
    ]
}

fn framed(kind: u8, lsn: Lsn, payload: &[u8]) -> Vec<u8> {
    [&[kind][..], &lsn.0.to_le_bytes(), payload].concat()
}

fn event() -> Record {
    let row = Row {
        time: Time(NOON),
        sequence: Some(300),
        kind: TypeIndex(0),
        source: "till",
        id: "e1",
        numbers: vec![12.5, 1.0, f64::NAN],
        texts: vec![Some("c1"), None, Some("é")],
        extra: Some("{\"a\":1}"),
    };
    Record::Event {
        lsn: Lsn(1_000),
        arrival: Time(NOON + 2),
        disposition: Disposition::Admitted,
        late: 1,
        event: Arc::new(Event::from_row(&schema(Unknown::Keep), row).unwrap()),
    }
}

fn mention() -> Arc<Mention> {
    Arc::new(Mention {
        lsn: Lsn(999),
        time: Time(NOON - 1),
        kind: TypeIndex(1),
        source: "till".into(),
        id: "e0".into(),
    })
}

fn revision() -> Record {
    let revision = Revision {
        number: 2,
        under: Arc::new(manifest()),
        basis: Lsn(1_001),
        vector: [12.5, f64::NAN].into(),
        scores: [Some(0.1), None].into(),
        outcome: Outcome::Review,
        reasons: [(0, 0.5)].into(),
        degraded: vec![Degraded {
            part: Part::Model(1),
            reason: Reason::Timeout,
        }],
        cause: Some(Cause::Late(mention())),
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
        event: mention(),
        revision: 2,
        old: verdict(None, Outcome::Decline),
        new: verdict(Some(0.5), Outcome::Approve),
        cause: Cause::CaughtUp,
    })
}

fn timeline() -> Vec<u8> {
    let role = |apply, emit| Role { apply, emit };
    let state = State::from(&b"s0"[..]);
    let resting = RestingTimeline {
        instance: 1,
        key: "c1".into(),
        lsn: Lsn(1_002),
        timeline: Dormant {
            head: Time(NOON),
            watermark: Border::Above(Lsn(700)),
            offset: 40,
            base: state.clone(),
            entries: vec![
                (Lsn(900), role(true, false)),
                (Lsn(1_000), role(true, true)),
                (Lsn(1_002), role(false, true)),
            ],
            committed: 1,
            cursor: (43, state),
            checkpoints: vec![(41, State::from(&b"s1"[..]))],
        },
    };
    let mut payload = Vec::new();
    encode_timeline(&resting, &mut payload);
    framed(TIMELINE, resting.lsn, &payload)
}

fn core() -> Vec<u8> {
    let mut counts = Counts::default();
    counts.set(Disposition::Admitted, 1_000);
    let core = RestingCore {
        through: Lsn(1_002),
        closed: Time(NOON),
        counts,
        deployed: Lsn(1),
    };
    let mut payload = Vec::new();
    encode_core(&core, &mut payload);
    framed(CORE, core.through, &payload)
}
