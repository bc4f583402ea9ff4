//! A node whose log is given up at its old end, and its twin, which keeps everything in memory and forgets
//! nothing. Both get the same inputs and must say the same.

use std::path::Path;
use std::sync::Arc;

use foreshore_core::{AmendPolicy, Core, Decision, DecisionId, Input, Outputs, Pipeline, Record};
use foreshore_event::{Span, Time};
use foreshore_store::cold::{Cold, ColdError, MemoryCold};
use foreshore_store::disk::{Disk, Lock, SimulatedDisk};
use foreshore_store::log::{Durability, LogSettings};
use foreshore_store::retention::{Retention, Surplus, Walk, Written};
use foreshore_store::{Journal, Opening, Store, StoreError, StoreSettings, codec, open};
use foreshore_timeline::Lsn;

use crate::world::{self, ARRIVAL, World};
use foreshore_proof::Random;

/// Where the pipeline is stored.
pub const FOLDER: &str = "store/world";

/// How far behind the head an event may come, and more.
const LATENESS: Span = Span(20_000_000);

/// Keys of each of the two fields: many, so that most timelines are idle.
const KEYS: u64 = 40;

/// A node's process.
pub struct Running {
    pub core: Core,
    pub store: Arc<Store>,
    pub journal: Journal,
    _lock: Lock,
}

/// All that outlives a process, and the twin.
pub struct Node {
    pub random: Random,
    pub disk: SimulatedDisk,
    /// The same disk, as the store meets it.
    pub layer: Arc<dyn Disk>,
    pub cold: Arc<MemoryCold>,
    pub pipeline: Arc<Pipeline>,
    pub retention: Retention,
    /// How far back each plugin needs events.
    pub horizons: Vec<Option<Span>>,
    pub twin: Core,
    worlds: [World; 2],
    /// What the twin said.
    pub said: Vec<Record>,
    now: Time,
    events: usize,
}

impl Node {
    pub fn new(seed: u64) -> Node {
        let disk = SimulatedDisk::new(seed);
        let mut pipeline = (*world::pipeline(LATENESS, AmendPolicy::All)).clone();
        // Which timeline owes more than that first depends on the checkpoints in memory; the twin has them all.
        pipeline.lag_max = u64::MAX;
        let pipeline = Arc::new(pipeline);
        Node {
            random: Random::new(seed),
            layer: Arc::new(disk.clone()),
            disk,
            cold: Arc::new(MemoryCold::default()),
            twin: Core::new(pipeline.clone()),
            pipeline,
            retention: Retention {
                age: Some(Span(100_000_000)),
                bytes: None,
                at_least: LATENESS,
                ahead: Span(0),
            },
            horizons: Vec::new(),
            worlds: [World::new(7), World::new(7)],
            said: Vec::new(),
            now: ARRIVAL,
            events: 0,
        }
    }

    pub fn start(&mut self) -> Result<Running, StoreError> {
        let cold = self.cold.clone();
        let cold = move |_: &str| -> Result<Arc<dyn Cold>, ColdError> { Ok(cold.clone()) };
        let opened = open(Opening {
            disk: self.layer.clone(),
            folder: Path::new(FOLDER),
            settings: StoreSettings {
                log: LogSettings {
                    segment_bytes: 4_000,
                    durability: Durability::Fsync,
                    reserve_bytes: 0,
                },
                identity_retention: Span(i64::MAX),
                readers: 3,
            },
            cold: &cold,
            pipeline: self.pipeline.clone(),
            plugins: &mut self.worlds[0],
            horizons: &self.horizons,
            now: self.now,
            tell: &|_| {},
        })?;
        // The deploy that begins a log is the twin's first record, too.
        if self.said.is_empty() {
            let mut outputs = Outputs::default();
            self.twin
                .deploy(opened.store.manifest(&self.pipeline), &mut outputs);
            self.said.append(&mut outputs.records);
        }
        Ok(Running {
            core: opened.core,
            store: opened.store,
            journal: opened.journal,
            _lock: opened.lock,
        })
    }

    /// An input to both; the node's is durable after it.
    pub fn take(
        &mut self,
        running: &mut Running,
        input: impl Fn() -> Input,
    ) -> Result<(), StoreError> {
        self.now = self.now.plus(Span(250_000));
        let (store, core) = (&running.store, &mut running.core);
        store.bring(core, |core| core.needs(&input()))?;
        let (mut node, mut twin) = (Outputs::default(), Outputs::default());
        let [worlds, twins] = &mut self.worlds;
        for input in [input(), Input::Settle(u64::MAX)] {
            running.core.step(self.now, input, worlds, &mut node);
        }
        for input in [input(), Input::Settle(u64::MAX)] {
            self.twin.step(self.now, input, twins, &mut twin);
        }
        assert_eq!(said(&node.records), said(&twin.records));
        self.said.extend(twin.records);
        running.journal.append(&node.records, self.now)?;
        running.journal.commit()?;
        running.journal.keep_sealed()?;
        Ok(())
    }

    /// An event: most are in order, some are late, a few are too late.
    pub fn event(&mut self, running: &mut Running) -> Result<(), StoreError> {
        let random = &mut self.random;
        let behind = match random.below(20) {
            0 => 25 + random.below(60),
            1..=6 => random.below(18),
            _ => random.below(2),
        };
        let time = self.now.0 / 1_000_000 - behind as i64;
        let mut key = || (random.below(10) > 0).then(|| random.below(KEYS) as u8);
        let (id, a, b) = (self.events, key(), key());
        let (is_try, amount) = (random.below(2) == 0, random.below(100) as i64);
        self.events += 1;
        self.take(running, || match is_try {
            true => Input::Score(world::event(id, "try", time, a, b, amount)),
            false => Input::Ingest(world::event(id, "done", time, a, b, amount)),
        })
    }

    pub fn events(&mut self, running: &mut Running, count: usize) -> Result<(), StoreError> {
        for at in 0..count {
            self.event(running)?;
            if at % 16 == 0 {
                self.put_away(running)?;
            }
        }
        Ok(())
    }

    /// Puts away what has changed, and lets idle timelines leave memory.
    pub fn put_away(&mut self, running: &mut Running) -> Result<(), StoreError> {
        while let Some(leaving) = running.core.leave(self.now, 16) {
            running.store.put_away(leaving)?;
            running.core.arrived();
        }
        running.core.evict(1);
        Ok(())
    }

    /// All that retention does; gives the checkpoint if there was anything to give up.
    pub fn retain(&mut self, running: &mut Running) -> Result<Option<Written>, StoreError> {
        let surplus = self.close(running)?;
        surplus
            .map(|surplus| self.give_up(running, surplus))
            .transpose()
    }

    /// Closes what is to be given up, if there is anything.
    pub fn close(&mut self, running: &mut Running) -> Result<Option<Surplus>, StoreError> {
        let segments = running.store.records().log().segments();
        let surplus = self.retention.surplus(&segments, self.now);
        if let Some(surplus) = surplus {
            self.take(running, || Input::Close(surplus.close))?;
        }
        Ok(surplus)
    }

    /// Gives up what is closed.
    pub fn give_up(
        &mut self,
        running: &mut Running,
        surplus: Surplus,
    ) -> Result<Written, StoreError> {
        self.renew(running, surplus.before)?;
        self.put_away(running)?;
        let written = running.store.checkpoint(&self.pipeline, surplus.before)?;
        let Some(written) = written else {
            panic!("what is put away is stored");
        };
        let before = surplus.before.min(written.rests_from);
        assert_eq!(
            before, surplus.before,
            "every timeline was folded past what goes"
        );
        for core in [&mut running.core, &mut self.twin] {
            core.forget_below(before);
        }
        while running.journal.drop_oldest(before)?.is_some() {}
        running.store.checkpoints().tidy()?;
        running.store.cold().forget_trails_below(before)?;
        Ok(written)
    }

    /// Folds past what goes whatever rests on it.
    fn renew(&mut self, running: &mut Running, before: Lsn) -> Result<(), StoreError> {
        let store = running.store.clone();
        let mut walk = Walk::new(&store, before);
        loop {
            let found = walk.next(5)?;
            if found.is_empty() {
                return Ok(());
            }
            for (instance, key) in found {
                store.bring(&mut running.core, |core| core.need_of(instance, &key))?;
                assert!(
                    running
                        .core
                        .renew(instance, &key, self.now, &mut self.worlds[0])
                );
            }
            self.settle(running);
            self.put_away(running)?;
        }
    }

    /// Folds what is owed; there is nothing new in it.
    fn settle(&mut self, running: &mut Running) {
        let outputs = &mut Outputs::default();
        let settle = Input::Settle(u64::MAX);
        running
            .core
            .step(self.now, settle, &mut self.worlds[0], outputs);
        assert!(outputs.records.is_empty(), "{:?}", outputs.records);
    }

    /// Everything that can still be asked has the twin's answer.
    pub fn compare(&mut self, running: &mut Running) -> Result<(), StoreError> {
        let (first, last) = running.store.records().log().range();
        assert_eq!(last.0, self.said.len() as u64);
        let kept: Result<Vec<Record>, StoreError> = running.store.records().from(first).collect();
        assert_eq!(said(&kept?), said(&self.said[first.0 as usize - 1..]));
        for instance in 0..world::INSTANCES {
            for key in (0..KEYS).flat_map(|key| [format!("a{key}"), format!("b{key}")]) {
                let (store, core) = (&running.store, &mut running.core);
                store.bring(core, |core| core.need_of(instance, &key))?;
                self.settle(running);
                let state = |core: &Core| core.state(instance, &key).map(|state| state.to_vec());
                assert_eq!(
                    state(&running.core),
                    state(&self.twin),
                    "{key} of {instance}"
                );
            }
        }
        assert_eq!(running.core.gauges().counts, self.twin.gauges().counts);
        for lsn in 1..=last.0 {
            self.compare_decision(running, Lsn(lsn), first)?;
        }
        running.core.evict(1);
        Ok(())
    }

    fn compare_decision(
        &mut self,
        running: &mut Running,
        lsn: Lsn,
        first: Lsn,
    ) -> Result<(), StoreError> {
        let id = DecisionId(lsn);
        let (store, core) = (&running.store, &mut running.core);
        store.bring(core, |core| core.needs_of_decision(id))?;
        let [worlds, twins] = &mut self.worlds;
        let (mut node, mut twin) = (Outputs::default(), Outputs::default());
        let found = running.core.read_decision(id, self.now, worlds, &mut node);
        let found = found.map(|(decision, is_final)| (revisions(decision), is_final));
        let expected = self.twin.read_decision(id, self.now, twins, &mut twin);
        let expected = expected.map(|(decision, is_final)| (revisions(decision), is_final));
        match lsn >= first {
            true => assert_eq!(found, expected, "{id}"),
            // It may still be in memory.
            false => assert!(found.is_none() || found == expected, "{id}"),
        }
        Ok(())
    }

    /// The power goes and comes back.
    pub fn lose_power(&mut self) {
        self.disk.cut_power();
        self.disk.restart();
        self.cold = Arc::new(self.cold.restart(self.random.below(1 << 20)));
    }

    /// All that is stored beside log and checkpoints is lost.
    pub fn lose_cold(&mut self) {
        self.cold = Arc::new(MemoryCold::default());
    }
}

/// Records as the log has them.
fn said(records: &[Record]) -> Vec<(Lsn, u8, Vec<u8>)> {
    let bytes = |record: &Record| {
        let mut bytes = Vec::new();
        (record.lsn(), codec::encode(record, &mut bytes), bytes)
    };
    records.iter().map(bytes).collect()
}

/// What a decision said, but for the name of the log it said so in.
fn revisions(decision: &Decision) -> String {
    let mut revisions = decision.revisions.clone();
    revisions
        .iter_mut()
        .for_each(|revision| Arc::make_mut(revision).under = Arc::default());
    format!("{revisions:?}")
}
