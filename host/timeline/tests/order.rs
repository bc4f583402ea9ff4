//! Promise A for one timeline: any arrival order gives what sorting first would give. Seeds are printed by
//! proptest on failure; `PROPTEST_CASES` and its regression file re-run them.

#![allow(clippy::unwrap_used, reason = "a failed test is the message")]

use std::sync::Arc;

use foreshore_event::{Draft, Event, Schema, Span, Time, Unknown, validate};
use foreshore_timeline::native::Chain;
use foreshore_timeline::{
    Emission, Entry, Fault, Folder, Late, Lsn, Point, ReadError, Role, Settings, Timeline,
    Watermark,
};
use proptest::prelude::*;

const SETTINGS: Settings = Settings {
    lateness: Span(i64::MAX),
    foreshore_max: usize::MAX,
    checkpoint_bytes_max: 512,
};
const APPLY_AND_EMIT: Role = Role {
    apply: true,
    emit: true,
};

fn event(time: i64, id: usize) -> Arc<Event> {
    let schema = Schema::new(vec!["t".into()], vec![], Unknown::Reject).unwrap();
    let mut draft = Draft::new(&schema);
    draft.source = Some("s".into());
    draft.id = Some(id.to_string().into());
    draft.kind = Some("t".into());
    draft.time = Some(Time(time).to_string().into());
    Arc::new(validate(&schema, draft).unwrap())
}

fn entry(event: &Arc<Event>, lsn: usize, role: Role) -> Entry {
    Entry::new(event.clone(), Lsn(lsn as u64), role)
}

/// Sorts, then folds one by one: what every arrival order must come to.
fn sorted_then_folded(
    arrivals: &[(Arc<Event>, Role)],
    folder: &mut Chain,
) -> (Vec<u8>, Vec<Emission>) {
    let mut sorted: Vec<_> = arrivals.iter().enumerate().collect();
    sorted.sort_by(|a, b| a.1.0.order_key().cmp(&b.1.0.order_key()));
    let mut timeline = Timeline::default();
    let mut emissions = Vec::new();
    for (lsn, (event, role)) in sorted {
        timeline
            .place(entry(event, lsn, *role), event.time(), &SETTINGS)
            .unwrap();
        timeline
            .settle_through(event.order_key(), folder, &SETTINGS, &mut emissions)
            .unwrap();
    }
    (timeline.state().to_vec(), emissions)
}

/// The last word about each event, in order of log position.
fn last_words(emissions: Vec<Emission>) -> Vec<Emission> {
    let mut latest = std::collections::BTreeMap::new();
    latest.extend(
        emissions
            .into_iter()
            .map(|emission| (emission.lsn, emission)),
    );
    latest.into_values().collect()
}

/// What the property does between arrivals.
#[derive(Clone, Copy, Debug)]
enum Habit {
    ScoreAtOnce,
    Lazily,
    Slice,
    Shed,
    Stall,
}

fn arrivals() -> impl Strategy<Value = Vec<(i64, bool, bool, Habit)>> {
    use Habit::*;
    let habit = prop_oneof![
        Just(ScoreAtOnce),
        Just(Lazily),
        Just(Slice),
        Just(Shed),
        Just(Stall)
    ];
    // Few distinct times, so that ties are common.
    prop::collection::vec((0..60_i64, any::<bool>(), any::<bool>(), habit), 1..120)
}

proptest! {
    #[test]
    fn any_arrival_order_gives_the_sorted_stream(arrivals in arrivals(), trap_every in 0..5_u64) {
        let events: Vec<_> = arrivals
            .iter()
            .enumerate()
            .map(|(id, (time, apply, emit, _))| {
                (event(*time, id), Role { apply: *apply, emit: *emit || !*apply })
            })
            .collect();
        let mut folder = Chain { trap_every, ..Chain::default() };
        let (state, emissions) = sorted_then_folded(&events, &mut folder);

        let mut timeline = Timeline::default();
        let mut heard = Vec::new();
        for (lsn, ((event, role), (.., habit))) in events.iter().zip(&arrivals).enumerate() {
            timeline.place(entry(event, lsn, *role), event.time(), &SETTINGS).unwrap();
            match habit {
                Habit::ScoreAtOnce => {
                    timeline.settle_through(event.order_key(), &mut folder, &SETTINGS, &mut heard).unwrap();
                    prop_assert!(timeline.is_settled(event.order_key()));
                }
                Habit::Lazily => {}
                Habit::Slice => drop(timeline.settle(7, &mut folder, &SETTINGS, &mut heard)),
                Habit::Shed => timeline.shed(),
                Habit::Stall => {
                    folder.timeouts = 3;
                    drop(timeline.settle(u64::MAX, &mut folder, &SETTINGS, &mut heard));
                    folder.timeouts = 0;
                }
            }
        }
        timeline.settle(u64::MAX, &mut folder, &SETTINGS, &mut heard).unwrap();
        prop_assert_eq!(timeline.debt(), 0);
        prop_assert_eq!(timeline.state().to_vec(), state);
        prop_assert_eq!(last_words(heard), last_words(emissions));
    }

    #[test]
    fn what_is_placed_within_lateness_equals_the_sorted_stream_of_it(
        times in prop::collection::vec(0..1_000_i64, 1..150),
        lateness in 0..400_i64,
        foreshore_max in 1..40_usize,
        keeps in 1..5_usize,
    ) {
        let settings = Settings { lateness: Span(lateness), foreshore_max, ..SETTINGS };
        let mut folder = Chain::default();
        let mut timeline = Timeline::default();
        let mut admitted = Vec::new();
        let mut heard = Vec::new();
        let mut gone = Vec::new();
        for (lsn, time) in times.iter().enumerate() {
            let event = event(*time, lsn);
            let before = timeline.watermark().clone();
            let result = timeline.place(entry(&event, lsn, APPLY_AND_EMIT), event.time(), &settings);
            prop_assert_eq!(result == Err(Late), before.is_above(event.order_key()));
            if result.is_ok() {
                timeline.settle_through(event.order_key(), &mut folder, &settings, &mut heard).unwrap();
                prop_assert!(timeline.foreshore() <= foreshore_max);
                admitted.push((event, APPLY_AND_EMIT));
            }
            if lsn % keeps == 0 {
                gone.extend(timeline.let_go());
                prop_assert!(gone.iter().all(|entry| timeline.is_final(entry.event.order_key())));
            }
        }
        timeline.settle(u64::MAX, &mut folder, &settings, &mut heard).unwrap();
        let (state, _) = sorted_then_folded(&admitted, &mut folder);
        prop_assert_eq!(timeline.state().to_vec(), state);

        // What it let go of and what it holds are all there was, once each, in order.
        gone.extend(timeline.held().cloned());
        prop_assert!(gone.is_sorted_by(|a, b| a.event.order_key() < b.event.order_key()));
        prop_assert_eq!(gone.len(), admitted.len());
        timeline.close(Time(i64::MAX));
        timeline.let_go();
        prop_assert_eq!(timeline.held().count(), 0, "all is folded: nothing keeps a committed event");
    }

    #[test]
    fn a_read_equals_the_fold_of_what_lies_before_it(
        times in prop::collection::vec(0..100_i64, 1..60),
        at in 0..100_i64,
        settled in any::<bool>(),
    ) {
        let mut folder = Chain::default();
        let mut timeline = Timeline::default();
        let events: Vec<_> = times.iter().enumerate().map(|(id, time)| event(*time, id)).collect();
        for (lsn, event) in events.iter().enumerate() {
            timeline.place(entry(event, lsn, APPLY_AND_EMIT), event.time(), &SETTINGS).unwrap();
        }
        if settled {
            timeline.settle(u64::MAX, &mut folder, &SETTINGS, &mut Vec::new()).unwrap();
        }
        let before = timeline.state().clone();
        let found = timeline.read(Point::AsOf(Time(at)), &mut folder).unwrap();
        prop_assert_eq!(&before, timeline.state());

        let what_if = event(at, usize::MAX);
        let as_of_event = timeline.read(Point::Event(&what_if, APPLY_AND_EMIT), &mut folder).unwrap();

        let mut expected = Timeline::default();
        for event in events.iter().filter(|event| event.time() <= Time(at)) {
            expected.place(entry(event, 0, APPLY_AND_EMIT), event.time(), &SETTINGS).unwrap();
        }
        expected.settle(u64::MAX, &mut folder, &SETTINGS, &mut Vec::new()).unwrap();
        prop_assert_eq!(&found, &expected.read(Point::AsOf(Time(at)), &mut folder).unwrap());
        expected.place(entry(&what_if, 9, APPLY_AND_EMIT), Time(at), &SETTINGS).unwrap();
        let mut heard = Vec::new();
        expected.settle_through(what_if.order_key(), &mut folder, &SETTINGS, &mut heard).unwrap();
        prop_assert_eq!(heard.iter().find(|e| e.lsn == Lsn(9)).unwrap().features.clone(), Some(as_of_event));
    }
}

#[test]
fn an_event_at_the_bound_is_in_time_and_one_below_it_is_late() {
    let settings = Settings {
        lateness: Span(10),
        ..SETTINGS
    };
    let mut timeline = Timeline::default();
    let mut place = |time: i64, id: usize, arrival: i64| {
        timeline
            .place(
                entry(&event(time, id), id, APPLY_AND_EMIT),
                Time(arrival),
                &settings,
            )
            .is_ok()
    };
    assert!(place(100, 0, 100));
    assert!(place(90, 1, 100), "exactly the bound");
    assert!(!place(89, 2, 100), "one below the bound");
    assert!(place(1_000, 3, 101), "a fast clock is placed");
    assert!(
        place(91, 4, 101),
        "but moves the head no further than the arrival"
    );
    assert!(!place(90, 5, 101));
}

#[test]
fn a_close_makes_everything_before_it_final() {
    let mut timeline = Timeline::default();
    let first = event(5, 0);
    timeline
        .place(entry(&first, 0, APPLY_AND_EMIT), Time(5), &SETTINGS)
        .unwrap();
    assert!(!timeline.is_final(first.order_key()));
    timeline.close(Time(6));
    assert!(timeline.is_final(first.order_key()));
    assert_eq!(
        timeline.place(entry(&event(5, 1), 1, APPLY_AND_EMIT), Time(9), &SETTINGS),
        Err(Late)
    );
    timeline.close(Time(2));
    assert_eq!(timeline.watermark(), &Watermark::First(Time(6)));
}

#[test]
fn reading_below_the_watermark_says_so() {
    let mut timeline = Timeline::default();
    timeline.close(Time(50));
    let error = timeline
        .read(Point::AsOf(Time(49)), &mut Chain::default())
        .unwrap_err();
    assert_eq!(
        error,
        ReadError::Past {
            watermark: Time(50)
        }
    );
    assert!(
        timeline
            .read(Point::Watermark, &mut Chain::default())
            .is_ok()
    );
}

#[test]
fn a_missed_deadline_leaves_the_event_to_be_folded_later() {
    let mut timeline = Timeline::default();
    let mut folder = Chain {
        timeouts: 1,
        ..Chain::default()
    };
    let event = event(1, 0);
    timeline
        .place(entry(&event, 0, APPLY_AND_EMIT), Time(1), &SETTINGS)
        .unwrap();
    let mut heard = Vec::new();
    let result = timeline.settle_through(event.order_key(), &mut folder, &SETTINGS, &mut heard);
    assert!(matches!(result, Err(Fault::Timeout(_))));
    assert_eq!((timeline.debt(), heard.len()), (1, 0));
    timeline
        .settle(1, &mut folder, &SETTINGS, &mut heard)
        .unwrap();
    assert_eq!((timeline.debt(), heard.len()), (0, 1));
}

#[test]
fn events_in_order_cost_one_row_each_and_late_ones_their_distance() {
    let mut timeline = Timeline::default();
    let mut folder = Chain::default();
    let fold = |timeline: &mut Timeline, folder: &mut Chain, time: i64, id: usize| {
        let before = folder.rows;
        timeline
            .place(
                entry(&event(time, id), id, APPLY_AND_EMIT),
                Time(time),
                &SETTINGS,
            )
            .unwrap();
        timeline
            .settle(u64::MAX, folder, &SETTINGS, &mut Vec::new())
            .unwrap();
        folder.rows - before
    };
    let settings_allow = |rows: u64, distance: u64| rows <= 3 * distance + 3;
    for id in 0..2_000 {
        assert_eq!(fold(&mut timeline, &mut folder, 10 * id as i64, id), 1);
    }
    for (nth, distance) in [1, 2, 5, 17].into_iter().enumerate() {
        let rows = fold(
            &mut timeline,
            &mut folder,
            10 * (1_999 - distance) + 5,
            2_000 + nth,
        );
        assert!(
            settings_allow(rows, distance as u64),
            "{distance} back cost {rows} rows"
        );
    }
    assert_eq!(folder.features(), 3);
}

/// However seldom states are kept, and whatever happens to a timeline between two events, it holds the events that
/// may still be overtaken and few besides.
#[test]
fn a_timeline_holds_few_events_more_than_its_foreshore() {
    const LATENESS: i64 = 100;
    type Between = fn(Timeline, &[Arc<Event>]) -> Timeline;
    let nothing: Between = |timeline, _| timeline;
    let shed: Between = |mut timeline, _| {
        timeline.shed();
        timeline
    };
    let rest: Between = |timeline, events| {
        let mut event = |lsn: Lsn| events.get(lsn.0 as usize).cloned();
        Timeline::woken(timeline.at_rest(8 << 10), &mut event).unwrap()
    };
    for (between, what) in [(nothing, "nothing"), (shed, "shed"), (rest, "rest")] {
        for checkpoint_bytes_max in [0, 50, 64 << 10] {
            let settings = Settings {
                lateness: Span(LATENESS),
                checkpoint_bytes_max,
                ..SETTINGS
            };
            let (mut folder, mut timeline) = (Chain::default(), Timeline::default());
            let events: Vec<_> = (0..3_000).map(|id| event(id as i64, id)).collect();
            for (lsn, event) in events.iter().enumerate() {
                let entry = entry(event, lsn, APPLY_AND_EMIT);
                timeline.place(entry, event.time(), &settings).unwrap();
                timeline
                    .settle(u64::MAX, &mut folder, &settings, &mut Vec::new())
                    .unwrap();
                timeline.let_go();
                timeline = between(timeline, &events);
                assert!(
                    timeline.held().count() <= 3 * LATENESS as usize,
                    "{what} between, {checkpoint_bytes_max} bytes: {} held at {lsn}",
                    timeline.held().count()
                );
            }
        }
    }
}
