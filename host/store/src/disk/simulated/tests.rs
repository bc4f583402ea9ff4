//! What a simulated disk keeps, loses and refuses.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::SimulatedDisk;
use crate::disk::read_whole;
use crate::disk::{Access, Disk, DiskFile, Operation};

/// A disk with a folder, and a file in it that is sure with nine bytes.
fn disk(seed: u64) -> (SimulatedDisk, PathBuf, Arc<dyn DiskFile>) {
    let disk = SimulatedDisk::new(seed);
    disk.create_folder(Path::new("folder")).unwrap();
    let path = PathBuf::from("folder/file");
    let file = disk.open(&path, Access::New).unwrap();
    file.write_at(0, b"foreshore").unwrap();
    file.sync_data().unwrap();
    disk.sync_folder(Path::new("folder")).unwrap();
    (disk, path, file)
}

#[test]
fn what_was_synced_outlives_a_power_cut_and_the_rest_is_whole_gone_or_torn() {
    let (mut whole, mut gone, mut torn) = (0, 0, 0);
    for seed in 0..100 {
        let (disk, path, file) = disk(seed);
        file.write_at(9, &[7; 2000]).unwrap();
        disk.cut_power();
        assert!(file.len().is_err() && disk.list(Path::new("folder")).is_err());
        disk.restart();
        assert!(
            file.read_at(0, &mut [0]).is_err(),
            "handles die with the power"
        );
        let bytes = read_whole(&disk, &path).unwrap();
        assert_eq!(&bytes[..9], b"foreshore");
        match bytes[9..].iter().filter(|byte| **byte == 7).count() {
            0 => gone += 1,
            2000 => whole += 1,
            _ => torn += 1,
        }
    }
    assert!(
        whole > 10 && gone > 10 && torn > 10,
        "{whole} {gone} {torn}"
    );
}

#[test]
fn names_that_were_not_synced_may_or_may_not_have_changed() {
    let mut seen = std::collections::BTreeSet::new();
    for seed in 0..100 {
        let (disk, path, _) = disk(seed);
        disk.rename(&path, Path::new("folder/other")).unwrap();
        disk.open(Path::new("folder/new"), Access::New).unwrap();
        disk.restart();
        seen.insert(disk.list(Path::new("folder")).unwrap());
    }
    let all: [&[&str]; 4] = [&["file"], &["file", "new"], &["new", "other"], &["other"]];
    assert!(seen.iter().eq(all.iter()), "{seen:?}");
}

#[test]
fn a_sync_that_failed_is_not_made_good_by_the_next() {
    let lost = (0..100).filter(|seed| {
        let (disk, path, file) = disk(*seed);
        file.write_at(0, b"F").unwrap();
        disk.fail(Operation::Sync, 1);
        assert!(file.sync_data().is_err());
        file.sync_data().unwrap();
        disk.restart();
        read_whole(&disk, &path).unwrap() == b"foreshore"
    });
    assert!(lost.count() > 10);
}

#[test]
fn the_power_goes_at_the_operation_chosen_and_the_same_seed_leaves_the_same() {
    let left = |seed| {
        let (disk, path, file) = disk(seed);
        disk.cut_power_at(disk.operations() + 2);
        file.write_at(0, b"F").unwrap();
        assert!(file.write_at(1, &[1; 5000]).is_err() && disk.is_off());
        disk.restart();
        read_whole(&disk, &path).unwrap()
    };
    for seed in 0..20 {
        assert_eq!(left(seed), left(seed));
    }
}

#[test]
fn a_full_disk_refuses_what_would_make_a_file_longer() {
    let (disk, _, file) = disk(1);
    disk.limit_bytes(Some(20));
    assert_eq!(disk.free_bytes(Path::new("folder")).unwrap(), 11);
    assert!(file.allocate(21).unwrap_err().is_full());
    file.allocate(20).unwrap();
    file.write_at(9, b"12345678901").unwrap();
    assert!(file.write_at(20, b"2").unwrap_err().is_full());
    disk.limit_bytes(None);
    file.write_at(20, b"2").unwrap();
}

#[test]
fn a_folder_is_locked_until_dropped_or_restarted() {
    let (disk, ..) = disk(1);
    let first = disk.lock(Path::new("folder")).unwrap();
    assert!(disk.lock(Path::new("folder")).is_err());
    disk.restart();
    let second = disk.lock(Path::new("folder")).unwrap();
    drop(first);
    assert!(
        disk.lock(Path::new("folder")).is_err(),
        "the dead process frees nothing"
    );
    drop(second);
    assert!(disk.lock(Path::new("folder")).is_ok());
}
