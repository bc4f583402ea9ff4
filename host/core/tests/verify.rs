//! Promise D for a log: whatever a core said can be made again from its records, to the bit, traps, missed
//! deadlines and late places included; and what was changed is found.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed test is the message"
)]

#[path = "world/mod.rs"]
#[allow(dead_code, unused_imports, reason = "shared with the promises")]
mod world;

use std::sync::Arc;

use foreshore_core::{AmendPolicy, Core, Input, Outputs, Pipeline, Record, Verified, Verifier};
use foreshore_event::{Span, Time};
use proptest::prelude::*;
use world::{ARRIVAL, World, event, pipeline};

/// One arrival and what happens around it.
#[derive(Clone, Debug)]
struct Arrival {
    time: i64,
    a: u8,
    b: Option<u8>,
    is_try: bool,
    ingest: bool,
    stall: Option<u8>,
    then: Then,
}

/// What comes after an arrival.
#[derive(Clone, Copy, Debug)]
enum Then {
    Nothing,
    Settle(u64),
    Tick,
    Close(i64),
}

fn arrivals() -> impl Strategy<Value = Vec<Arrival>> {
    let then = prop_oneof![
        4 => Just(Then::Nothing), 3 => (0..9_u64).prop_map(Then::Settle), 1 => Just(Then::Tick),
        1 => (0..20_i64).prop_map(Then::Close),
    ];
    let arrival = (
        0..40_i64,
        0..3_u8,
        prop::option::weighted(0.8, 0..3_u8),
        any::<bool>(),
        any::<bool>(),
        prop::option::weighted(0.1, 0..4_u8),
        then,
    );
    let arrival = arrival.prop_map(|(time, a, b, is_try, ingest, stall, then)| Arrival {
        time,
        a,
        b,
        is_try,
        ingest,
        stall,
        then,
    });
    prop::collection::vec(arrival, 1..60)
}

/// All records of a core that lived through this.
fn live(pipeline: &Arc<Pipeline>, arrivals: &[Arrival], trap_every: u64) -> Vec<Record> {
    let mut core = Core::new(pipeline.clone());
    let (mut world, mut outputs) = (World::new(trap_every), Outputs::default());
    core.deploy(pipeline.manifest.clone(), &mut outputs);
    let mut now = ARRIVAL;
    for (id, arrival) in arrivals.iter().enumerate() {
        now = now.plus(Span(200_000));
        match arrival.stall {
            Some(3) => world.model_timeouts = 1,
            Some(instance) => world.chains[usize::from(instance)].timeouts = 1,
            None => {}
        }
        let kind = if arrival.is_try { "try" } else { "done" };
        let event = event(id, kind, arrival.time, Some(arrival.a), arrival.b, 7);
        let input = match arrival.is_try && !arrival.ingest {
            true => Input::Score(event),
            false => Input::Ingest(event),
        };
        core.step(now, input, &mut world, &mut outputs);
        let then = match arrival.then {
            Then::Nothing => continue,
            Then::Settle(rows) => Input::Settle(rows),
            Then::Tick => Input::Tick,
            Then::Close(time) => Input::Close(Time(time * 1_000_000)),
        };
        core.step(now, then, &mut world, &mut outputs);
    }
    outputs.records
}

/// Everything made again; gives how many revisions said the same.
#[track_caller]
fn verified(pipeline: &Arc<Pipeline>, records: &[Record], trap_every: u64, every: usize) -> usize {
    let mut world = World::new(trap_every);
    let mut verifier = Verifier::new(pipeline.clone());
    let mut same = 0;
    for (at, record) in records.iter().enumerate() {
        match verifier.verify(record, &mut world).unwrap() {
            Verified::Taken => {}
            Verified::Same => same += 1,
            other => panic!("{record:?} came to {other:?}"),
        }
        if at % every == 0 {
            verifier.catch_up(&mut world);
        }
    }
    same
}

fn revisions(records: &[Record]) -> usize {
    let is = |record: &&Record| matches!(record, Record::Revision { .. });
    records.iter().filter(is).count()
}

proptest! {
    #[test]
    fn whatever_was_said_is_said_again(
        arrivals in arrivals(), trap_every in 0..6_u64, lateness in 0..40_i64, every in 1..50_usize,
    ) {
        let pipeline = pipeline(Span(lateness * 1_000_000), AmendPolicy::All);
        let records = live(&pipeline, &arrivals, trap_every);
        prop_assert_eq!(verified(&pipeline, &records, trap_every, every), revisions(&records));
    }

    #[test]
    fn a_changed_number_is_found_by_name(arrivals in arrivals(), at in any::<prop::sample::Index>(), field in 2..12_usize) {
        let pipeline = pipeline(Span(i64::MAX), AmendPolicy::All);
        let mut records = live(&pipeline, &arrivals, 0);
        let said: Vec<usize> = (0..records.len())
            .filter(|at| matches!(&records[*at], Record::Revision { revision, .. } if revision.degraded.is_empty()))
            .collect();
        prop_assume!(!said.is_empty());
        let changed = said[at.index(said.len())];
        let Record::Revision { revision, lsn, .. } = &mut records[changed] else { panic!("no revision") };
        let field = field % revision.vector.len();
        let name = revision.under.vector[field].clone();
        let mut vector = revision.vector.to_vec();
        vector[field] = f64::from_bits(vector[field].to_bits() ^ 1);
        Arc::make_mut(revision).vector = vector.into();
        let lsn = *lsn;
        let mut verifier = Verifier::new(pipeline.clone());
        let mut world = World::new(0);
        let mut differences = Vec::new();
        for record in &records {
            if let Verified::Differs(difference) = verifier.verify(record, &mut world).unwrap() {
                differences.push(difference);
            }
        }
        prop_assert_eq!(differences.len(), 1, "{:?}", differences);
        prop_assert_eq!(differences[0].lsn, lsn);
        prop_assert_eq!(&differences[0].fields[0].name, &name);
        prop_assert_eq!(differences[0].fields.len(), 1, "{}", differences[0]);
    }
}

#[test]
fn another_plugin_is_found_out() {
    let pipeline = pipeline(Span(i64::MAX), AmendPolicy::All);
    let arrivals: Vec<Arrival> = (0..20)
        .map(|time| Arrival {
            time,
            a: 0,
            b: None,
            is_try: true,
            ingest: false,
            stall: None,
            then: Then::Nothing,
        })
        .collect();
    let records = live(&pipeline, &arrivals, 0);
    let mut verifier = Verifier::new(pipeline.clone());
    let mut traps = World::new(3);
    let differs = records
        .iter()
        .filter(|record| {
            let verified = verifier.verify(record, &mut traps).unwrap();
            matches!(verified, Verified::Differs(_))
        })
        .count();
    assert!(differs > 0);
}

#[test]
fn what_another_pipeline_said_is_passed_over() {
    let pipeline = pipeline(Span(i64::MAX), AmendPolicy::All);
    let mut other = (*pipeline).clone();
    let mut manifest = (*pipeline.manifest).clone();
    manifest.revision = "2".into();
    other.manifest = manifest.into();
    let arrival = Arrival {
        time: 1,
        a: 0,
        b: None,
        is_try: true,
        ingest: false,
        stall: None,
        then: Then::Nothing,
    };
    let records = live(&pipeline, &[arrival], 0);
    let mut verifier = Verifier::new(other.into());
    let mut world = World::new(0);
    let found: Vec<Verified> = records
        .iter()
        .map(|record| verifier.verify(record, &mut world).unwrap())
        .collect();
    assert!(matches!(
        found[..],
        [Verified::Taken, Verified::Taken, Verified::Other]
    ));
}
