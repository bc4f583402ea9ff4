//! One device with a wrong clock, among others with right ones. The same world is lived through twice, once without
//! that device: what it changes is in the timelines that its own events name, and nowhere else.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use foreshore_core::{AmendPolicy, Core, Disposition, Input, Instance, Pipeline, Record, Reply};
use foreshore_event::{Event, Span, Time};
use foreshore_proof::Random;

use crate::proof;
use crate::run::Run;
use crate::traffic::Disorder;
use crate::world::{self, Final, pipeline};

/// Seeds of a quick run.
const SEEDS: u64 = 250;

/// How far ahead of its arrival an event may be, in seconds.
const FUTURE_MAX: i64 = 300;

/// A year, in seconds.
const YEAR: i64 = 365 * 86_400;

/// The device whose clock is wrong: events with every third number are its.
const POISONED: usize = 0;

/// How a clock is wrong.
#[derive(Clone, Copy, Debug)]
enum Poison {
    YearAhead,
    YearBehind,
    JustUnderTheGuard,
    /// Steps back, again and again, by up to an hour.
    SteppingBack,
}

impl Poison {
    /// What such a clock shows.
    fn shows(self, now: i64, random: &mut Random) -> i64 {
        match self {
            Poison::YearAhead => now + YEAR,
            Poison::YearBehind => now - YEAR,
            Poison::JustUnderTheGuard => now + FUTURE_MAX,
            Poison::SteppingBack => now - random.below(3_600) as i64,
        }
    }
}

/// An arrival: at which second, and what.
struct Arrival {
    at: i64,
    number: usize,
    is_try: bool,
    /// By its device's clock.
    time: i64,
    a: Option<u8>,
    b: Option<u8>,
}

impl Arrival {
    fn event(&self) -> Event {
        let kind = if self.is_try { "try" } else { "done" };
        world::event(self.number, kind, self.time, self.a, self.b, 7)
    }

    fn is_poisoned(&self) -> bool {
        self.number % 3 == POISONED
    }
}

/// Arrivals of three devices; the events of two are at most as old as timelines wait for.
fn arrivals(poison: Poison, lateness: i64, random: &mut Random) -> Vec<Arrival> {
    let mut at = YEAR + 3_600;
    let count = 10 + random.below(70) as usize;
    let arrival = |number| {
        at += random.below(20) as i64;
        let time = match number % 3 == POISONED {
            true => poison.shows(at, random),
            false => at - random.below(lateness as u64 + 1) as i64,
        };
        // So that some timelines are shared with it, and others are not.
        let keys = if number % 3 == POISONED { 2 } else { 6 };
        let mut key = || (random.below(10) > 0).then(|| random.below(keys) as u8);
        let (a, b) = (key(), key());
        Arrival {
            at,
            number,
            is_try: random.below(2) == 0,
            time,
            a,
            b,
        }
    };
    (0..count).map(arrival).collect()
}

/// What came of a world: what is compared.
struct Outcome {
    core: Core,
    /// Dispositions and late places, by event.
    fates: BTreeMap<String, (Disposition, u64)>,
    finals: BTreeMap<String, Final>,
}

fn live<'a>(
    pipeline: &Arc<Pipeline>,
    arrivals: impl Iterator<Item = &'a Arrival>,
    seed: u64,
) -> Outcome {
    let disorder = Disorder::of(&mut Random::new(seed));
    let mut run = Run::new(pipeline.clone(), disorder, 0, seed);
    for arrival in arrivals {
        run.now = Time(arrival.at * 1_000_000);
        let event = arrival.event();
        run.received += 1;
        let input = match arrival.is_try {
            true => Input::Score(event),
            false => Input::Ingest(event),
        };
        if let Reply::Answer(answer) = run.step(input) {
            run.hear(&answer);
        }
        if run.random.below(3) == 0 {
            run.step(Input::Settle(5));
        }
    }
    run.settle();
    let fates = run.records.iter().filter_map(|record| match record {
        Record::Event {
            disposition,
            late,
            event,
            ..
        } => Some((event.id().to_owned(), (*disposition, *late))),
        _ => None,
    });
    Outcome {
        fates: fates.collect(),
        finals: run.finals(),
        core: run.core,
    }
}

impl Outcome {
    /// Timelines that an event by the wrong clock stands in, or came too late for.
    fn touched(&self, pipeline: &Pipeline, arrivals: &[Arrival]) -> Named {
        let poisoned = arrivals.iter().filter(|arrival| arrival.is_poisoned());
        let taken = poisoned.filter(|arrival| {
            let (disposition, _) = self.fates[&format!("e{}", arrival.number)];
            disposition != Disposition::Future
        });
        taken
            .flat_map(|arrival| named(pipeline, &arrival.event()))
            .collect()
    }
}

/// Timelines as an event names them: instance and key.
type Named = BTreeSet<(usize, String)>;

fn named(pipeline: &Pipeline, event: &Event) -> Named {
    let instances = pipeline.instances.iter().enumerate();
    let key =
        |(index, instance): (usize, &Instance)| Some((index, event.text(instance.key)?.to_owned()));
    instances.filter_map(key).collect()
}

fn attack(poison: Poison, name: &str) {
    let mut proof = proof(name);
    proof.seeds(SEEDS, |proof, seed| {
        let mut random = Random::new(seed ^ 0xC10C);
        let lateness = random.of([0, 30, 600]);
        let mut pipeline = (*pipeline(Span(lateness * 1_000_000), AmendPolicy::All)).clone();
        pipeline.future_max = Span(FUTURE_MAX * 1_000_000);
        let pipeline = Arc::new(pipeline);
        let arrivals = arrivals(poison, lateness, &mut random);
        let right = || arrivals.iter().filter(|arrival| !arrival.is_poisoned());
        let (without, with) = (
            live(&pipeline, right(), seed),
            live(&pipeline, arrivals.iter(), seed),
        );
        let touched = with.touched(&pipeline, &arrivals);
        for arrival in right() {
            // No event by a right clock is late, whoever shares its timelines.
            let id = format!("e{}", arrival.number);
            assert_eq!(with.fates[&id], (Disposition::Admitted, 0), "{id}");
            proof.count("events by right clocks, none late", 1);
            // What the wrong clock has not named is the same, to the bit, and so is what rests on it alone.
            let names = named(&pipeline, &arrival.event());
            for (instance, key) in names.difference(&touched) {
                let states = [&without, &with].map(|outcome| outcome.core.state(*instance, key));
                assert_eq!(states[0], states[1], "{key} of {instance}");
                proof.count("untouched states compared", 1);
            }
            if arrival.is_try && names.is_disjoint(&touched) {
                assert_eq!(without.finals[&id], with.finals[&id], "{id}");
                proof.count("untouched scores compared", 1);
            }
        }
    });
}

#[test]
fn a_clock_a_year_ahead_touches_nothing_and_makes_nobody_late() {
    let name = "a_clock_a_year_ahead_touches_nothing_and_makes_nobody_late";
    attack(Poison::YearAhead, name);
}

#[test]
fn a_clock_a_year_behind_touches_only_its_own_timelines_and_makes_nobody_late() {
    let name = "a_clock_a_year_behind_touches_only_its_own_timelines_and_makes_nobody_late";
    attack(Poison::YearBehind, name);
}

#[test]
fn a_clock_just_under_the_guard_touches_only_its_own_timelines_and_makes_nobody_late() {
    let name = "a_clock_just_under_the_guard_touches_only_its_own_timelines_and_makes_nobody_late";
    attack(Poison::JustUnderTheGuard, name);
}

#[test]
fn a_clock_that_steps_back_touches_only_its_own_timelines_and_makes_nobody_late() {
    let name = "a_clock_that_steps_back_touches_only_its_own_timelines_and_makes_nobody_late";
    attack(Poison::SteppingBack, name);
}
