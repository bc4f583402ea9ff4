//! Strategies for every kind of record and for timelines at rest.

use std::sync::Arc;

use foreshore_core::amendment::Verdict;
use foreshore_core::{
    Act, Amendment, Audit, Cause, DecisionId, Degraded, Disposition, Manifest, Outcome, Part,
    Reason, Record, RestingTimeline, Revision,
};
use foreshore_event::{Event, Row, TypeIndex};
use foreshore_timeline::{Border, Dormant, Role, State};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::cards::{field, manifest, schema};
use super::values::{content, lsn, mention, name, number, time};

fn cause() -> impl Strategy<Value = Cause> {
    prop_oneof![mention().prop_map(Cause::Late), Just(Cause::CaughtUp)]
}

fn outcome() -> impl Strategy<Value = Outcome> {
    proptest::sample::select(vec![Outcome::Approve, Outcome::Review, Outcome::Decline])
}

fn degraded() -> impl Strategy<Value = Degraded> {
    let part = prop_oneof![
        Just(Part::Event),
        any::<usize>().prop_map(Part::Instance),
        (0..3_usize).prop_map(Part::Model)
    ];
    let reasons = vec![
        Reason::Trap,
        Reason::Timeout,
        Reason::BreakerOpen,
        Reason::Impure,
        Reason::Future,
    ];
    let reason = proptest::sample::select(reasons);
    (part, reason).prop_map(|(part, reason)| Degraded { part, reason })
}

prop_compose! {
    fn event()(
        time in time(), sequence in option::of(any::<u64>()), kind in 0..2_u16,
        source in name(), id in name(), numbers in vec(content(), 3),
        texts in vec(option::of(".{0,300}"), 2), extra in option::of(".{0,40}"),
    ) -> Arc<Event> {
        let texts = texts.iter().map(Option::as_deref).collect();
        let (source, id, extra) = (&*source, &*id, extra.as_deref());
        let row = Row { time, sequence, kind: TypeIndex(kind), source, id, numbers, texts, extra };
        Arc::new(Event::from_row(&schema(), row).unwrap())
    }
}

prop_compose! {
    fn revision()(
        number in any::<u32>(), basis in lsn(), vector in vec(number(), 0..40),
        scores in vec(option::of(number()), 0..4), outcome in outcome(),
        reasons in vec((any::<usize>(), number()), 0..4), degraded in vec(degraded(), 0..3),
        cause in option::of(cause()),
    ) -> Revision {
        let (vector, scores, reasons) = (vector.into(), scores.into(), reasons.into());
        let under = manifest();
        Revision { number, under, basis, vector, scores, outcome, reasons, degraded, cause }
    }
}

prop_compose! {
    fn amendment()(
        lsn in lsn(), decision in lsn(), event in mention(), revision in any::<u32>(),
        scores in [option::of(number()), option::of(number())], outcomes in [outcome(), outcome()],
        cause in cause(),
    ) -> Amendment {
        let verdict = |at: usize| Verdict { score: scores[at], outcome: outcomes[at] };
        let (old, new, decision) = (verdict(0), verdict(1), DecisionId(decision));
        Amendment { lsn, decision, event, revision, old, new, cause }
    }
}

prop_compose! {
    fn deployed()(texts in vec(".{0,20}", 8), fields in vec((".{0,9}", ".{0,9}"), 0..4)) -> Manifest {
        let mut manifest = (*manifest()).clone();
        manifest.pipeline = texts[0].clone();
        manifest.fields = fields.iter().map(|(name, kind)| field(name, kind)).collect();
        manifest.types = texts[1..3].to_vec();
        manifest.models[0].reasons = texts[3..].to_vec();
        manifest
    }
}

prop_compose! {
    fn audit()(
        act in proptest::sample::select(Act::ALL.to_vec()), who in name(), subject in ".{0,40}",
        outcome in ".{0,40}",
    ) -> Audit {
        Audit::new(&who, act, &subject, &outcome)
    }
}

/// Every kind of record.
pub fn record() -> impl Strategy<Value = Record> {
    let disposition = proptest::sample::select(Disposition::ALL.to_vec());
    let late = prop_oneof![Just(0), any::<u64>()];
    prop_oneof![
        (lsn(), time(), disposition, late, event()).prop_map(
            |(lsn, arrival, disposition, late, event)| Record::Event {
                lsn,
                arrival,
                disposition,
                late,
                event
            }
        ),
        (lsn(), lsn(), option::of(lsn()), any::<bool>(), revision()).prop_map(
            |(lsn, decision, previous, told, revision)| Record::Revision {
                lsn,
                decision: DecisionId(decision),
                previous,
                told,
                revision: Arc::new(revision)
            }
        ),
        (lsn(), lsn(), any::<u32>()).prop_map(|(lsn, decision, revision)| Record::Told {
            lsn,
            decision: DecisionId(decision),
            revision
        }),
        amendment().prop_map(Record::Amendment),
        (lsn(), time()).prop_map(|(lsn, time)| Record::Close { lsn, time }),
        (lsn(), deployed()).prop_map(|(lsn, manifest)| Record::Deploy {
            lsn,
            manifest: Arc::new(manifest)
        }),
        (lsn(), time(), audit()).prop_map(|(lsn, time, audit)| Record::Audit { lsn, time, audit }),
    ]
}

fn state() -> impl Strategy<Value = State> {
    vec(any::<u8>(), 0..200).prop_map(State::from)
}

prop_compose! {
    /// A timeline at rest.
    pub fn timeline()(
        lsn in lsn(), head in time(), offset in any::<u64>(), base in state(),
        watermark in prop_oneof![time().prop_map(Border::First), lsn().prop_map(Border::Above)],
        entries in vec((lsn(), any::<bool>(), any::<bool>()), 0..30), committed in any::<usize>(),
        cursor in (any::<u64>(), option::of(state())),
        checkpoints in vec((any::<u64>(), state()), 0..5),
    ) -> RestingTimeline {
        let role = |(lsn, apply, emit)| (lsn, Role { apply, emit });
        let cursor = (cursor.0, cursor.1.unwrap_or(base.clone()));
        let entries = entries.into_iter().map(role).collect();
        let timeline =
            Dormant { head, watermark, offset, base, entries, committed, cursor, checkpoints };
        RestingTimeline { instance: 1, key: "c1".into(), lsn, timeline }
    }
}
