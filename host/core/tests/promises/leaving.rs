//! What leaves memory: a decision as soon as it has said all, is durable, and no timeline holds its event.
//! That none leaves before is shown where a store brings back what left (`host/store/tests/power`).

use foreshore_core::{Input, Reply};
use foreshore_event::Span;

use crate::proof;
use crate::run::Run;
use crate::seeds::impatient;

/// Seeds of a quick run.
const SEEDS: u64 = 1_000;

/// Puts away all that can be, as a store would that never fails.
fn put_away(run: &mut Run) {
    while run.core.leave(run.now, 8).is_some() {
        run.core.arrived();
    }
}

#[test]
fn a_decision_that_has_more_to_say_is_not_brought_up_to_leave() {
    let mut run = impatient(1);
    run.world.model_timeouts = u32::MAX;
    for _ in 0..300 {
        let sending = run.traffic.next(&mut run.random, run.now);
        run.take(sending);
        run.now = run.now.plus(Span(2_000_000));
        run.step(Input::Tick);
        while matches!(run.step(Input::Settle(50)), Reply::Settled(true)) {}
    }
    let gauges = run.core.gauges();
    assert!(gauges.decisions > 50, "{gauges:?}");
    assert_eq!(gauges.decisions_leaving, 0, "{gauges:?}");
    run.settle();
    let gauges = run.core.gauges();
    assert!(gauges.decisions_leaving >= gauges.decisions, "{gauges:?}");
}

#[test]
fn no_decision_stays_in_memory_once_its_timelines_have_let_go_of_its_event() {
    let name = "no_decision_stays_in_memory_once_its_timelines_have_let_go_of_its_event";
    let mut proof = proof(name);
    proof.seeds(SEEDS, |proof, seed| {
        let mut run = impatient(seed);
        for _ in 0..run.random.below(8) {
            let sendings = run.random.below(30);
            run.live(sendings);
            if run.random.below(2) == 0 {
                put_away(&mut run);
            }
        }
        run.settle();
        proof.count("decisions that left", run.core.gauges().decisions as u64);
        // Nobody asks from here on for what has left.
        let through = run.now;
        for minutes in (0..=24 * 60).rev().step_by(6 * 60) {
            run.step(Input::Close(through.minus(Span(minutes * 60_000_000))));
            run.settle();
            put_away(&mut run);
            run.core.evict();
        }
        run.step(Input::Close(through.plus(Span(86_400_000_000))));
        run.settle();
        put_away(&mut run);
        run.core.evict();
        assert_eq!(run.core.gauges().decisions, 0);
    });
}
