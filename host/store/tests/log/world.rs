//! A log over a simulated disk, and beside it a plain list of what was appended.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use foreshore_event::Time;
use foreshore_store::disk::SimulatedDisk;
use foreshore_store::log::{Durability, Frame, Log, LogError, LogReader, LogSettings, Recovered};
use foreshore_timeline::Lsn;

use foreshore_proof::Random;

/// Where the log is.
pub const FOLDER: &str = "store/log";

/// A log and what it should hold.
pub struct World {
    pub random: Random,
    pub disk: SimulatedDisk,
    pub settings: LogSettings,
    pub log: Option<Log>,
    /// Every record appended, record 1 first.
    pub appended: Vec<Frame>,
    /// The last record that was said to be durable.
    pub durable: u64,
    /// Records before this one may be gone.
    pub kept_from: u64,
}

impl World {
    /// A world without a log yet; segments are small.
    pub fn new(seed: u64, durability: Durability) -> World {
        let mut random = Random::new(seed);
        let settings = LogSettings {
            segment_bytes: 512 + random.below(3000),
            durability,
            reserve_bytes: 0,
        };
        World {
            disk: SimulatedDisk::new(seed),
            random,
            settings,
            log: None,
            appended: Vec::new(),
            durable: 0,
            kept_from: 1,
        }
    }

    pub fn open(&mut self) -> Result<Recovered, LogError> {
        let disk = Arc::new(self.disk.clone());
        let (log, recovered) = Log::open(disk, Path::new(FOLDER), self.settings.clone())?;
        self.log = Some(log);
        Ok(recovered)
    }

    pub fn log(&mut self) -> &mut Log {
        self.log.as_mut().unwrap()
    }

    pub fn reader(&mut self) -> LogReader {
        self.log().reader()
    }

    /// Appends a record made up.
    pub fn append(&mut self) -> Result<(), LogError> {
        let length = match self.random.below(20) {
            0 => self.random.below(6000),
            _ => self.random.below(120),
        };
        let frame = Frame {
            lsn: Lsn(self.appended.len() as u64 + 1),
            kind: self.random.below(255) as u8,
            time: Time(self.random.below(1 << 40).cast_signed() - (1 << 39)),
            payload: (0..length).map(|_| self.random.below(256) as u8).collect(),
        };
        let log = self.log.as_mut().unwrap();
        log.append(frame.lsn, frame.kind, frame.time, &frame.payload)?;
        self.appended.push(frame);
        Ok(())
    }

    /// Commits, and remembers what that promised.
    pub fn commit(&mut self) -> Result<Lsn, LogError> {
        let lsn = self.log().commit()?;
        assert_eq!(lsn.0 as usize, self.appended.len());
        self.durable = lsn.0;
        Ok(lsn)
    }

    /// A few records, committed.
    pub fn batch(&mut self) -> Result<Lsn, LogError> {
        for _ in 0..=self.random.below(12) {
            self.append()?;
        }
        self.commit()
    }

    /// Does what a node does, until the disk refuses.
    pub fn work(&mut self, steps: u64) -> Result<(), LogError> {
        for _ in 0..steps {
            match self.random.below(10) {
                0 => {
                    let before = self.random.below(self.durable + 1);
                    // The promise goes before the deed: a power cut may come between.
                    self.kept_from = self.kept_from.max(before);
                    self.log().drop_before(Lsn(before))?;
                }
                1 => {
                    let preamble = vec![7; self.random.below(100) as usize];
                    self.log().set_preamble(preamble);
                }
                2 => assert!(self.log().room()?.ok),
                _ => {
                    self.batch()?;
                }
            }
        }
        Ok(())
    }

    /// Holds the log, just opened, against what it should hold; what it lost was never promised.
    pub fn settle(&mut self, recovered: &Recovered) {
        let (first, last) = (recovered.first.0, recovered.last.0);
        assert!(first <= self.kept_from.max(1), "{recovered:?}");
        assert!(
            last >= self.durable,
            "lost {} of {recovered:?}",
            self.durable
        );
        assert!(last <= self.appended.len() as u64, "invented {recovered:?}");
        self.appended.truncate(last as usize);
        self.durable = last;
        self.compare(Lsn(first));
    }

    /// Every record from one on, read in order and one by one.
    pub fn compare(&mut self, first: Lsn) {
        let expected = &self.appended[first.0 as usize - 1..];
        let reader = self.log.as_ref().unwrap().reader();
        let scanned: Result<Vec<Frame>, LogError> = reader.scan(first).collect();
        assert_eq!(scanned.unwrap(), expected);
        for frame in expected {
            let (one, next) = reader.read_two(frame.lsn).unwrap();
            assert_eq!(&one, frame);
            if let Some(next) = next {
                assert_eq!(next, self.appended[frame.lsn.0 as usize]);
            }
        }
    }

    /// The segments there are, oldest first.
    pub fn files(&mut self) -> Vec<PathBuf> {
        let segments = self.reader().segments();
        segments.into_iter().map(|segment| segment.file).collect()
    }
}
