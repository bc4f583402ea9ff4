//! Going back after every event: from an earlier state the same events give the same bytes, natively and in the
//! sandbox; and timelines that go back because events come late end where the sorted stream ends.

use std::collections::BTreeMap;
use std::sync::Arc;

use card_traffic::schema;
use foreshore_event::{Event, Span};
use foreshore_proof::{Proof, Random};
use foreshore_timeline::{
    Emission, Entry, Flags, Lsn, ROWS_MAX, Role, Row, Settings, State, Timeline,
};

use crate::example::{Example, events, examples, is_scored};
use crate::{engine, proof};

/// A timeline as it was folded event by event: the state before each and at the end, and what was emitted.
struct History {
    states: Vec<State>,
    features: Vec<Vec<u64>>,
}

fn bits(numbers: &[f64]) -> Vec<u64> {
    numbers.iter().map(|number| number.to_bits()).collect()
}

fn row<'a>(example: &Example, event: &'a Event) -> Row<'a> {
    Row {
        event: Some(event),
        time: event.time(),
        flags: Flags {
            apply: example.applies(event),
            emit: is_scored(event),
            mark: true,
        },
    }
}

/// Folds event by event, and after each goes back to some earlier state and folds again from there.
fn roll_back(
    example: &mut Example,
    events: &[Arc<Event>],
    random: &mut Random,
    proof: &mut Proof,
) -> History {
    let mut history = History {
        states: vec![State::default()],
        features: Vec::new(),
    };
    for (at, event) in events.iter().enumerate() {
        let row_of_it = row(example, event);
        let folded = example
            .native
            .fold(&history.states[at], &[row_of_it])
            .unwrap();
        history.states.push(folded.states[0].clone());
        history.features.push(bits(&folded.features));

        let reach = [4, 40, ROWS_MAX as u64][random.below(3) as usize];
        let back = (1 + random.below(reach)).min(at as u64 + 1) as usize;
        let from = at + 1 - back;
        let again: Vec<Row<'_>> = events[from..=at]
            .iter()
            .map(|event| row(example, event))
            .collect();
        let folder = match random.below(2) {
            0 => &mut example.native,
            _ => &mut example.component,
        };
        let folded = folder.fold(&history.states[from], &again).unwrap();
        let name = example.name;
        assert_eq!(folded.states, history.states[from + 1..], "{name}: states");
        let said = history.features[from..].concat();
        assert_eq!(bits(&folded.features), said, "{name}: features");
        proof.count("times gone back", 1);
        proof.count("rows folded again", back as u64);
    }
    history
}

#[test]
fn every_example_plugin_gone_back_after_every_event_gives_the_same_bytes() {
    let name = "every_example_plugin_gone_back_after_every_event_gives_the_same_bytes";
    let (schema, mut proof) = (schema().unwrap(), proof(name));
    let mut examples = examples(&schema, &engine());
    proof.seeds(10, |proof, seed| {
        let events = events(&schema, seed);
        let mut random = Random::new(seed);
        for example in &mut examples {
            for timeline in example.timelines(&events) {
                roll_back(example, &timeline, &mut random, proof);
            }
        }
    });
}

/// An order of arrival: sorted, then some moved back by up to so many places.
fn arrivals(count: usize, random: &mut Random) -> Vec<usize> {
    let reach = 1 + random.below(60);
    let late = random.below(51);
    let mut order: Vec<(u64, usize)> = (0..count)
        .map(|at| {
            let moved = if random.percent(late) {
                random.below(reach)
            } else {
                0
            };
            (at as u64 + moved, at)
        })
        .collect();
    order.sort_by_key(|(place, _)| *place);
    order.into_iter().map(|(_, at)| at).collect()
}

/// Lets events arrive in any order, folding as a seed has it; gives the end and the last word about each.
fn arrive(
    example: &mut Example,
    events: &[Arc<Event>],
    random: &mut Random,
) -> (State, BTreeMap<Lsn, Vec<u64>>) {
    let settings = Settings {
        lateness: Span(i64::MAX),
        foreshore_max: usize::MAX,
        checkpoint_bytes_max: [0, 4 << 10, 64 << 10][random.below(3) as usize],
    };
    let (mut timeline, mut emitted) = (Timeline::default(), Vec::new());
    for at in arrivals(events.len(), random) {
        let event = events[at].clone();
        let role = Role {
            apply: example.applies(&event),
            emit: is_scored(&event),
        };
        let (lsn, time) = (Lsn(at as u64), event.time());
        timeline
            .place(Entry::new(event, lsn, role), time, &settings)
            .unwrap();
        if random.below(3) > 0 {
            let rows = [1, 5, u64::MAX][random.below(3) as usize];
            timeline
                .settle(rows, &mut *example.component, &settings, &mut emitted)
                .unwrap();
        }
    }
    timeline
        .settle(u64::MAX, &mut *example.component, &settings, &mut emitted)
        .unwrap();
    let last = |Emission { lsn, features }: Emission| (lsn, bits(&features.unwrap()));
    (
        timeline.state().clone(),
        emitted.into_iter().map(last).collect(),
    )
}

#[test]
fn every_example_plugin_gives_the_sorted_stream_in_any_arrival_order() {
    let name = "every_example_plugin_gives_the_sorted_stream_in_any_arrival_order";
    let (schema, mut proof) = (schema().unwrap(), proof(name));
    let mut examples = examples(&schema, &engine());
    proof.seeds(10, |proof, seed| {
        let events = events(&schema, seed);
        let mut random = Random::new(seed);
        for example in &mut examples {
            for timeline in example.timelines(&events) {
                let history = roll_back(example, &timeline, &mut random, proof);
                let (state, last) = arrive(example, &timeline, &mut random);
                assert_eq!(state, *history.states.last().unwrap(), "{}", example.name);
                for (at, features) in history.features.iter().enumerate() {
                    let found = last.get(&Lsn(at as u64)).cloned().unwrap_or_default();
                    assert_eq!(found, *features, "{}: event {at}", example.name);
                }
                proof.count("timelines compared", 1);
            }
        }
    });
}
