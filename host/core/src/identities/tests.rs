//! The identity index against a plain map, and one sentence per promise. Takes events as a client would send
//! them; must not look into the tables.

use std::collections::HashMap;

use foreshore_event::{Digest, Field, Kind, Schema, Unknown, decode, validate};
use proptest::prelude::*;

use super::*;

/// An event of this id that says this amount.
fn event(id: u8, amount: u8) -> Event {
    let fields = vec![Field::new("kilos", Kind::Number)];
    let schema = Schema::new(vec!["landed".into()], fields, Unknown::Reject).unwrap();
    let json = format!(
        r#"{{"id":"{id}","source":"quay","type":"landed","time":"2026-03-01T00:00:00Z","data":{{"kilos":{amount}}}}}"#
    );
    validate(&schema, decode(&schema, json.as_bytes()).unwrap()).unwrap()
}

/// An identity for each number, as evenly spread as digests are.
fn identity(number: u64) -> Identity {
    Identity(u128::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835))
}

/// An index that knows events logged at 1 to `last`.
fn index(last: u64) -> Identities {
    let mut identities = Identities::default();
    for lsn in 1..=last {
        identities.remember_entry(Entry::new(identity(lsn), Digest(0), Lsn(lsn)));
    }
    identities
}

fn sweep_all(identities: &mut Identities) {
    (0..SHARDS).for_each(|_| identities.sweep());
}

#[test]
fn an_event_is_known_by_its_identity_and_told_apart_by_what_it_says() {
    let mut identities = Identities::default();
    identities.remember(&event(1, 10), Lsn(7));
    assert_eq!(identities.look_up(&event(1, 10)), Seen::Same(Lsn(7)));
    assert_eq!(identities.look_up(&event(1, 11)), Seen::Other(Lsn(7)));
    assert_eq!(identities.look_up(&event(2, 10)), Seen::New);
    assert_eq!(identities.find(event(1, 0).identity()), Some(Lsn(7)));
    assert_eq!(identities.find(event(2, 0).identity()), None);
}

#[test]
fn entries_may_come_in_any_order_and_the_later_one_counts() {
    let (early, late) = (event(1, 10), event(1, 11));
    let entries = [Entry::of(&early, Lsn(1)), Entry::of(&late, Lsn(2))];
    let (mut there, mut back) = (Identities::default(), Identities::default());
    entries
        .iter()
        .for_each(|entry| there.remember_entry(*entry));
    entries
        .iter()
        .rev()
        .for_each(|entry| back.remember_entry(*entry));
    for identities in [there, back] {
        assert_eq!(identities.look_up(&late), Seen::Same(Lsn(2)));
        assert_eq!(identities.len(), 1);
    }
}

#[test]
fn what_lies_below_the_floor_is_forgotten_at_once_and_its_memory_comes_back_with_sweeping() {
    let mut identities = index(50_000);
    let full = identities.bytes();
    identities.forget_below(Lsn(49_001));
    let known = |identities: &Identities| {
        (1..=50_000)
            .filter(|lsn| identities.find(identity(*lsn)).is_some())
            .count()
    };
    assert_eq!((known(&identities), identities.len()), (1_000, 50_000));
    sweep_all(&mut identities);
    assert_eq!((known(&identities), identities.len()), (1_000, 1_000));
    assert!(
        identities.bytes() < full / 4,
        "{} of {full} bytes",
        identities.bytes()
    );
}

#[test]
fn a_sweep_looks_at_a_bounded_number_of_entries() {
    let mut identities = index(50_000);
    identities.forget_below(Lsn(50_001));
    let mut left = vec![identities.len()];
    while !identities.is_empty() {
        identities.sweep();
        left.push(identities.len());
    }
    let most = left.windows(2).map(|pair| pair[0] - pair[1]).max().unwrap();
    assert!(
        (SWEPT_AT_ONCE..SWEPT_AT_ONCE + 200).contains(&most),
        "{left:?}"
    );
}

#[test]
fn a_floor_never_sinks_and_nothing_below_it_comes_in() {
    let mut identities = index(10);
    identities.forget_below(Lsn(6));
    identities.forget_below(Lsn(2));
    identities.remember(&event(1, 1), Lsn(5));
    sweep_all(&mut identities);
    assert_eq!(identities.len(), 5);
}

#[test]
fn a_log_longer_than_an_entry_can_tell_still_knows_its_events() {
    let mut identities = Identities::default();
    identities.remember(&event(1, 1), Lsn(u64::MAX));
    identities.forget_below(Lsn(u64::MAX));
    sweep_all(&mut identities);
    assert_eq!(identities.look_up(&event(1, 1)), Seen::Same(Entry::LAST));
}

#[derive(Clone, Debug)]
enum Step {
    Remember(u8, u8),
    LookUp(u8, u8),
    Forget(u64),
    Sweep,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0..24_u8, 0..3_u8).prop_map(|(id, amount)| Step::Remember(id, amount)),
        4 => (0..24_u8, 0..3_u8).prop_map(|(id, amount)| Step::LookUp(id, amount)),
        1 => (0..40_u64).prop_map(Step::Forget),
        1 => Just(Step::Sweep),
    ];
    proptest::collection::vec(step, 1..120)
}

proptest! {
    /// The index says what a map of every event ever met, less those below the floor, would say.
    #[test]
    fn the_index_says_what_a_plain_map_says(steps in steps()) {
        let mut identities = Identities::default();
        let mut model: HashMap<Identity, (Digest, Lsn)> = HashMap::new();
        let mut last = Lsn(0);
        for step in steps {
            match step {
                Step::Remember(id, amount) => {
                    last.0 += 1;
                    let event = event(id, amount);
                    identities.remember(&event, last);
                    model.insert(event.identity(), (event.digest(), last));
                }
                Step::LookUp(id, amount) => {
                    let event = event(id, amount);
                    let expected = match model.get(&event.identity()) {
                        None => Seen::New,
                        Some((digest, lsn)) if *digest == event.digest() => Seen::Same(*lsn),
                        Some((_, lsn)) => Seen::Other(*lsn),
                    };
                    prop_assert_eq!(identities.look_up(&event), expected);
                }
                Step::Forget(kept) => {
                    let floor = Lsn(last.0.saturating_sub(kept));
                    identities.forget_below(floor);
                    model.retain(|_, (_, lsn)| *lsn >= floor);
                }
                Step::Sweep => {
                    sweep_all(&mut identities);
                    prop_assert_eq!(identities.len(), model.len());
                }
            }
            for (identity, (_, lsn)) in &model {
                prop_assert_eq!(identities.find(*identity), Some(*lsn));
            }
        }
    }
}
