//! What is held to be true of a log whose oldest part is given up.

use std::path::Path;
use std::sync::Arc;

use foreshore_event::Span;
use foreshore_store::cold::{Family, Key};
use foreshore_store::{StoreError, checkpoint};
use foreshore_timeline::Lsn;

use crate::decay::Decaying;
use crate::node::{FOLDER, Node};
use crate::world;

/// Events until there is something to give up.
const MANY: usize = 600;

#[test]
fn what_is_left_says_the_same_as_if_all_was_kept() {
    for seed in 0..3 {
        let mut node = Node::new(seed);
        let mut running = node.start().unwrap();
        let mut first = Lsn(1);
        for _ in 0..5 {
            node.events(&mut running, MANY).unwrap();
            node.retain(&mut running).unwrap().unwrap();
            node.compare(&mut running).unwrap();
            let begins = running.store.records().log().range().0;
            assert!(begins > first, "the log is shorter");
            first = begins;
        }
    }
}

#[test]
fn a_restart_goes_on_with_or_without_what_was_stored_beside() {
    for seed in 0..4 {
        let mut node = Node::new(seed);
        let mut running = node.start().unwrap();
        for round in 0..4 {
            node.events(&mut running, MANY).unwrap();
            node.retain(&mut running).unwrap().unwrap();
            node.events(&mut running, 100).unwrap();
            drop(running);
            if round % 2 == 0 {
                node.lose_cold();
            }
            running = node.start().unwrap();
            node.compare(&mut running).unwrap();
        }
    }
}

#[test]
fn power_lost_in_the_middle_of_it_loses_nothing() {
    for seed in 0..12 {
        let mut node = Node::new(seed);
        let mut running = node.start().unwrap();
        node.events(&mut running, MANY).unwrap();
        if seed % 2 == 0 {
            node.retain(&mut running).unwrap();
            node.events(&mut running, MANY).unwrap();
        }
        let surplus = node.close(&mut running).unwrap().unwrap();
        match seed % 3 {
            0 => node.cold.lose_power_after(node.random.below(60)),
            _ => node
                .disk
                .cut_power_at(node.disk.operations() + 1 + node.random.below(40)),
        }
        let outcome = node.give_up(&mut running, surplus);
        drop(running);
        node.lose_power();
        if outcome.is_ok() && seed % 4 == 1 {
            node.lose_cold();
        }
        let mut running = node.start().unwrap();
        node.compare(&mut running).unwrap();
        node.events(&mut running, MANY).unwrap();
        node.retain(&mut running).unwrap();
        drop(running);
        node.lose_cold();
        let mut running = node.start().unwrap();
        node.compare(&mut running).unwrap();
    }
}

#[test]
fn a_bit_flipped_in_a_new_checkpoint_leaves_the_log_whole() {
    for seed in 0..6 {
        let mut node = Node::new(seed);
        node.layer = Arc::new(Decaying {
            disk: node.disk.clone(),
            bit: 1_000 + seed * 371,
        });
        let mut running = node.start().unwrap();
        node.events(&mut running, MANY).unwrap();
        let refused = node.retain(&mut running).unwrap_err();
        assert!(matches!(refused, StoreError::Checkpoint(_)), "{refused}");
        assert_eq!(running.store.records().log().range().0, Lsn(1));
        node.compare(&mut running).unwrap();
        assert!(
            checkpoint::list(&node.disk, Path::new(FOLDER))
                .unwrap()
                .is_empty()
        );
    }
}

#[test]
fn a_timeline_whose_record_is_damaged_is_rebuilt_from_the_checkpoint_on() {
    let mut node = Node::new(3);
    let mut running = node.start().unwrap();
    node.events(&mut running, MANY).unwrap();
    node.retain(&mut running).unwrap().unwrap();
    node.events(&mut running, 100).unwrap();
    drop(running);
    let mut damaged = 0;
    for instance in &node.pipeline.manifest.instances {
        let family = u32::from_str_radix(&instance.fold[..8], 16).unwrap();
        for key in ["a1", "a7", "b3", "b20"] {
            let key = Key::new(Family(family), key);
            damaged += u64::from(node.cold.flip(&key, 333));
        }
    }
    let mut running = node.start().unwrap();
    node.compare(&mut running).unwrap();
    assert!(
        damaged > 0 && running.store.rebuilt() == damaged,
        "{damaged}"
    );
}

#[test]
fn a_log_without_its_beginning_is_refused_where_nothing_stands_for_it() {
    let mut node = Node::new(5);
    let mut running = node.start().unwrap();
    node.events(&mut running, MANY).unwrap();
    node.retain(&mut running).unwrap().unwrap();
    let first = running.store.records().log().range().0;
    drop(running);
    node.lose_cold();
    let all = checkpoint::list(&node.disk, Path::new(FOLDER)).unwrap();
    for (_, path) in &all {
        node.disk.flip_bit(path, 5_000).unwrap();
    }
    let Err(refused) = node.start() else {
        panic!("it is not refused");
    };
    let message = refused.to_string();
    let missing = format!("records 1 to {} are not in the log", first.0 - 1);
    assert!(
        message.starts_with(&missing) && message.contains("is damaged at byte"),
        "{message}"
    );
}

#[test]
fn a_changed_plugin_is_refused_where_the_log_is_shorter_than_it_needs() {
    let mut node = Node::new(6);
    let mut running = node.start().unwrap();
    node.events(&mut running, MANY).unwrap();
    node.retain(&mut running).unwrap().unwrap();
    drop(running);
    let mut changed = (*node.pipeline).clone();
    changed.instances[2].timeline.lateness = Span(40_000_000);
    let manifest = world::manifest(&changed.schema, &changed.instances, &changed.layout);
    changed.manifest = Arc::new(manifest);
    node.pipeline = Arc::new(changed);
    for (horizon, needs) in [
        (None, "needs all events ever to be rebuilt"),
        (
            Some(Span(3_600_000_000)),
            "needs 1h of events to be rebuilt",
        ),
    ] {
        node.horizons = vec![None, None, horizon];
        let Err(refused) = node.start() else {
            panic!("it is not refused");
        };
        assert!(matches!(refused, StoreError::TooShort { .. }), "{refused}");
        assert!(refused.to_string().contains(needs), "{refused}");
    }
    // Only the one that changed is asked about.
    node.horizons = vec![None, None, Some(Span(10_000_000))];
    node.start().unwrap();
}
