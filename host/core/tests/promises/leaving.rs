//! What leaves memory: decisions beyond their bound that the log has, and that have said all there is to say. That
//! none is missed when a late event changes it is shown where a store brings back what left
//! (`host/store/tests/power`).

use foreshore_core::{Input, Reply};
use foreshore_event::Span;
use foreshore_timeline::Lsn;

use crate::proof;
use crate::run::Run;
use crate::seeds::impatient;

/// Seeds of a quick run.
const SEEDS: u64 = 1_000;

/// Everything that was said so far is in the log for sure.
fn durable(run: &mut Run) {
    let last = Lsn(run.core.gauges().lsn);
    run.core.durable_through(last);
}

#[test]
fn a_decision_that_has_more_to_say_does_not_leave() {
    let mut run = impatient(1);
    run.world.model_timeouts = u32::MAX;
    for _ in 0..300 {
        let sending = run.traffic.next(&mut run.random, run.now);
        run.take(sending);
        run.now = run.now.plus(Span(2_000_000));
        run.step(Input::Tick);
        while matches!(run.step(Input::Settle(50)), Reply::Settled(true)) {}
    }
    let kept = run.core.gauges().decisions;
    assert!(kept > 50, "{kept}");
    durable(&mut run);
    run.core.evict();
    assert_eq!(run.core.gauges().decisions, kept);
    // Now all is said, but the log may not have it yet.
    run.settle();
    run.core.evict();
    assert_eq!(run.core.gauges().decisions, kept);
    durable(&mut run);
    run.core.evict();
    let kept = run.core.gauges().decisions;
    assert!(kept < 10, "{kept}");
}

#[test]
fn decisions_leave_memory_while_their_timelines_stay() {
    let name = "decisions_leave_memory_while_their_timelines_stay";
    let mut proof = proof(name);
    proof.seeds(SEEDS, |proof, seed| {
        let mut run = impatient(seed);
        for _ in 0..run.random.below(8) {
            let sendings = run.random.below(30);
            run.live(sendings);
        }
        run.settle();
        let before = run.core.gauges();
        durable(&mut run);
        run.core.evict();
        let after = run.core.gauges();
        assert!(after.decisions <= 4, "{after:?}");
        // What is not stored stays.
        assert_eq!(after.timelines_unstored, before.timelines_unstored);
        proof.count("timelines that stayed", after.timelines as u64);
        proof.count(
            "decisions that left",
            (before.decisions - after.decisions) as u64,
        );
    });
}
