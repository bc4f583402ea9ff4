//! Decay: a flipped bit anywhere in what is stored. Either all comes back, or the damage is named; nothing
//! else is ever said.

use std::ops::ControlFlow;
use std::path::Path;

use foreshore_core::Input;
use foreshore_store::StoreError;
use foreshore_store::cold::{Cold, Family, Key};
use foreshore_store::disk::{Disk, read_whole};

use crate::node::Node;
use crate::proof;
use crate::restart::FOLDER;

/// A node with some past, that ended well.
fn past(seed: u64) -> Node {
    let mut node = Node::new(seed);
    for _ in 0..2 {
        let mut running = node.start().unwrap();
        for _ in 0..30 {
            node.round(&mut running).unwrap();
        }
        node.settle_and_compare(&mut running).unwrap();
    }
    node
}

/// What is stored of timelines, by key.
fn keys(node: &Node, family: Option<Family>) -> Vec<Key> {
    let mut keys: Vec<Key> = Vec::new();
    let visited = node.cold.timelines(family, None, &mut |key, _| {
        keys.push(key);
        ControlFlow::Continue(())
    });
    visited.unwrap();
    keys
}

/// All that a node says from here on, until it refuses.
fn ask_everything(node: &mut Node) -> Result<u64, StoreError> {
    let mut running = node.start()?;
    node.settle_and_compare(&mut running)?;
    for _ in 0..5 {
        node.round(&mut running)?;
    }
    node.settle_and_compare(&mut running)?;
    Ok(running.store.rebuilt())
}

/// Writes one record more that nobody is told of: the last write of all cannot be told from a torn one.
fn write_the_last(node: &mut Node) {
    let mut running = node.start().unwrap();
    node.settle(&mut running);
    node.commit(&mut running).unwrap();
    let durable = node.ledger.durable;
    node.step(&mut running, Input::Close(node.now));
    node.commit(&mut running).unwrap();
    node.ledger.durable = durable;
}

#[test]
fn a_flipped_bit_in_the_log_is_named_or_changes_nothing() {
    proof("a_flipped_bit_in_the_log_is_named_or_changes_nothing").seeds(120, |_, seed| {
        let mut node = past(seed);
        write_the_last(&mut node);
        let folder = Path::new(FOLDER).join("log");
        let names = node.disk.list(&folder).unwrap();
        let name = &names[node.random.below(names.len() as u64) as usize];
        let path = folder.join(name);
        let length = read_whole(&node.disk, &path).unwrap().len() as u64;
        let bit = node.random.below(length * 8);
        node.disk.flip_bit(&path, bit).unwrap();
        if let Err(error) = ask_everything(&mut node) {
            let said = error.to_string();
            assert!(said.contains(name.as_str()), "{name}, bit {bit}: {said}");
            node.disk.flip_bit(&path, bit).unwrap();
            ask_everything(&mut node).unwrap();
        }
    });
}

#[test]
fn a_damaged_timeline_is_rebuilt_alone() {
    proof("a_damaged_timeline_is_rebuilt_alone").seeds(120, |_, seed| {
        let mut node = past(seed);
        let mut keys = keys(&node, None);
        // The pipeline's own are no timelines.
        keys.retain(|key| key.family != Family(0));
        let Some(key) = keys.get(node.random.below(keys.len().max(1) as u64) as usize) else {
            return;
        };
        assert!(node.cold.flip(key, node.random.below(100_000) as usize));
        assert_eq!(ask_everything(&mut node).unwrap(), 1, "{key}");
    });
}

#[test]
fn damage_to_what_the_pipeline_keeps_of_itself_is_healed() {
    proof("damage_to_what_the_pipeline_keeps_of_itself_is_healed").seeds(60, |_, seed| {
        let mut node = past(seed);
        let keys = keys(&node, Some(Family(0)));
        let key = &keys[node.random.below(keys.len() as u64) as usize];
        assert!(node.cold.flip(key, node.random.below(100_000) as usize));
        ask_everything(&mut node).unwrap();
    });
}
