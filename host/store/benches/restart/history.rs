//! A store with a history, written as the node's worker writes it: what a step needs is brought in, what it says
//! is logged, what has changed is put away once the log has it.

use std::ops::Range;
use std::path::Path;

use foreshore_core::{Core, Input, Outputs, Reply};
use foreshore_event::{Span, Time};
use foreshore_store::cold::{Cold, FjallCold};
use foreshore_store::disk::RealDisk;
use foreshore_store::log::{Durability, LogSettings};
use foreshore_store::{Opened, Opening, Progress, READERS, StoreSettings, open};
use foreshore_timeline::Lsn;

use std::sync::Arc;

use crate::town::{Town, Workshop};

/// Inputs of one round of the worker.
const ROUND: u64 = 256;

/// Rounds between two looks at what can leave memory.
const SWEEP: u64 = 4;

/// Timelines put away at once, as the node does.
const LEAVING: usize = 512;

/// The node's default for stored timelines in memory as they are on the disk.
const CACHE: u64 = 64 << 20;

/// A year: every event of the history is known.
const IDENTITY_RETENTION: Span = Span(365 * 86_400_000_000);

/// Opens the town's store; `told` hears how far it has come, and that cold state is open.
pub fn open_town(town: &Town, folder: &Path, hot_bytes_max: usize, told: &dyn Fn(Stage)) -> Opened {
    let cold_folder = folder.join("cold");
    let cold = |log: &str| -> Result<Arc<dyn Cold>, _> {
        told(Stage::Log);
        let cold = FjallCold::open(&cold_folder, log.as_bytes(), CACHE)?;
        told(Stage::Cold);
        Ok(Arc::new(cold))
    };
    open(Opening {
        disk: Arc::new(RealDisk),
        folder,
        settings: StoreSettings {
            log: LogSettings {
                segment_bytes: 64 << 20,
                durability: Durability::Os,
                reserve_bytes: 0,
            },
            identity_retention: IDENTITY_RETENTION,
            readers: READERS,
        },
        cold: &cold,
        pipeline: town.pipeline(hot_bytes_max),
        plugins: &mut Workshop::new(),
        horizons: &[],
        now: town.time(2 * town.events),
        tell: &|progress| told(Stage::Told(progress)),
    })
    .unwrap()
}

/// What an opening has just done.
#[derive(Clone, Copy, Debug)]
pub enum Stage {
    /// The log is recovered.
    Log,
    /// Cold state is open.
    Cold,
    /// What the opening itself tells.
    Told(Progress),
}

/// A store being written.
pub struct History<'a> {
    town: &'a Town,
    opened: Opened,
    plugins: Workshop,
    outputs: Outputs,
    now: Time,
}

impl History<'_> {
    /// Goes on with the store in a folder.
    pub fn open<'a>(town: &'a Town, folder: &Path, hot_bytes_max: usize) -> History<'a> {
        History {
            town,
            opened: open_town(town, folder, hot_bytes_max, &|_| {}),
            plugins: Workshop::new(),
            outputs: Outputs::default(),
            now: Time::MIN,
        }
    }

    /// Takes these events, and puts everything away each time so many have come.
    pub fn take(&mut self, numbers: Range<u64>, put_away_every: u64) {
        let town = self.town;
        for ((now, input), done) in town.inputs(numbers).zip(1..) {
            self.now = now;
            let (store, core) = (&self.opened.store, &mut self.opened.core);
            store.bring(core, |core| core.needs(&input)).unwrap();
            self.step(input);
            if done % ROUND == 0 {
                self.step(Input::Settle(ROUND));
                self.commit();
            }
            if done % (SWEEP * ROUND) == 0 {
                self.opened.core.evict(1);
            }
            if done % put_away_every == 0 {
                self.put_away();
            }
        }
        self.settle();
    }

    /// Puts everything away.
    pub fn put_away(&mut self) {
        self.settle();
        while let Some(leaving) = self.opened.core.leave(self.now, LEAVING) {
            self.opened.store.put_away(leaving).unwrap();
            self.opened.core.arrived();
        }
        self.opened.core.evict(1);
    }

    /// The position of the last record.
    pub fn last(&self) -> Lsn {
        self.opened.store.records().log().range().1
    }

    /// Bytes of the log, and of cold state.
    pub fn bytes(&self) -> (u64, u64) {
        let store = &self.opened.store;
        (store.log_bytes(), store.cold().bytes())
    }

    pub fn core(&self) -> &Core {
        &self.opened.core
    }

    fn settle(&mut self) {
        while matches!(self.step(Input::Settle(u64::MAX)), Reply::Settled(true)) {}
        self.commit();
    }

    fn step(&mut self, input: Input) -> Reply {
        let (plugins, outputs) = (&mut self.plugins, &mut self.outputs);
        self.opened.core.step(self.now, input, plugins, outputs)
    }

    fn commit(&mut self) {
        let records = std::mem::take(&mut self.outputs.records);
        self.opened.journal.append(&records, self.now).unwrap();
        self.opened.journal.commit().unwrap();
        self.opened.journal.keep_sealed().unwrap();
        self.outputs.amendments.clear();
    }
}
