//! Checkpoints: what is found in one, and that damage, a cut of power or a failing disk is never taken for
//! the real thing.

#![allow(clippy::unwrap_used, reason = "a failed test is the message")]

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use foreshore_event::Time;
use foreshore_store::checkpoint::{self, CheckpointError, Fault, Head, Reader, Writer};
use foreshore_store::cold::{Family, Key};
use foreshore_store::disk::{Access, Disk, Operation, SimulatedDisk, read_whole};
use foreshore_timeline::Lsn;

const AS_OF: Lsn = Lsn(900);

fn folder() -> &'static Path {
    Path::new("/store/cards")
}

fn file() -> PathBuf {
    checkpoint::path(folder(), AS_OF)
}

fn disk(seed: u64) -> SimulatedDisk {
    let disk = SimulatedDisk::new(seed);
    disk.create_folder(folder()).unwrap();
    disk
}

fn head() -> Head {
    Head {
        log: b"a log".to_vec(),
        lsn: AS_OF,
        closed: Time(-5),
        manifest: b"a manifest".to_vec(),
    }
}

/// Timelines of two families, in order.
fn timelines(each: u32, body: usize) -> Vec<(Key, Lsn, Vec<u8>)> {
    let families = [0, 7].into_iter();
    families
        .flat_map(|family| (0..each).map(move |number| (family, number)))
        .map(|(family, number)| {
            let key = Key::new(Family(family), &format!("key {number:05}"));
            (key, Lsn(u64::from(number)), vec![number as u8; body])
        })
        .collect()
}

fn write(
    disk: &SimulatedDisk,
    timelines: &[(Key, Lsn, Vec<u8>)],
) -> Result<Reader, CheckpointError> {
    let mut writer = Writer::create(Arc::new(disk.clone()), folder(), &head())?;
    for (key, lsn, body) in timelines {
        writer.add(key.clone(), *lsn, body)?;
    }
    writer.finish()
}

fn verify(disk: &SimulatedDisk) -> Result<(), CheckpointError> {
    Reader::open(disk, &file())?.verify()
}

/// Puts a file of these bytes in place of the checkpoint.
fn replace(disk: &SimulatedDisk, bytes: &[u8]) {
    let file = disk.open(&file(), Access::New).unwrap();
    file.write_at(0, bytes).unwrap();
}

#[test]
fn what_was_written_is_read_in_order() {
    let (disk, written) = (disk(1), timelines(500, 300));
    let reader = write(&disk, &written).unwrap();
    assert_eq!(reader.head(), &head());
    assert_eq!(reader.count(), 1_000);
    let mut read = Vec::new();
    reader
        .timelines(|key, stored| {
            read.push((key, stored.lsn, stored.body));
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(read, written);
}

#[test]
fn every_timeline_is_found_by_its_key_and_no_other() {
    let (disk, written) = (disk(1), timelines(500, 300));
    let reader = write(&disk, &written).unwrap();
    for (key, lsn, body) in written {
        let found = reader.find(key.family, &key.key).unwrap().unwrap();
        assert_eq!((found.lsn, found.body), (lsn, body));
        assert_eq!(reader.find(Family(3), &key.key).unwrap(), None);
    }
    for absent in ["", "key 00000+", "key 00123 ", "zebra"] {
        for family in [0, 1, 7, 8] {
            assert_eq!(reader.find(Family(family), absent).unwrap(), None);
        }
    }
}

#[test]
fn a_checkpoint_of_nothing_is_one() {
    let disk = disk(1);
    let reader = write(&disk, &[]).unwrap();
    reader.verify().unwrap();
    assert_eq!(reader.count(), 0);
    assert_eq!(reader.find(Family(0), "").unwrap(), None);
}

#[test]
fn a_flipped_bit_anywhere_is_refused() {
    let disk = disk(1);
    let bytes = write(&disk, &timelines(3, 20)).unwrap().bytes();
    for bit in 0..bytes * 8 {
        disk.flip_bit(&file(), bit).unwrap();
        let error = verify(&disk).expect_err(&format!("bit {bit} is not noticed"));
        match error {
            CheckpointError::Damaged { path, offset, .. } => {
                assert_eq!(path, file());
                assert!(offset <= bytes, "bit {bit}");
            }
            CheckpointError::NotOne(_) => assert!(bit < 64, "bit {bit}"),
            other => panic!("bit {bit}: {other}"),
        }
        disk.flip_bit(&file(), bit).unwrap();
    }
    verify(&disk).unwrap();
}

#[test]
fn a_damaged_record_is_named_with_its_key_and_place() {
    let disk = disk(1);
    write(&disk, &timelines(3, 20)).unwrap();
    let bytes = read_whole(&disk, &file()).unwrap();
    let key = b"key 00001";
    let at = bytes.windows(key.len()).position(|part| part == key);
    let at = at.unwrap() as u64;
    let in_body = at + key.len() as u64 + 17 + 4;
    disk.flip_bit(&file(), in_body * 8).unwrap();
    let reader = Reader::open(&disk, &file()).unwrap();
    let error = reader.find(Family(0), "key 00001").unwrap_err();
    let CheckpointError::Damaged { offset, fault, .. } = &error else {
        panic!("{error}");
    };
    assert_eq!(*offset, at - 12);
    assert!(
        matches!(fault, Fault::Record { key, .. } if *key == Key::new(Family(0), "key 00001")),
        "{error}"
    );
}

#[test]
fn a_file_cut_short_or_too_long_is_refused() {
    let disk = disk(1);
    write(&disk, &timelines(3, 20)).unwrap();
    let whole = read_whole(&disk, &file()).unwrap();
    for length in 0..whole.len() {
        replace(&disk, &whole[..length]);
        verify(&disk).expect_err(&format!("{length} bytes are taken for the whole"));
    }
    replace(&disk, &[whole.as_slice(), &[0]].concat());
    verify(&disk).expect_err("a byte too many is not noticed");
}

#[test]
fn a_record_taken_out_is_noticed() {
    let disk = disk(1);
    write(&disk, &timelines(2, 20)).unwrap();
    let one_less = {
        let mut less = timelines(2, 20);
        less.remove(1);
        let other = SimulatedDisk::new(2);
        other.create_folder(folder()).unwrap();
        write(&other, &less).unwrap();
        read_whole(&other, &file()).unwrap()
    };
    let mut whole = read_whole(&disk, &file()).unwrap();
    let trailer = whole.split_off(whole.len() - 32);
    let short = &one_less[..one_less.len() - 32];
    replace(&disk, &[short, &trailer].concat());
    verify(&disk).unwrap_err();
}

#[test]
fn a_newer_format_is_refused_by_name() {
    let disk = disk(1);
    write(&disk, &timelines(1, 20)).unwrap();
    let mut bytes = read_whole(&disk, &file()).unwrap();
    bytes[8] = 3;
    let head = 16 + u32::from_le_bytes(bytes[12..16].try_into().unwrap()) as usize;
    let checksum = crc32c::crc32c(&bytes[..head]).to_le_bytes();
    bytes[head..head + 4].copy_from_slice(&checksum);
    replace(&disk, &bytes);
    let error = verify(&disk).unwrap_err().to_string();
    assert!(
        error.contains("newer foreshore (format 3, this one knows up to 1)"),
        "{error}"
    );
}

#[test]
fn timelines_out_of_order_are_refused() {
    let disk = disk(1);
    let mut writer = Writer::create(Arc::new(disk), folder(), &head()).unwrap();
    let key = |text| Key::new(Family(1), text);
    writer.add(key("b"), Lsn(1), b"").unwrap();
    for text in ["a", "b"] {
        let error = writer.add(key(text), Lsn(1), b"").unwrap_err();
        assert!(matches!(error, CheckpointError::Unordered { .. }));
    }
    writer.add(key("c"), Lsn(1), b"").unwrap();
}

#[test]
fn whatever_has_its_name_after_a_power_cut_is_whole() {
    let written = timelines(20, 200);
    let uncut = disk(0);
    let before = uncut.operations();
    write(&uncut, &written).unwrap();
    let operations = before + 1..=uncut.operations();
    assert!(operations.clone().count() >= 5);
    for operation in operations {
        for seed in 0..20 {
            let disk = disk(seed);
            disk.cut_power_at(operation);
            write(&disk, &written).map(|_| ()).unwrap_err();
            disk.restart();
            let found = checkpoint::list(&disk, folder()).unwrap();
            for (_, path) in found {
                Reader::open(&disk, &path).unwrap().verify().unwrap();
            }
            checkpoint::sweep(&disk, folder()).unwrap();
            write(&disk, &written).unwrap();
        }
    }
}

#[test]
fn a_finished_checkpoint_outlives_a_power_cut() {
    for seed in 0..50 {
        let disk = disk(seed);
        write(&disk, &timelines(5, 100)).unwrap();
        disk.cut_power();
        disk.restart();
        verify(&disk).unwrap();
    }
}

#[test]
fn a_disk_that_refuses_leaves_no_checkpoint() {
    for operation in [
        Operation::Open,
        Operation::Write,
        Operation::Sync,
        Operation::Rename,
    ] {
        let disk = disk(1);
        disk.fail(operation, 1);
        let error = write(&disk, &timelines(5, 100)).map(|_| ()).unwrap_err();
        assert!(matches!(error, CheckpointError::Disk(_)), "{error}");
        assert_eq!(checkpoint::list(&disk, folder()).unwrap(), []);
    }
}

#[test]
fn checkpoints_are_listed_from_the_oldest_and_what_was_left_behind_is_swept() {
    let disk = disk(1);
    for lsn in [100, 20, 3_000] {
        let head = Head {
            lsn: Lsn(lsn),
            ..head()
        };
        let writer = Writer::create(Arc::new(disk.clone()), folder(), &head).unwrap();
        writer.finish().unwrap();
    }
    Writer::create(Arc::new(disk.clone()), folder(), &head()).unwrap();
    let listed = checkpoint::list(&disk, folder()).unwrap();
    assert_eq!(
        listed.iter().map(|(lsn, _)| lsn.0).collect::<Vec<_>>(),
        [20, 100, 3_000]
    );
    assert_eq!(checkpoint::sweep(&disk, folder()).unwrap(), 1);
    assert_eq!(checkpoint::sweep(&disk, folder()).unwrap(), 0);
    assert_eq!(checkpoint::list(&disk, folder()).unwrap(), listed);
}
