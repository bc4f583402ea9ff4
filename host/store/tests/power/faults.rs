//! A disk that refuses: operations that fail, and no space. What rested on the refused operation has not
//! left, and opening the store again is good, whether the machine went on or not.

use std::path::Path;

use foreshore_store::StoreError;
use foreshore_store::disk::{Disk, Operation};
use foreshore_store::log::LogError;

use crate::cuts::{live, live_on};
use crate::node::{Node, Running};
use crate::proof;
use crate::restart::FOLDER;

/// What a disk may refuse.
const OPERATIONS: [Operation; 7] = [
    Operation::Sync,
    Operation::Write,
    Operation::Rename,
    Operation::SyncFolder,
    Operation::Allocate,
    Operation::Open,
    Operation::Remove,
];

#[test]
fn after_a_failed_operation_nothing_that_was_told_is_lost() {
    proof("after_a_failed_operation_nothing_that_was_told_is_lost").seeds(120, |_, seed| {
        let mut node = Node::new(seed);
        for _ in 0..3 {
            let operation = OPERATIONS[node.random.below(7) as usize];
            let nth = match operation {
                Operation::Sync | Operation::Write => 1 + node.random.below(40),
                _ => 1 + node.random.below(12),
            };
            node.disk.fail(operation, nth);
            for _ in 0..2 {
                let outcome = live(&mut node, 20);
                let is_disk = matches!(
                    outcome,
                    Ok(()) | Err(StoreError::Disk(_) | StoreError::Log(LogError::Disk(_)))
                );
                assert!(is_disk, "{outcome:?}");
                if node.random.below(2) == 0 {
                    node.lose_power();
                }
            }
        }
        // Those that were asked for and not met yet come first.
        assert!((0..4).any(|_| live_on(&mut node).is_ok()));
    });
}

/// Works until there is no space, and a while on.
fn fill(node: &mut Node, running: &mut Running) -> Result<(), StoreError> {
    const PLENTY: u64 = 1 << 40;
    node.disk.limit_bytes(Some(PLENTY));
    let used = PLENTY - node.disk.free_bytes(Path::new(FOLDER))?;
    node.disk
        .limit_bytes(Some(used + node.random.below(30_000)));
    let mut refused = false;
    for _ in 0..60 {
        match node.round(running) {
            Err(StoreError::Log(LogError::Full { .. })) => refused = true,
            outcome => outcome?,
        }
        if refused && node.random.below(4) == 0 {
            break;
        }
    }
    Ok(())
}

#[test]
fn on_a_full_disk_nothing_is_told_and_with_space_it_goes_on() {
    proof("on_a_full_disk_nothing_is_told_and_with_space_it_goes_on").seeds(60, |_, seed| {
        let mut node = Node::new(seed);
        for _ in 0..3 {
            let mut running = node.start().unwrap();
            fill(&mut node, &mut running).unwrap();
            if node.random.below(2) == 0 {
                node.disk.limit_bytes(None);
                node.commit(&mut running).unwrap();
                node.settle_and_compare(&mut running).unwrap();
            }
            drop(running);
            if node.random.below(2) == 0 {
                node.lose_power();
            }
            // With no space either, it starts or says why not.
            if let Err(error) = live(&mut node, 3) {
                let said = error.to_string();
                assert!(said.contains("space"), "{said}");
            }
            node.disk.limit_bytes(None);
        }
        live_on(&mut node).unwrap();
    });
}
