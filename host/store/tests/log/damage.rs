//! Flipped bits and missing files: never a wrong answer, always the place.

use std::path::Path;

use foreshore_store::disk::{Disk, read_whole};
use foreshore_store::log::{Durability, LogError, check};
use foreshore_timeline::Lsn;

use crate::world::{FOLDER, World};

/// A log of several segments, closed.
fn world(seed: u64) -> World {
    let mut world = World::new(seed, Durability::Fsync);
    world.open().unwrap();
    while world.reader().segments().len() < 4 {
        world.batch().unwrap();
    }
    world
}

#[test]
fn a_flipped_bit_is_found_and_named_or_cost_nothing_or_lies_in_the_last_batch() {
    let (mut refused, mut late, mut cut) = (0, 0, 0);
    for seed in 0..600 {
        let mut world = world(seed);
        let before = world.durable;
        world.batch().unwrap();
        let files = world.files();
        let file = files[world.random.below(files.len() as u64) as usize].clone();
        let bits = read_whole(&world.disk, &file).unwrap().len() as u64 * 8;
        let bit = world.random.below(bits);
        world.disk.flip_bit(&file, bit).unwrap();
        let mut told = 0;
        let checked = check(&world.disk, Path::new(FOLDER), &mut |_| told += 1).unwrap();
        assert!(told >= checked.segments + checked.damaged + checked.harmless);
        let named = |error: LogError| match error {
            LogError::Damaged {
                file: at, offset, ..
            } => {
                assert_eq!(at, file, "{seed}");
                assert!(offset <= bit / 8, "{seed}: named {offset} for {}", bit / 8);
            }
            error => panic!("{seed}: {error}"),
        };
        match world.open() {
            Err(error) => {
                refused += 1;
                assert!(checked.damaged > 0, "{seed}");
                named(error);
            }
            Ok(recovered) => {
                assert!(recovered.last.0 >= before, "{seed}: {recovered:?}");
                if recovered.last.0 < world.durable {
                    cut += 1;
                    assert!(recovered.cut.is_some(), "{seed}");
                    assert_eq!((checked.damaged, checked.harmless), (0, 1), "{seed}");
                }
                let mut frames = world.reader().scan(Lsn(1));
                let flaw = frames.find_map(|frame| match frame {
                    Ok(frame) => {
                        assert_eq!(frame, world.appended[frame.lsn.0 as usize - 1]);
                        None
                    }
                    Err(error) => Some(error),
                });
                assert_eq!(flaw.is_some(), checked.damaged > 0, "{seed}");
                late += u64::from(flaw.is_some());
                if let Some(flaw) = flaw {
                    named(flaw);
                }
            }
        }
    }
    assert!(
        refused > 20 && late > 50 && cut > 5,
        "{refused} {late} {cut}"
    );
}

#[test]
fn a_missing_segment_is_named() {
    for seed in 0..50 {
        let mut world = world(seed);
        let segments = world.reader().segments();
        let gone = &segments[1 + world.random.below(segments.len() as u64 - 1) as usize];
        world.disk.remove(&gone.file).unwrap();
        let error = world.open().unwrap_err();
        let LogError::Missing { first, last, .. } = &error else {
            panic!("{error}");
        };
        assert_eq!(*first, gone.first, "{error}");
        let known = last.is_none_or(|last| last == gone.last);
        assert!(known, "{error}");
        assert!(error.to_string().contains("put the file back"), "{error}");
    }
}

#[test]
fn a_lost_or_damaged_index_is_made_again() {
    for seed in 0..50 {
        let mut world = world(seed);
        let indexes: Vec<_> = world
            .files()
            .iter()
            .map(|file| file.with_extension("index"))
            .collect();
        world.disk.remove(&indexes[0]).unwrap();
        let bits = read_whole(&world.disk, &indexes[1]).unwrap().len() as u64 * 8;
        let bit = world.random.below(bits);
        world.disk.flip_bit(&indexes[1], bit).unwrap();
        let checked = check(&world.disk, Path::new(FOLDER), &mut |_| {}).unwrap();
        assert_eq!((checked.damaged, checked.harmless), (0, 2));
        let recovered = world.open().unwrap();
        assert_eq!(recovered.reindexed, 2);
        world.settle(&recovered);
        assert_eq!(world.open().unwrap().reindexed, 0);
    }
}
