//! The promises, over seeds: each claim is attacked by the same disordered world, and held against what sorting
//! and then folding by hand gives.

use std::collections::BTreeMap;
use std::sync::Arc;

use foreshore_core::{
    AmendPolicy, Core, DecisionId, Input, Outputs, Record, Reply, Verified, Verifier,
};
use foreshore_event::Span;
use foreshore_proof::Random;
use foreshore_timeline::Lsn;

use crate::as_of::as_of;
use crate::hand::Hand;
use crate::proof;
use crate::run::{Run, finals};
use crate::traffic::Disorder;
use crate::world::reference::bits;
use crate::world::{ARRIVAL, Final, INSTANCES, World, event, final_of, pipeline};

/// Seeds of a quick run.
const SEEDS: u64 = 1_000;

/// A world in which nothing is ever too late, as far as a seed leaves it open.
fn patient(seed: u64, amend: AmendPolicy) -> Run {
    let mut random = Random::new(seed ^ 0xA11);
    let disorder = Disorder {
        closes: 0,
        ..Disorder::of(&mut random)
    };
    let trap_every = random.of([0, 0, 2, 5]);
    let mut pipeline = (*pipeline(Span(i64::MAX), amend)).clone();
    pipeline.future_max = Span(5_000_000);
    Run::new(Arc::new(pipeline), disorder, trap_every, seed)
}

/// A world of timelines that wait for seconds only, or hold a few events only, and of closes.
pub fn impatient(seed: u64) -> Run {
    let mut random = Random::new(seed ^ 0xBAD);
    let disorder = Disorder::of(&mut random);
    let mut pipeline = (*pipeline(Span(0), AmendPolicy::All)).clone();
    pipeline.future_max = Span(5_000_000);
    for instance in &mut pipeline.instances {
        instance.timeline.lateness = Span(random.of([0, 3, 25, 60]) * 1_000_000);
        instance.timeline.foreshore_max = random.of([1, 4, 10_000]);
    }
    Run::new(Arc::new(pipeline), disorder, 0, seed)
}

fn last(run: &Run) -> Lsn {
    Lsn(run.records.len() as u64)
}

#[test]
fn a_any_arrival_order_gives_the_states_features_and_scores_of_the_sorted_stream() {
    let mut proof =
        proof("a_any_arrival_order_gives_the_states_features_and_scores_of_the_sorted_stream");
    proof.seeds(SEEDS, |proof, seed| {
        let mut run = patient(seed, AmendPolicy::All);
        let sendings = 10 + run.random.below(80);
        run.live(sendings);
        run.settle();
        let admitted = run.admitted(last(&run));
        let (expected, states) = run.expected(&admitted);
        proof.count("states compared", run.compare_states(states));
        for _ in 0..4 {
            proof.count("features as of a time compared", compare_as_of(&mut run));
        }
        assert_eq!(run.finals(), expected);
        proof.count("final scores compared", expected.len() as u64);
    });
}

/// The features of some timeline as of some time in its past are those of the events up to then.
fn compare_as_of(run: &mut Run) -> u64 {
    let instance = run.random.below(INSTANCES as u64) as usize;
    let key = format!("{}{}", ["a", "b"][instance / 2], run.random.below(3));
    let span = run.now.since(ARRIVAL).0 as u64 + 1;
    let at = ARRIVAL.plus(Span(run.random.below(span) as i64));
    let (world, now) = (&mut run.world, run.now);
    let Ok(view) = run.core.read_timeline(instance, &key, Some(at), now, world) else {
        return 0;
    };
    let admitted = run.admitted(last(run));
    let expected = as_of(
        &run.pipeline,
        &admitted,
        &mut run.world,
        (instance, &key),
        at,
    );
    assert_eq!(
        bits(&view.features),
        expected,
        "{key} of {instance} as of {at:?}"
    );
    1
}

#[test]
fn b_a_provisional_answer_is_the_fold_of_what_was_admitted_at_its_basis() {
    let mut proof = proof("b_a_provisional_answer_is_the_fold_of_what_was_admitted_at_its_basis");
    proof.seeds(SEEDS, |proof, seed| {
        let mut run = patient(seed, AmendPolicy::Outcome);
        let sendings = 5 + run.random.below(45);
        run.live(sendings);
        for (id, basis, said) in &run.said {
            let (expected, _) = run.expected(&run.admitted(*basis));
            assert_eq!(said, &expected[id], "{id} at {basis:?}");
        }
        proof.count("answers compared", run.said.len() as u64);
    });
}

#[test]
fn c_answers_plus_amendments_are_the_final_answers() {
    let mut proof = proof("c_answers_plus_amendments_are_the_final_answers");
    proof.seeds(SEEDS, |proof, seed| {
        let amend = [AmendPolicy::All, AmendPolicy::Outcome][(seed % 2) as usize];
        let mut run = patient(seed, amend);
        let sendings = 10 + run.random.below(80);
        run.live(sendings);
        run.settle();
        let (expected, _) = run.expected(&run.admitted(last(&run)));
        for (id, (_, score, outcome)) in &run.believed {
            assert_eq!(*outcome, expected[id].outcome, "{id}");
            if amend == AmendPolicy::All {
                assert_eq!(*score, expected[id].scores[0], "{id}");
            }
        }
        proof.count("beliefs compared", run.believed.len() as u64);
        proof.count("amendments", run.amendments);
    });
}

#[test]
fn d_replaying_the_sorted_archive_gives_the_same_bytes() {
    let mut proof = proof("d_replaying_the_sorted_archive_gives_the_same_bytes");
    proof.seeds(SEEDS, |proof, seed| {
        let mut run = patient(seed, AmendPolicy::Outcome);
        let sendings = 10 + run.random.below(80);
        run.live(sendings);
        run.settle();
        let mut archive: Vec<_> = run.seen.values().copied().collect();
        archive.sort_by(|a, b| a.event().order_key().cmp(&b.event().order_key()));
        let mut core = Core::new(run.pipeline.clone());
        let mut world = World::new(run.world.chains[0].trap_every);
        let (mut outputs, mut replayed) = (Outputs::default(), BTreeMap::new());
        for chunk in archive.chunks(16) {
            for made in chunk {
                let event = made.event();
                core.step(event.time(), Input::Ingest(event), &mut world, &mut outputs);
            }
            let settle = || Input::Settle(u64::MAX);
            while let Reply::Settled(true) = core.step(ARRIVAL, settle(), &mut world, &mut outputs)
            {
            }
            replayed.extend(finals(&mut core));
        }
        assert_eq!(run.finals(), replayed);
        proof.count("final scores compared", replayed.len() as u64);
    });
}

#[test]
fn d_whatever_was_said_is_said_again_by_the_log() {
    let mut proof = proof("d_whatever_was_said_is_said_again_by_the_log");
    proof.seeds(SEEDS, |proof, seed| {
        let mut run = impatient(seed);
        let mut outputs = Outputs::default();
        run.core.deploy(run.pipeline.manifest.clone(), &mut outputs);
        run.records.append(&mut outputs.records);
        let sendings = 10 + run.random.below(80);
        run.live(sendings);
        let mut world = World::new(0);
        let mut verifier = Verifier::new(run.pipeline.clone());
        let every = 1 + run.random.below(50);
        for record in &run.records {
            match verifier.verify(record, &mut world).unwrap() {
                Verified::Taken => {}
                Verified::Same => proof.count("revisions made again", 1),
                other => panic!("{record:?} came to {other:?}"),
            }
            if record.lsn().0 % every == 0 {
                verifier.catch_up(&mut world);
            }
        }
    });
}

#[test]
fn f_after_every_step_received_is_the_sum_of_the_dispositions() {
    let mut proof = proof("f_after_every_step_received_is_the_sum_of_the_dispositions");
    proof.seeds(SEEDS, |proof, seed| {
        // Every step of a run is checked; here they are counted.
        let mut run = impatient(seed);
        let sendings = 10 + run.random.below(80);
        run.live(sendings);
        run.settle();
        proof.count("steps", run.steps);
        proof.count("events", run.received);
    });
}

#[test]
fn late_events_change_nothing_that_is_final() {
    let mut proof = proof("late_events_change_nothing_that_is_final");
    proof.seeds(SEEDS, |proof, seed| {
        let mut run = impatient(seed);
        let sendings = 10 + run.random.below(80);
        run.live(sendings);
        run.settle();
        let hand = Hand::place_all(&run.pipeline, &run.records);
        compare_late(&run, &hand);
        let (expected, states) = run.expected(&hand.admitted);
        run.compare_states(states);
        let late = compare_finals(&mut run, &hand, &expected);
        proof.count("decisions compared", expected.len() as u64);
        proof.count("of events too late for a timeline", late);
    });
}

/// The log says of every event that it came too late where placing by hand says so.
fn compare_late(run: &Run, hand: &Hand) {
    assert_eq!(run.admitted(last(run)), hand.admitted);
}

/// Every decision is what folding by hand gives, and final when nothing can come below it any more. Gives
/// how many were about events that were too late somewhere.
fn compare_finals(run: &mut Run, hand: &Hand, expected: &BTreeMap<String, Final>) -> u64 {
    let mut late = 0;
    for record in &run.records {
        let Record::Event { lsn, event, .. } = record else {
            continue;
        };
        let (world, mut outputs) = (&mut run.world, Outputs::default());
        let read = run
            .core
            .read_decision(DecisionId(*lsn), run.now, world, &mut outputs);
        let Some((decision, is_final)) = read else {
            continue;
        };
        let admitted = hand
            .admitted
            .iter()
            .find(|(held, _)| held.id() == event.id());
        let admitted = admitted.unwrap();
        assert_eq!(
            is_final,
            hand.is_final(&run.pipeline, admitted),
            "{event:?}"
        );
        match admitted.1.is_empty() {
            true => assert_eq!(final_of(decision), expected[event.id()], "{event:?}"),
            // Some of its features are those of a base that has moved on since.
            false => late += 1,
        }
    }
    late
}

#[test]
fn a_what_if_changes_nothing_and_says_what_the_score_would_be() {
    let mut proof = proof("a_what_if_changes_nothing_and_says_what_the_score_would_be");
    proof.seeds(SEEDS, |_, seed| {
        let mut run = patient(seed, AmendPolicy::Outcome);
        let sendings = 5 + run.random.below(40);
        run.live(sendings);
        run.settle();
        let time = run.now.0 / 1_000_000 - run.random.below(60) as i64;
        let (a, b) = (run.random.below(3) as u8, run.random.below(3) as u8);
        let ask = || event(10_000, "try", time, Some(a), Some(b), 3);
        let now = |run: &Run| {
            let gauges = run.core.gauges();
            (gauges.timelines, gauges.lsn, gauges.counts)
        };
        let before = now(&run);
        let Reply::Answer(imagined) = run.step(Input::WhatIf(ask())) else {
            panic!("no answer")
        };
        assert_eq!(before, now(&run));
        run.received += 1;
        let Reply::Answer(stored) = run.step(Input::Score(ask())) else {
            panic!("no answer")
        };
        assert!(imagined.decision.is_none() && stored.decision.is_some());
        assert!(imagined.revision.says_the_same(&stored.revision));
    });
}
