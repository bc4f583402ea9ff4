//! What leaves memory: decisions beyond their bound that the log has, and that have said all there is to say. That
//! none is missed when a late event changes it is shown where a store brings back what left
//! (`host/store/tests/power`).

use std::sync::Arc;

use foreshore_core::{AmendPolicy, Core, Input, Outputs, Reply};
use foreshore_event::Span;
use foreshore_timeline::Lsn;

use crate::proof;
use crate::run::Run;
use crate::seeds::impatient;
use crate::world::{ARRIVAL, World, event, pipeline};

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
    run.core.evict(1);
    assert_eq!(run.core.gauges().decisions, kept);
    // Now all is said, but the log may not have it yet.
    run.settle();
    run.core.evict(1);
    assert_eq!(run.core.gauges().decisions, kept);
    durable(&mut run);
    run.core.evict(1);
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
        run.core.evict(1);
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

/// A core with a bound for what is in memory, some events of one key and many of others after it, all folded.
fn one_idle_of_many(hot_bytes_max: usize) -> Core {
    let mut pipeline = (*pipeline(Span(1_000_000_000), AmendPolicy::All)).clone();
    pipeline.hot_bytes_max = hot_bytes_max;
    for instance in &mut pipeline.instances {
        instance.timeline.checkpoint_bytes_max = 10_000;
    }
    let mut core = Core::new(Arc::new(pipeline));
    let (mut world, mut outputs) = (World::new(0), Outputs::default());
    for id in 0..400 {
        let key = if id < 40 { 0 } else { 1 + (id % 40) as u8 };
        let event = event(id, "done", 1_000 + id as i64, Some(key), None, 1);
        for input in [Input::Ingest(event), Input::Settle(9)] {
            core.step(ARRIVAL, input, &mut world, &mut outputs);
        }
    }
    core
}

#[test]
fn idle_timelines_give_up_checkpoints_before_any_has_to_leave() {
    let checkpoints = |core: &mut Core| {
        let view = core.read_timeline(0, "a0", None, ARRIVAL, &mut World::new(0));
        view.unwrap().checkpoints
    };
    let mut roomy = one_idle_of_many(usize::MAX);
    let bytes = roomy.gauges().timeline_bytes;
    let many = checkpoints(&mut roomy);
    assert!(many > 4, "{many}");
    // All that there is would fit.
    let mut narrow = one_idle_of_many(bytes + bytes / 2);
    assert!(!narrow.is_crowded());
    assert_eq!(checkpoints(&mut narrow), 1);
    assert_eq!(narrow.gauges().timelines, roomy.gauges().timelines);
}
