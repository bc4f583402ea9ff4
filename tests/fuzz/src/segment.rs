//! A log whose files were changed behind its back. Bytes are a story: what is appended, what is changed in
//! the files, whether the checksums are then put right again, as chance never would. Opening and reading give
//! what was appended or name the damage, and a log that opens goes on.

/// Files, changed.
mod changes;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use arbitrary::{Result, Unstructured};
use foreshore_event::Time;
use foreshore_store::disk::{Disk, SimulatedDisk, read_whole};
use foreshore_store::log::{Durability, Frame, Log, LogError, LogReader, LogSettings, check};
use foreshore_timeline::Lsn;

use crate::memory::within;

/// Where the log is.
const FOLDER: &str = "log";

/// A log, and what it should hold.
struct World {
    disk: SimulatedDisk,
    settings: LogSettings,
    appended: BTreeMap<Lsn, Frame>,
}

/// Writes a log, changes its files, opens it.
pub fn run(bytes: &[u8]) {
    // Bytes that run out end the story where they do.
    let _ = story(&mut Unstructured::new(bytes));
}

fn story(from: &mut Unstructured<'_>) -> Result<()> {
    let mut world = World {
        disk: SimulatedDisk::new(1),
        settings: LogSettings {
            segment_bytes: from.int_in_range(256..=2_048)?,
            durability: Durability::Fsync,
            reserve_bytes: 0,
        },
        appended: BTreeMap::new(),
    };
    let changed = world
        .live(from)
        .and_then(|()| changes::make(from, &world.disk, Path::new(FOLDER)));
    // A story that breaks off while it is made is looked at as far as it came.
    world.look(changed.as_ref().is_ok_and(|changed| changed.repaired));
    changed.map(drop)
}

impl World {
    fn open(&self) -> std::result::Result<Log, LogError> {
        let disk = Arc::new(self.disk.clone());
        Log::open(disk, Path::new(FOLDER), self.settings.clone()).map(|(log, _)| log)
    }

    /// What a node does to a log.
    fn live(&mut self, from: &mut Unstructured<'_>) -> Result<()> {
        let mut log = self.open().unwrap();
        let mut next = 1;
        for _ in 0..from.int_in_range(0..=12)? {
            match from.int_in_range(0..=7)? {
                0 => log.set_preamble(from.arbitrary()?),
                1 => log = self.open().unwrap(),
                2 => {
                    let before = Lsn(from.int_in_range(0..=next - 1)?);
                    log.drop_before(before).unwrap();
                }
                _ => {
                    for _ in 0..from.int_in_range(1..=4)? {
                        self.append(&mut log, next, from)?;
                        next += 1;
                    }
                    log.commit().unwrap();
                }
            }
        }
        Ok(())
    }

    fn append(&mut self, log: &mut Log, lsn: u64, from: &mut Unstructured<'_>) -> Result<()> {
        let frame = Frame {
            lsn: Lsn(lsn),
            kind: from.int_in_range(0..=254)?,
            time: Time(from.arbitrary()?),
            payload: from.arbitrary()?,
        };
        log.append(frame.lsn, frame.kind, frame.time, &frame.payload)
            .unwrap();
        self.appended.insert(frame.lsn, frame);
        Ok(())
    }

    /// Every way to read it, then a node that goes on with it. Where checksums were put right, what is read
    /// may be anything; else it is what was appended.
    fn look(&self, repaired: bool) {
        let disk: Arc<dyn Disk> = Arc::new(self.disk.clone());
        let folder = Path::new(FOLDER);
        let names = disk.list(folder).unwrap();
        let sizes = names
            .iter()
            .map(|name| read_whole(&*disk, &folder.join(name)).unwrap().len());
        // A chunk or two of a file are held, however long its records say they are.
        let bytes_max = (4 << 20) + 4 * sizes.sum::<usize>();
        within(bytes_max, || check(&*disk, folder, &mut |_| {}).unwrap());
        let observed = within(bytes_max, || LogReader::observe(&disk, folder).unwrap());
        self.read(&observed.reader, repaired);
        let Ok(mut log) = within(bytes_max, || self.open()) else {
            return;
        };
        self.read(&log.reader(), repaired);
        let last = log.reader().range().1;
        let next = Frame {
            lsn: Lsn(last.0.wrapping_add(1)),
            kind: 7,
            time: Time(7),
            payload: b"next".to_vec(),
        };
        log.append(next.lsn, next.kind, next.time, &next.payload)
            .unwrap();
        log.commit().unwrap();
        drop(log);
        match self.open() {
            // What was torn off may be forged to follow anything.
            Err(error) => assert!(repaired, "{error}"),
            Ok(log) if repaired => drop(log),
            Ok(log) => {
                let reader = log.reader();
                assert_eq!(reader.range().1, next.lsn);
                assert_eq!(reader.read(next.lsn).unwrap(), next);
            }
        }
    }

    fn read(&self, reader: &LogReader, repaired: bool) {
        let (first, last) = reader.range();
        let mut expected = first;
        for frame in reader.scan(first).take(1_000) {
            let Ok(frame) = frame else { return };
            assert_eq!(frame.lsn, expected);
            let one = reader.read(frame.lsn);
            // A forged index may lead to a forged record; it only must not lead anywhere else.
            if !repaired {
                assert_eq!(Some(&frame), self.appended.get(&frame.lsn));
                assert_eq!(one.unwrap(), frame);
            }
            expected = Lsn(frame.lsn.0.wrapping_add(1));
        }
        assert!(expected.0 == last.0.wrapping_add(1) || first > last);
    }
}
