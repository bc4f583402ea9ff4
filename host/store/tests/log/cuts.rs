//! Power cuts and failing operations, a few thousand of them.

use std::path::Path;

use foreshore_store::disk::Operation;
use foreshore_store::log::{Durability, check};

use crate::world::{FOLDER, World};

/// Works until the power goes, three times over, and looks at what is left each time.
fn cut(seed: u64, durability: Durability) {
    let mut world = World::new(seed, durability);
    for _ in 0..3 {
        let after = 1 + world.random.below(80);
        world.disk.cut_power_at(world.disk.operations() + after);
        let outcome = world.open().and_then(|recovered| {
            world.settle(&recovered);
            world.work(200)
        });
        assert!(outcome.is_err() && world.disk.is_off(), "{outcome:?}");
        world.disk.restart();
        if durability == Durability::Os {
            world.durable = 0;
        }
        let checked = check(&world.disk, Path::new(FOLDER), &mut |_| {});
        if checked.as_ref().is_ok_and(|checked| checked.damaged > 0) {
            panic!("{seed}: {checked:?}");
        }
        let recovered = world
            .open()
            .unwrap_or_else(|error| panic!("{seed}: {error}"));
        world.settle(&recovered);
        world.batch().unwrap();
        let checked = check(&world.disk, Path::new(FOLDER), &mut |_| {}).unwrap();
        assert_eq!((checked.damaged, checked.harmless), (0, 0));
        world.compare(recovered.first);
    }
}

#[test]
fn after_a_power_cut_all_that_was_committed_is_there_and_nothing_else() {
    (0..1000).for_each(|seed| cut(seed, Durability::Fsync));
}

#[test]
fn without_fsync_a_power_cut_leaves_a_part_from_the_start() {
    (0..300).for_each(|seed| cut(seed, Durability::Os));
}

#[test]
fn after_a_failure_every_call_gives_the_same_error_and_what_was_committed_is_there() {
    let operations = [
        Operation::Sync,
        Operation::Write,
        Operation::Rename,
        Operation::SyncFolder,
        Operation::Allocate,
        Operation::Open,
        Operation::Remove,
    ];
    for seed in 0..700 {
        let mut world = World::new(seed, Durability::Fsync);
        world.open().unwrap();
        let operation = operations[seed as usize % operations.len()];
        let nth = 1 + world.random.below(5);
        world.disk.fail(operation, nth);
        if let Err(error) = world.work(100) {
            let again = world.log().commit().unwrap_err();
            assert_eq!(again.to_string(), error.to_string(), "{seed}");
            let next = world.log().room().unwrap_err();
            assert_eq!(next.to_string(), error.to_string());
        }
        world.disk.restart();
        let checked = check(&world.disk, Path::new(FOLDER), &mut |_| {});
        if checked.as_ref().is_ok_and(|checked| checked.damaged > 0) {
            panic!("{seed}: {checked:?}");
        }
        let recovered = world
            .open()
            .unwrap_or_else(|error| panic!("{seed}: {error}"));
        world.settle(&recovered);
    }
}
