//! Promises A to D and F of the design, against "sort, then fold by hand", over seeds. A failing case
//! prints its input and leaves its seed in `proptest-regressions`, which is run first the next time.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed test is the message"
)]

mod stories;
mod world;

use std::collections::BTreeMap;
use std::sync::Arc;

use foreshore_core::{
    AmendPolicy, Core, Disposition, Input, Outcome, Outputs, Pipeline, Record, Reply,
};
use foreshore_event::{Event, Span, Time};
use foreshore_timeline::Lsn;
use proptest::prelude::*;
use world::{ARRIVAL, Admitted, World, event, final_of, finals, pipeline, reference};

/// What the world does with one arrival, and right after it.
#[derive(Clone, Copy, Debug)]
enum Habit {
    Score,
    Ingest,
    Slice,
    Shed,
    StallPlugin(u8),
    StallModel,
}

/// One arrival: an event, or an earlier one again.
#[derive(Clone, Debug)]
struct Arrival {
    time: i64,
    a: Option<u8>,
    b: Option<u8>,
    is_try: bool,
    habit: Habit,
    /// Sends an earlier event again, saying the same or something else.
    again: Option<(prop::sample::Index, bool)>,
}

fn arrivals(most: usize) -> impl Strategy<Value = Vec<Arrival>> {
    use Habit::*;
    let habit = prop_oneof![
        4 => Just(Score), 4 => Just(Ingest), 2 => Just(Slice), 1 => Just(Shed),
        1 => (0..3_u8).prop_map(StallPlugin), 1 => Just(StallModel),
    ];
    let key = || prop::option::weighted(0.9, 0..3_u8);
    let again = prop::option::weighted(0.2, (any::<prop::sample::Index>(), any::<bool>()));
    // Few distinct times, so that ties are common.
    let arrival = (0..40_i64, key(), key(), any::<bool>(), habit, again);
    let arrival = arrival.prop_map(|(time, a, b, is_try, habit, again)| Arrival {
        time,
        a,
        b,
        is_try,
        habit,
        again,
    });
    prop::collection::vec(arrival, 1..most)
}

fn build(arrivals: &[Arrival]) -> Vec<Event> {
    let new = |id: usize, arrival: &Arrival, amount: i64| {
        let kind = if arrival.is_try { "try" } else { "done" };
        event(id, kind, arrival.time, arrival.a, arrival.b, amount)
    };
    let events = arrivals
        .iter()
        .enumerate()
        .map(|(id, arrival)| match arrival.again {
            Some((index, same)) if id > 0 => {
                let earlier = index.index(id);
                // An arrival that repeats is itself never repeated: its id stays unused.
                new(earlier, &arrivals[earlier], if same { 7 } else { 8 })
            }
            _ => new(id, arrival, 7),
        });
    events.collect()
}

/// A core under test and all it has said.
struct Run {
    core: Core,
    world: World,
    now: Time,
    outputs: Outputs,
    /// What the receivers of answers and amendments believe: by event id, score bits and outcome.
    believed: BTreeMap<String, (Option<u64>, Outcome)>,
    /// Every answer with a decision: event id, basis, what it said.
    said: Vec<(String, Lsn, world::Final)>,
    dispositions: Vec<Disposition>,
    admitted: Vec<Admitted>,
}

impl Run {
    fn new(pipeline: &Arc<Pipeline>, trap_every: u64) -> Run {
        Run {
            core: Core::new(pipeline.clone()),
            world: World::new(trap_every),
            now: ARRIVAL,
            outputs: Outputs::default(),
            believed: BTreeMap::new(),
            said: Vec::new(),
            dispositions: Vec::new(),
            admitted: Vec::new(),
        }
    }

    fn step(&mut self, input: Input) -> Reply {
        self.now = self.now.plus(Span(1_000));
        let reply = self
            .core
            .step(self.now, input, &mut self.world, &mut self.outputs);
        for amendment in self.outputs.amendments.drain(..) {
            let id = amendment.event.id().to_owned();
            let old = (amendment.old.score.map(f64::to_bits), amendment.old.outcome);
            assert_eq!(
                self.believed.get(&id),
                Some(&old),
                "an amendment starts from what was told"
            );
            let new = (amendment.new.score.map(f64::to_bits), amendment.new.outcome);
            self.believed.insert(id, new);
        }
        reply
    }

    fn arrive(&mut self, event: Event, habit: Habit, is_try: bool) {
        let copy = Arc::new(event_again(&event));
        match habit {
            Habit::StallPlugin(instance) => self.world.chains[usize::from(instance)].timeouts = 2,
            Habit::StallModel => self.world.model_timeouts = 1,
            _ => {}
        }
        let input = match habit {
            Habit::Score | Habit::StallPlugin(_) | Habit::StallModel if is_try => {
                Input::Score(event)
            }
            _ => Input::Ingest(event),
        };
        let mut late_for = Vec::new();
        let disposition = match self.step(input) {
            Reply::Ingested(disposition) => disposition,
            Reply::Conflict(_) => Disposition::Conflict,
            Reply::Answer(answer) => {
                late_for = answer.late_for.clone();
                let said = world::Final {
                    vector: world::bits(&answer.revision.vector),
                    scores: answer
                        .revision
                        .scores
                        .iter()
                        .map(|s| s.map(f64::to_bits))
                        .collect(),
                    outcome: answer.revision.outcome,
                };
                let id = answer.event.id().to_owned();
                self.believed
                    .insert(id.clone(), (said.scores[0], said.outcome));
                let transient = answer
                    .revision
                    .degraded
                    .iter()
                    .any(|d| !d.reason.is_derived());
                if !transient {
                    self.said.push((id, answer.revision.basis, said));
                }
                answer.disposition
            }
            other => panic!("{other:?}"),
        };
        if matches!(disposition, Disposition::Admitted | Disposition::Late) {
            self.admitted.push((copy, late_for));
        }
        self.dispositions.push(disposition);
        match habit {
            Habit::Slice => drop(self.step(Input::Settle(5))),
            Habit::Shed => self.core.shed(),
            _ => {}
        }
    }

    /// Lets everything that was put off happen.
    fn settle(&mut self) {
        self.world
            .chains
            .iter_mut()
            .for_each(|chain| chain.timeouts = 0);
        self.world.model_timeouts = 0;
        for _ in 0..1_000 {
            self.now = self.now.plus(Span(2_000_000));
            self.step(Input::Tick);
            while matches!(self.step(Input::Settle(50)), Reply::Settled(true)) {}
            let gauges = self.core.gauges();
            if gauges.debt_rows == 0 && gauges.decisions_stale == 0 {
                self.step(Input::Tick);
                self.step(Input::Settle(u64::MAX));
                return;
            }
        }
        panic!("debts that never end: {:?}", self.core.gauges());
    }
}

fn event_again(event: &Event) -> Event {
    let number: usize = event.id()[1..].parse().unwrap();
    let key = |slot| event.text(slot).map(|text| text[1..].parse().unwrap());
    let kind = if event.kind().0 == 0 { "try" } else { "done" };
    let amount = event.numbers()[0] as i64;
    world::event(
        number,
        kind,
        event.time().0 / 1_000_000,
        key(0),
        key(1),
        amount,
    )
}

fn run(pipeline: &Arc<Pipeline>, arrivals: &[Arrival], trap_every: u64) -> Run {
    let mut run = Run::new(pipeline, trap_every);
    for (event, arrival) in build(arrivals).into_iter().zip(arrivals) {
        let is_try = event.kind().0 == 0;
        run.arrive(event, arrival.habit, is_try);
    }
    run
}

proptest! {
    #[test]
    fn a_any_arrival_order_gives_the_sorted_stream(arrivals in arrivals(80), trap_every in 0..6_u64) {
        let pipeline = pipeline(Span(i64::MAX), AmendPolicy::All);
        let mut run = run(&pipeline, &arrivals, trap_every);
        run.settle();
        let (expected, states) = reference(&pipeline, &run.admitted, &mut World::new(trap_every));
        for ((instance, key), state) in states {
            let found = run.core.state(instance, &key).map(|state| state.to_vec());
            prop_assert_eq!(found, Some(state), "state of {} of instance {}", key, instance);
        }
        let believed = std::mem::take(&mut run.believed);
        let found = finals(&mut run.core);
        prop_assert_eq!(&found, &expected);

        // C: answers plus amendments are the final answers.
        for (id, told) in believed {
            prop_assert_eq!(told, (expected[&id].scores[0], expected[&id].outcome), "{}", id);
        }
        // F: every event is accounted for, in the counts and in the log.
        let counts = run.core.gauges().counts;
        prop_assert_eq!(counts.received(), arrivals.len() as u64);
        let logged = |disposition| {
            let is = |record: &&Record| {
                matches!(record, Record::Event { disposition: d, .. } if *d == disposition)
            };
            run.outputs.records.iter().filter(is).count() as u64
        };
        for disposition in [Disposition::Admitted, Disposition::Late, Disposition::Conflict] {
            prop_assert_eq!(counts.of(disposition), logged(disposition));
        }
        let positions: Vec<u64> = run.outputs.records.iter().map(|record| record.lsn().0).collect();
        prop_assert_eq!(positions, (1..=run.outputs.records.len() as u64).collect::<Vec<_>>());
    }

    #[test]
    fn b_a_provisional_answer_is_the_fold_of_what_was_admitted_at_its_basis(arrivals in arrivals(40)) {
        let pipeline = pipeline(Span(i64::MAX), AmendPolicy::Outcome);
        let run = run(&pipeline, &arrivals, 0);
        let events = run.outputs.records.iter().filter_map(|record| match record {
            Record::Event { lsn, disposition: Disposition::Admitted, event, .. } => Some((*lsn, event)),
            _ => None,
        });
        let events: Vec<_> = events.collect();
        for (id, basis, said) in &run.said {
            let known = events.iter().filter(|(lsn, _)| lsn <= basis);
            let known: Vec<Admitted> = known.map(|(_, event)| ((*event).clone(), vec![])).collect();
            let (expected, _) = reference(&pipeline, &known, &mut World::new(0));
            prop_assert_eq!(said, &expected[id], "{} at {:?}", id, basis);
        }
    }

    #[test]
    fn d_replaying_the_sorted_archive_gives_the_same_bytes(arrivals in arrivals(80), trap_every in 0..6_u64) {
        let pipeline = pipeline(Span(i64::MAX), AmendPolicy::Outcome);
        let mut live = run(&pipeline, &arrivals, trap_every);
        live.settle();
        let mut archive: Vec<Event> = live.admitted.iter().map(|(event, _)| event_again(event)).collect();
        archive.sort_by(|a, b| a.order_key().cmp(&b.order_key()));
        let mut core = Core::new(pipeline.clone());
        let (mut world, mut outputs) = (World::new(trap_every), Outputs::default());
        let mut replayed = BTreeMap::new();
        for chunk in archive.chunks_mut(16) {
            for event in chunk {
                let event = event_again(event);
                core.step(event.time(), Input::Ingest(event), &mut world, &mut outputs);
            }
            while matches!(
                core.step(ARRIVAL, Input::Settle(u64::MAX), &mut world, &mut outputs),
                Reply::Settled(true)
            ) {}
            replayed.extend(core.drain_decisions().iter().map(|d| (d.event.id().to_owned(), final_of(d))));
        }
        prop_assert_eq!(finals(&mut live.core), replayed);
    }

    #[test]
    fn late_events_change_nothing_that_is_final(arrivals in arrivals(80), lateness in 0..20_i64) {
        let pipeline = pipeline(Span(lateness * 1_000_000), AmendPolicy::All);
        // Every event asks for its score, so that each answer tells which timelines it came too late for.
        let arrivals: Vec<_> = arrivals
            .into_iter()
            .map(|arrival| Arrival { is_try: true, again: None, habit: Habit::Score, ..arrival })
            .collect();
        let mut run = run(&pipeline, &arrivals, 0);
        run.settle();
        let (expected, states) = reference(&pipeline, &run.admitted, &mut World::new(0));
        for ((instance, key), state) in states {
            prop_assert_eq!(run.core.state(instance, &key).map(|s| s.to_vec()), Some(state));
        }
        let partly_late: Vec<_> =
            run.admitted.iter().filter(|(_, late)| !late.is_empty()).map(|(e, _)| e.id()).collect();
        for (id, found) in finals(&mut run.core) {
            if !partly_late.contains(&id.as_str()) {
                prop_assert_eq!(&found, &expected[&id], "{}", id);
            }
        }
    }

    #[test]
    fn a_what_if_changes_nothing_and_says_what_the_score_would_be(
        arrivals in arrivals(40), time in 0..40_i64, a in 0..3_u8, b in 0..3_u8,
    ) {
        let pipeline = pipeline(Span(i64::MAX), AmendPolicy::Outcome);
        let mut run = run(&pipeline, &arrivals, 0);
        run.settle();
        let ask = || event(10_000, "try", time, Some(a), Some(b), 3);
        let before = (run.core.gauges().timelines, run.core.gauges().lsn, run.core.gauges().counts);
        let Reply::Answer(imagined) = run.step(Input::WhatIf(ask())) else { panic!("no answer") };
        let after = (run.core.gauges().timelines, run.core.gauges().lsn, run.core.gauges().counts);
        prop_assert_eq!(before, after);
        let Reply::Answer(stored) = run.step(Input::Score(ask())) else { panic!("no answer") };
        prop_assert!(imagined.decision.is_none() && stored.decision.is_some());
        prop_assert!(imagined.revision.says_the_same(&stored.revision));
    }
}

#[test]
fn timelines_of_a_failing_plugin_are_left_alone_until_a_tick() {
    let pipeline = pipeline(Span(i64::MAX), AmendPolicy::Outcome);
    let mut run = Run::new(&pipeline, 0);
    // More keys than failures that open the breaker: the last ones are refused without a call.
    let keys = 8;
    run.world.chains[0].timeouts = u32::MAX;
    for key in 0..keys {
        run.step(Input::Ingest(event(
            usize::from(key),
            "try",
            i64::from(key),
            Some(key),
            None,
            1,
        )));
    }
    assert!(matches!(
        run.step(Input::Settle(u64::MAX)),
        Reply::Settled(false)
    ));
    assert_eq!(run.core.gauges().timelines_owing, usize::from(keys));
}
