//! Cold state: what is put away is found again, in a folder as in memory, after a loss of power too; what
//! is damaged is named and never passed off as good or as absent.

#![allow(clippy::unwrap_used, reason = "a failed test is the message")]

use std::collections::BTreeMap;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use foreshore_core::Trail;
use foreshore_store::cold::{
    Batch, Cold, ColdError, Damage, Family, FjallCold, Flaw, KEY_BYTES_MAX, Key, MemoryCold, Place,
    Rested, Stored,
};
use foreshore_timeline::Lsn;

const CACHE: u64 = 1 << 20;
const LOG: &[u8] = b"\x01a log";

/// A folder of a test's own, removed when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let name = format!("foreshore-cold-{}-{name}", std::process::id());
        let folder = Folder(std::env::temp_dir().join(name));
        let _ = fs::remove_dir_all(&folder.0);
        folder
    }

    fn open(&self) -> FjallCold {
        FjallCold::open(&self.0, LOG, CACHE).unwrap()
    }

    /// What a loss of power now would leave, if the disk kept all it was given.
    fn copy(&self, name: &str) -> Folder {
        let copy = Folder::new(name);
        copy_all(&self.0, &copy.0);
        copy
    }

    /// The files of the folder that `wanted` picks, by path.
    fn files(&self, wanted: impl Fn(&Path) -> bool) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut folders = vec![self.0.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if wanted(&path) {
                    found.push(path);
                }
            }
        }
        found.sort();
        found
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn copy_all(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_all(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

/// The engine under a folder, without anything that checks.
fn engine(folder: &Path) -> (fjall::Database, fjall::Keyspace) {
    let database = fjall::Database::builder(folder.join("tree"))
        .open()
        .unwrap();
    let options = fjall::KeyspaceCreateOptions::default;
    let keyspace = database.keyspace("state", options).unwrap();
    (database, keyspace)
}

fn key(family: u32, key: &str) -> Key {
    Key::new(Family(family), key)
}

fn batch(timelines: &[(u32, &str, u64)], through: u64) -> Batch {
    let rested = |(family, text, lsn): &(u32, &str, u64)| Rested {
        key: key(*family, text),
        lsn: Lsn(*lsn),
        body: body(text, *lsn),
    };
    Batch {
        timelines: timelines.iter().map(rested).collect(),
        trails: Vec::new(),
        through: Lsn(through),
    }
}

/// A body that tells whose it is.
fn body(key: &str, lsn: u64) -> Vec<u8> {
    format!("{key} as of {lsn} ").repeat(20).into_bytes()
}

fn all(cold: &dyn Cold, family: Option<Family>) -> Vec<(Key, Result<Stored, Damage>)> {
    let mut found = Vec::new();
    let mut visit = |key, stored| {
        found.push((key, stored));
        ControlFlow::Continue(())
    };
    cold.timelines(family, None, &mut visit).unwrap();
    found
}

fn keys(cold: &dyn Cold, family: Option<Family>) -> Vec<Key> {
    all(cold, family).into_iter().map(|(key, _)| key).collect()
}

/// Runs a check over both kinds of cold state.
fn with_both(name: &str, check: impl Fn(&dyn Cold)) {
    check(&MemoryCold::default());
    check(&Folder::new(name).open());
}

#[test]
fn what_was_put_away_is_found_again() {
    with_both("found", |cold| {
        assert_eq!(cold.through().unwrap(), Lsn(0));
        let mut first = batch(&[(1, "ann", 5), (1, "bob", 7), (2, "ann", 6)], 8);
        let trail = Trail {
            last: Lsn(7),
            told: 2,
        };
        first.trails.push((Lsn(3), trail));
        cold.write(first).unwrap();
        cold.write(batch(&[(1, "ann", 11)], 12)).unwrap();
        for (family, text, lsn) in [(1, "ann", 11), (1, "bob", 7), (2, "ann", 6)] {
            let found = cold.timeline(Family(family), text).unwrap().unwrap();
            assert_eq!((found.lsn, found.body), (Lsn(lsn), body(text, lsn)));
        }
        assert_eq!(cold.timeline(Family(2), "bob").unwrap(), None);
        assert_eq!(cold.trail(Lsn(3)).unwrap(), Some(trail));
        assert_eq!(cold.trail(Lsn(4)).unwrap(), None);
        assert_eq!(cold.through().unwrap(), Lsn(12));
    });
}

#[test]
fn how_far_it_is_complete_never_goes_back() {
    with_both("back", |cold| {
        cold.write(batch(&[], 12)).unwrap();
        cold.write(batch(&[(1, "ann", 3)], 5)).unwrap();
        assert_eq!(cold.through().unwrap(), Lsn(12));
    });
}

#[test]
fn timelines_are_shown_in_order_and_from_any_key_on() {
    with_both("order", |cold| {
        let written = [
            (2, "a", 1),
            (1, "b", 1),
            (1, "a", 1),
            (1, "a\u{1}", 1),
            (300, "", 1),
        ];
        cold.write(batch(&written, 1)).unwrap();
        let ordered = [
            key(1, "a"),
            key(1, "a\u{1}"),
            key(1, "b"),
            key(2, "a"),
            key(300, ""),
        ];
        assert_eq!(keys(cold, None), ordered);
        assert_eq!(keys(cold, Some(Family(1))), ordered[..3]);
        assert_eq!(keys(cold, Some(Family(3))), []);
        // One at a time, each round from where the last one broke.
        let mut after = None;
        for expected in &ordered {
            let mut found = None;
            let mut visit = |key, _| {
                found = Some(key);
                ControlFlow::Break(())
            };
            cold.timelines(None, after.as_ref(), &mut visit).unwrap();
            assert_eq!(found.as_ref(), Some(expected));
            after = found;
        }
        let mut visit = |key, _| panic!("{key:?} is shown after the last");
        cold.timelines(None, after.as_ref(), &mut visit).unwrap();
        cold.timelines(Some(Family(1)), after.as_ref(), &mut visit)
            .unwrap();
    });
}

#[test]
fn a_round_shows_one_moment_whatever_is_written_meanwhile() {
    with_both("moment", |cold| {
        cold.write(batch(&[(1, "a", 1), (1, "b", 1)], 1)).unwrap();
        let mut found = Vec::new();
        let mut visit = |key: Key, stored: Result<Stored, Damage>| {
            cold.write(batch(&[(1, "b", 2), (1, "c", 2)], 2)).unwrap();
            found.push((key, stored.unwrap().lsn));
            ControlFlow::Continue(())
        };
        cold.timelines(None, None, &mut visit).unwrap();
        assert_eq!(found, [(key(1, "a"), Lsn(1)), (key(1, "b"), Lsn(1))]);
    });
}

#[test]
fn what_is_forgotten_is_gone_and_nothing_else() {
    with_both("forgotten", |cold| {
        let texts: Vec<String> = (0..2_500).map(|number| number.to_string()).collect();
        let family = |family| texts.iter().map(move |text| (family, text.as_str(), 1));
        let timelines: Vec<_> = (1..=3).flat_map(family).collect();
        let mut written = batch(&timelines, 1);
        let trail = Trail {
            last: Lsn(9_000),
            told: 1,
        };
        written.trails = (0..2_500).map(|lsn| (Lsn(lsn), trail)).collect();
        cold.write(written).unwrap();
        assert_eq!(cold.forget_family(Family(2)).unwrap(), 2_500);
        assert_eq!(cold.forget_family(Family(2)).unwrap(), 0);
        assert_eq!(keys(cold, Some(Family(2))), []);
        assert_eq!(keys(cold, None).len(), 5_000);
        assert_eq!(cold.forget_trails_below(Lsn(2_000)).unwrap(), 2_000);
        assert_eq!(cold.trail(Lsn(1_999)).unwrap(), None);
        assert_eq!(cold.trail(Lsn(2_000)).unwrap(), Some(trail));
        assert_eq!(cold.through().unwrap(), Lsn(1));
    });
}

#[test]
fn a_timeline_too_long_is_refused_before_anything_is_written() {
    with_both("long", |cold| {
        let longest = "k".repeat(KEY_BYTES_MAX);
        let too_long = "k".repeat(KEY_BYTES_MAX + 1);
        let error = cold.write(batch(&[(1, "a", 1), (4, &too_long, 1)], 1));
        let Err(ColdError::TooLong { family, key, .. }) = error else {
            panic!("{error:?}");
        };
        assert_eq!((family, key), (Family(4), KEY_BYTES_MAX + 1));
        assert_eq!(keys(cold, None), []);
        cold.write(batch(&[(1, &longest, 1)], 1)).unwrap();
        assert!(cold.timeline(Family(1), &longest).unwrap().is_some());
    });
}

#[test]
fn damage_of_one_value_is_named_with_its_key_and_the_others_stay() {
    let cold = MemoryCold::default();
    let written = [(1, "ann", 5), (1, "bob", 7), (2, "ann", 6)];
    cold.write(batch(&written, 8)).unwrap();
    let bits = (17 + body("bob", 7).len()) * 8;
    for bit in 0..bits {
        assert!(cold.flip(&key(1, "bob"), bit));
        let error = cold.timeline(Family(1), "bob").unwrap_err();
        let ColdError::Damaged(Damage { place, .. }) = &error else {
            panic!("bit {bit}: {error}");
        };
        assert_eq!(*place, Place::Timeline(key(1, "bob")));
        assert!(error.to_string().contains("timeline \"bob\" of family 1"));
        let shown = all(&cold, None);
        let damaged: Vec<_> = (shown.iter())
            .filter(|(_, stored)| stored.is_err())
            .collect();
        assert_eq!((shown.len(), damaged.len()), (3, 1));
        assert!(cold.timeline(Family(1), "ann").unwrap().is_some());
        assert!(cold.flip(&key(1, "bob"), bit));
    }
    assert!(!cold.flip(&key(9, "nobody"), 0));
}

#[test]
fn a_damaged_timeline_is_healed_by_writing_it_again() {
    let cold = MemoryCold::default();
    cold.write(batch(&[(1, "ann", 5)], 5)).unwrap();
    cold.flip(&key(1, "ann"), 200);
    cold.timeline(Family(1), "ann").unwrap_err();
    cold.write(batch(&[(1, "ann", 5)], 5)).unwrap();
    let healed = cold.timeline(Family(1), "ann").unwrap().unwrap();
    assert_eq!(healed.body, body("ann", 5));
}

#[test]
fn it_is_never_said_to_be_further_than_its_records_are() {
    let texts: Vec<String> = (0..40).map(|number| format!("key {number}")).collect();
    for seed in 0..2_000_u64 {
        let cold = MemoryCold::default();
        cold.lose_power_after(seed % 450);
        let mut done = 0;
        for round in 1..=10 {
            let timelines: Vec<_> = (texts.iter().enumerate())
                .map(|(number, text)| (1, text.as_str(), round * 100 + number as u64))
                .collect();
            if cold.write(batch(&timelines, round * 100 + 99)).is_err() {
                break;
            }
            done = round;
        }
        let found = cold.restart(seed);
        let through = found.through().unwrap().0 / 100;
        assert!(through >= done, "seed {seed}: what was written is gone");
        let lsns: BTreeMap<_, _> = (all(&found, None).into_iter())
            .map(|(key, stored)| (key.key, stored.unwrap().lsn.0))
            .collect();
        for (number, text) in texts.iter().enumerate().filter(|_| through > 0) {
            let lsn = lsns.get(text.as_str()).copied().unwrap_or(0);
            let least = through * 100 + number as u64;
            assert!(lsn >= least, "seed {seed}: {text} is of {lsn}, not {least}");
        }
    }
}

#[test]
fn what_was_written_is_in_the_folder_without_closing_it() {
    let folder = Folder::new("open");
    let cold = folder.open();
    cold.write(batch(&[(1, "ann", 5)], 5)).unwrap();
    let copy = folder.copy("open-copy");
    let found = copy.open();
    assert_eq!(found.through().unwrap(), Lsn(5));
    assert!(found.timeline(Family(1), "ann").unwrap().is_some());
}

#[test]
fn what_is_merged_is_as_it_was_written_last() {
    let folder = Folder::new("merged");
    let cold = folder.open();
    let bytes = |round: u64| -> Vec<u8> {
        // Nothing that could be stored in less space.
        let mut noise = round.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let next = |_| {
            noise ^= noise << 13;
            noise ^= noise >> 7;
            noise ^= noise << 17;
            noise as u8
        };
        (0..64 << 10).map(next).collect()
    };
    let rested = |at: u64, lsn: u64| Rested {
        key: key(0, &at.to_string()),
        lsn: Lsn(lsn),
        body: bytes(at ^ lsn),
    };
    // Twelve tables of the same keys: more than are left unmerged.
    let rounds = 12;
    for round in 1..=rounds {
        let timelines = (0..64).map(|at| rested(at, round)).collect();
        let trails = Vec::new();
        let through = Lsn(round);
        cold.write(Batch {
            timelines,
            trails,
            through,
        })
        .unwrap();
    }
    let deadline = Instant::now() + Duration::from_secs(60);
    let tables = || -> u64 {
        let tables = folder.files(|path| path.parent().is_some_and(|p| p.ends_with("tables")));
        tables
            .iter()
            .filter_map(|path| fs::metadata(path).ok())
            .map(|found| found.len())
            .sum()
    };
    while tables() > 32 << 20 || tables() == 0 {
        assert!(
            Instant::now() < deadline,
            "nothing was merged: {} bytes",
            tables()
        );
        sleep(Duration::from_millis(20));
    }
    for at in 0..64 {
        let expected = rested(at, rounds);
        let found = cold.timeline(Family(0), &at.to_string()).unwrap().unwrap();
        assert_eq!((found.lsn, found.body), (expected.lsn, expected.body));
    }
}

#[test]
fn a_folder_holds_the_first_part_of_what_was_written_if_its_journal_breaks_off() {
    let folder = Folder::new("journal");
    let cold = folder.open();
    for lsn in 1..=20 {
        let text = format!("key {lsn}");
        cold.write(batch(&[(1, &text, lsn)], lsn)).unwrap();
    }
    let is_journal = |path: &Path| path.extension().is_some_and(|end| end == "jnl");
    let whole = fs::read(&folder.files(is_journal)[0]).unwrap();
    let end = whole.iter().rposition(|byte| *byte != 0).unwrap() + 1;
    for cut in 0..40 {
        let copy = folder.copy(&format!("journal-{cut}"));
        let journal = &copy.files(is_journal)[0];
        fs::write(journal, &whole[..end * cut / 40]).unwrap();
        let Ok(found) = FjallCold::open(&copy.0, LOG, CACHE) else {
            continue;
        };
        let through = found.through().unwrap().0;
        for lsn in 1..=through {
            let stored = found.timeline(Family(1), &format!("key {lsn}"));
            assert_eq!(stored.unwrap().unwrap().lsn, Lsn(lsn), "cut {cut}");
        }
    }
}

#[test]
fn a_flipped_bit_in_a_table_is_refused_or_named_and_never_passed_off_as_good() {
    let folder = Folder::new("tables");
    let texts: Vec<String> = (0..200).map(|number| format!("key {number:03}")).collect();
    let timelines: Vec<_> = (texts.iter()).map(|text| (1, text.as_str(), 1)).collect();
    {
        let cold = folder.open();
        cold.write(batch(&timelines, 1)).unwrap();
    }
    {
        let (_database, keyspace) = engine(&folder.0);
        keyspace.rotate_memtable_and_wait().unwrap();
    }
    let is_table = |path: &Path| {
        path.parent()
            .is_some_and(|folder| folder.ends_with("tables"))
    };
    let (mut named, mut refused) = (0, 0);
    for trial in 0..60 {
        let copy = folder.copy(&format!("tables-{trial}"));
        let table = copy.files(is_table);
        let table = table
            .iter()
            .max_by_key(|path| fs::metadata(path).unwrap().len())
            .unwrap();
        let mut bytes = fs::read(table).unwrap();
        let at = bytes.len() * trial / 60;
        bytes[at] ^= 1 << (trial % 8);
        fs::write(table, bytes).unwrap();
        let Ok(found) = FjallCold::open(&copy.0, LOG, CACHE) else {
            refused += 1;
            continue;
        };
        for text in &texts {
            match found.timeline(Family(1), text) {
                Ok(stored) => assert_eq!(stored.unwrap().body, body(text, 1), "byte {at}"),
                Err(ColdError::Damaged(damage)) => {
                    assert_eq!(damage.place, Place::Timeline(key(1, text)));
                    assert!(matches!(damage.flaw, Flaw::Block(_)), "{damage}");
                    named += 1;
                }
                Err(other) => panic!("byte {at}: {other}"),
            }
        }
    }
    assert!(
        named > 0 && refused < 60,
        "{named} named, {refused} refused"
    );
}

#[test]
fn the_folder_of_another_log_is_refused() {
    let folder = Folder::new("other");
    drop(folder.open());
    let error = FjallCold::open(&folder.0, b"\x02b", CACHE).map(|_| ());
    let error = error.unwrap_err();
    assert!(matches!(error, ColdError::OtherLog { .. }), "{error}");
    assert!(error.to_string().contains("this one is 0262"), "{error}");
    drop(folder.open());
}

#[test]
fn a_folder_in_use_is_refused() {
    let folder = Folder::new("used");
    let _cold = folder.open();
    let error = FjallCold::open(&folder.0, LOG, CACHE).map(|_| ());
    assert!(matches!(error, Err(ColdError::Locked(path)) if path == folder.0));
}

#[test]
fn a_newer_format_is_refused_by_name() {
    let folder = Folder::new("newer");
    drop(folder.open());
    {
        let (database, keyspace) = engine(&folder.0);
        let (key, lsn, body) = (b"\0format", 0_u64.to_le_bytes(), 3_u32.to_le_bytes());
        let checksum = crc32c::crc32c(&[key, lsn.as_slice(), &body].concat());
        let lengths = [4_u32.to_le_bytes(), checksum.to_le_bytes()].concat();
        let record = [&[1], lsn.as_slice(), &lengths, &body].concat();
        keyspace.insert(key, record).unwrap();
        database.persist(fjall::PersistMode::SyncAll).unwrap();
    }
    let error = FjallCold::open(&folder.0, LOG, CACHE).map(|_| ());
    let error = error.unwrap_err().to_string();
    assert!(
        error.contains("newer foreshore (format 3, this one knows up to 1)"),
        "{error}"
    );
}

#[test]
fn damage_of_one_value_in_a_folder_is_named_with_its_key() {
    let folder = Folder::new("value");
    folder
        .open()
        .write(batch(&[(1, "ann", 5), (1, "bob", 7)], 8))
        .unwrap();
    {
        let (database, keyspace) = engine(&folder.0);
        let place = [&[1, 0, 0, 0, 1], b"bob".as_slice()].concat();
        let mut record = keyspace.get(&place).unwrap().unwrap().to_vec();
        record[30] ^= 4;
        keyspace.insert(place, record).unwrap();
        database.persist(fjall::PersistMode::SyncAll).unwrap();
    }
    let cold = folder.open();
    let error = cold.timeline(Family(1), "bob").unwrap_err();
    let ColdError::Damaged(damage) = error else {
        panic!("{error}");
    };
    assert_eq!(damage.place, Place::Timeline(key(1, "bob")));
    assert_eq!(damage.lsn, Some(Lsn(7)));
    assert!(matches!(damage.flaw, Flaw::Checksum { .. }));
    assert!(cold.timeline(Family(1), "ann").unwrap().is_some());
}
