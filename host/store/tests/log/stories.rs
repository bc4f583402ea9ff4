//! Single stories of a log: space, retention, versions, order.

use std::path::{Path, PathBuf};

use foreshore_event::Time;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use foreshore_store::disk::{Access, Disk, Operation, RealDisk};
use foreshore_store::log::{Durability, Log, LogError, LogReader, LogSettings, check};
use foreshore_timeline::Lsn;

use crate::world::{FOLDER, World};

/// An open world with segments of a KiB.
fn open() -> World {
    let mut world = World::new(1, Durability::Fsync);
    world.settings.segment_bytes = 1024;
    world.open().unwrap();
    world
}

/// A record of some bytes, committed.
fn put(world: &mut World, lsn: u64, bytes: usize) -> Result<Lsn, LogError> {
    world
        .log()
        .append(Lsn(lsn), 1, Time(lsn.cast_signed()), &vec![3; bytes])?;
    world.log().commit()
}

#[test]
fn a_commit_is_one_write_and_one_sync() {
    let mut world = open();
    put(&mut world, 1, 10).unwrap();
    let (before, operations) = (world.log().counters(), world.disk.operations());
    for lsn in 2..12 {
        world.log().append(Lsn(lsn), 1, Time(0), b"record").unwrap();
    }
    assert_eq!(world.log().commit().unwrap(), Lsn(11));
    let after = world.log().counters();
    assert_eq!(world.disk.operations() - operations, 2);
    assert_eq!(after.fsyncs - before.fsyncs, 1);
    assert_eq!(after.bytes_written - before.bytes_written, 400);
    assert_eq!(world.log().commit().unwrap(), Lsn(11));
    assert_eq!(world.log().counters(), after);
}

#[test]
fn readers_see_what_is_committed_and_no_more() {
    let mut world = open();
    let reader = world.reader();
    assert!(matches!(reader.read(Lsn(1)), Err(LogError::Absent { .. })));
    world.log().append(Lsn(1), 9, Time(5), b"first").unwrap();
    assert!(reader.read(Lsn(1)).is_err() && reader.scan(Lsn(1)).next().is_none());
    world.log().commit().unwrap();
    world.log().append(Lsn(2), 9, Time(6), b"second").unwrap();
    let (frame, next) = reader.read_two(Lsn(1)).unwrap();
    assert_eq!(
        (frame.kind, frame.time, &frame.payload[..]),
        (9, Time(5), &b"first"[..])
    );
    assert_eq!(next, None);
    world.log().commit().unwrap();
    assert_eq!(
        reader.read_two(Lsn(1)).unwrap().1.unwrap().payload,
        b"second"
    );
    assert_eq!(reader.range(), (Lsn(1), Lsn(2)));
}

#[test]
fn a_record_that_is_not_the_next_is_refused() {
    let mut world = open();
    let error = put(&mut world, 2, 1).unwrap_err();
    assert_eq!(error.to_string(), "record 2 cannot be appended: 1 is next");
    let error = world.log().append(Lsn(1), 255, Time(0), b"").unwrap_err();
    assert!(matches!(error, LogError::Unfit { .. }), "{error}");
    put(&mut world, 1, 1).unwrap();
}

#[test]
fn every_segment_carries_the_preamble_of_its_start() {
    let mut world = open();
    world.log().set_preamble(b"one".to_vec());
    put(&mut world, 1, 600).unwrap();
    world.log().set_preamble(b"two".to_vec());
    put(&mut world, 2, 600).unwrap();
    world.open().unwrap();
    put(&mut world, 3, 600).unwrap();
    let reader = world.reader();
    let preamble = |lsn| reader.preamble_at(Lsn(lsn)).unwrap().to_vec();
    assert_eq!(
        [preamble(1), preamble(2), preamble(3)],
        [*b"one", *b"two", *b"two"]
    );
}

#[test]
fn segments_tell_their_range_and_their_newest_time() {
    let mut world = open();
    for (lsn, time) in [(1, 70), (2, 90), (3, 80)] {
        world
            .log()
            .append(Lsn(lsn), 1, Time(time), &[0; 300])
            .unwrap();
        world.log().commit().unwrap();
    }
    let told = |world: &mut World| -> Vec<(u64, u64, i64, bool)> {
        let segments = world.reader().segments();
        let info = segments.iter();
        info.map(|s| (s.first.0, s.last.0, s.newest.0, s.sealed))
            .collect()
    };
    let expected = [(1, 2, 90, true), (3, 3, 80, false)];
    assert_eq!(told(&mut world), expected);
    world.open().unwrap();
    assert_eq!(told(&mut world), expected);
}

#[test]
fn dropped_segments_are_used_again_and_readers_are_told_what_is_left() {
    let mut world = open();
    for lsn in 1..=6 {
        put(&mut world, lsn, 800).unwrap();
    }
    let reader = world.reader();
    let held = reader.scan(Lsn(1));
    let dropped = world.log().drop_before(Lsn(5)).unwrap();
    let ranges: Vec<_> = dropped
        .iter()
        .map(|one| (one.first.0, one.last.0))
        .collect();
    assert_eq!(ranges, [(1, 1), (2, 2), (3, 3), (4, 4)]);
    let names = world.disk.list(Path::new(FOLDER)).unwrap();
    assert_eq!(
        names
            .iter()
            .filter(|name| name.starts_with("spare-"))
            .count(),
        2,
        "{names:?}"
    );
    let error = reader.read(Lsn(4)).unwrap_err().to_string();
    assert_eq!(error, "record 4 is not in the log, which holds 5 to 6");
    let first = held.into_iter().next().unwrap();
    assert!(matches!(first, Err(LogError::Absent { .. })));
    for lsn in 7..=9 {
        put(&mut world, lsn, 800).unwrap();
    }
    let recovered = world.open().unwrap();
    assert_eq!(
        (recovered.first, recovered.last, recovered.cut),
        (Lsn(5), Lsn(9), None)
    );
    assert_eq!(
        world.reader().scan(Lsn(5)).filter_map(Result::ok).count(),
        5
    );
    assert!(
        world.log().drop_before(Lsn(100)).unwrap().len() == 4,
        "the last one stays"
    );
}

#[test]
fn a_full_disk_is_told_before_it_costs_anything_and_is_over_when_space_returns() {
    let mut world = open();
    world.settings.reserve_bytes = 500;
    world.open().unwrap();
    put(&mut world, 1, 800).unwrap();
    assert!(world.log().room().unwrap().ok);
    world.disk.limit_bytes(Some(2300));
    assert!(!world.log().room().unwrap().ok);
    put(&mut world, 2, 800).unwrap();
    let error = put(&mut world, 3, 800).unwrap_err();
    assert!(matches!(error, LogError::Full { .. }), "{error}");
    assert!(!world.log().room().unwrap().ok);
    world.disk.limit_bytes(Some(10_000));
    assert!(world.log().room().unwrap().ok);
    assert_eq!(world.log().commit().unwrap(), Lsn(3));
    assert_eq!(world.open().unwrap().last, Lsn(3));
}

#[test]
fn a_batch_larger_than_a_segment_makes_it_longer() {
    let mut world = open();
    put(&mut world, 1, 10).unwrap();
    put(&mut world, 2, 50_000).unwrap();
    put(&mut world, 3, 10).unwrap();
    let recovered = world.open().unwrap();
    assert_eq!(recovered.last, Lsn(3));
    assert_eq!(world.reader().read(Lsn(2)).unwrap().payload.len(), 50_000);
}

#[test]
fn a_segment_of_a_newer_format_is_refused_by_name() {
    let mut world = open();
    put(&mut world, 1, 10).unwrap();
    let path = PathBuf::from(FOLDER).join("00000000000000000001.log");
    let file = world.disk.open(&path, Access::Write).unwrap();
    file.write_at(8, &[3]).unwrap();
    let error = world.open().unwrap_err().to_string();
    let expected = "was written by a newer foreshore (format 3, this one knows up to 1)";
    assert!(
        error.contains(expected) && error.contains("00000000000000000001.log"),
        "{error}"
    );
}

#[test]
fn a_segment_whose_name_never_reached_the_disk_may_be_gone_after_a_start_that_found_it() {
    for seed in 0..20 {
        for operations in 0..12 {
            let mut world = World::new(seed, Durability::Fsync);
            world.settings.segment_bytes = 1024;
            world.open().unwrap();
            put(&mut world, 1, 900).unwrap();
            world.disk.fail(Operation::SyncFolder, 1);
            assert!(matches!(put(&mut world, 2, 900), Err(LogError::Disk(_))));
            world.log = None;
            // The machine goes on, and loses its power while the log is opened again, or right behind.
            let cut = world.disk.operations() + operations;
            world.disk.cut_power_at(cut);
            drop(world.open());
            world.log = None;
            world.disk.cut_power();
            world.disk.restart();
            let recovered = world.open();
            let last = recovered.as_ref().map(|recovered| recovered.last);
            assert!(
                last.is_ok_and(|last| last >= Lsn(1)),
                "{seed}, {operations}: {recovered:?}"
            );
        }
    }
}

#[test]
fn a_log_without_its_segments_is_not_a_new_one() {
    let mut world = open();
    put(&mut world, 1, 900).unwrap();
    put(&mut world, 2, 900).unwrap();
    for file in world.files() {
        world.disk.remove(&file).unwrap();
    }
    assert!(matches!(world.open(), Err(LogError::Missing { .. })));
}

#[test]
fn a_log_on_a_real_disk_is_read_and_checked_while_it_is_written() {
    let folder = std::env::temp_dir().join(format!("foreshore-log-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    let settings = LogSettings {
        segment_bytes: 16 << 10,
        ..LogSettings::default()
    };
    let (mut log, _) = Log::open(Arc::new(RealDisk), &folder, settings.clone()).unwrap();
    let (reader, done) = (log.reader(), AtomicBool::new(false));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Acquire) {
                let (_, last) = reader.range();
                let read = reader.scan(Lsn(1)).map(Result::unwrap).count() as u64;
                assert!(read >= last.0);
                let checked = check(&RealDisk, &folder, &mut |_| {}).unwrap();
                assert_eq!(checked.damaged, 0);
            }
        });
        scope.spawn(|| {
            let disk: Arc<dyn Disk> = Arc::new(RealDisk);
            while !done.load(Ordering::Acquire) {
                let (_, last) = reader.range();
                let observed = LogReader::observe(&disk, &folder).unwrap();
                assert!(observed.unread.is_empty(), "{:?}", observed.unread);
                assert!(observed.reader.range().1 >= last);
            }
        });
        for lsn in 1..=2000 {
            log.append(Lsn(lsn), 1, Time(0), &vec![1; lsn as usize % 300])
                .unwrap();
            log.commit().unwrap();
        }
        done.store(true, Ordering::Release);
    });
    drop(log);
    let (log, recovered) = Log::open(Arc::new(RealDisk), &folder, settings).unwrap();
    assert_eq!((recovered.last, recovered.cut), (Lsn(2000), None));
    let range = log.reader().scan(Lsn(1)).map(|frame| frame.unwrap().lsn.0);
    assert!(range.eq(1..=2000));
    std::fs::remove_dir_all(folder).unwrap();
}
