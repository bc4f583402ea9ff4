//! A node that comes back: what it finds is held against the ledger, before anything else happens.

use std::path::Path;
use std::sync::Arc;

use foreshore_core::{AmendPolicy, DecisionId, Outputs, Pipeline, Record};
use foreshore_event::Span;
use foreshore_store::cold::{Cold, ColdError, MemoryCold};
use foreshore_store::disk::SimulatedDisk;
use foreshore_store::log::{Durability, LogSettings};
use foreshore_store::{Opened, Opening, StoreError, StoreSettings, open};
use foreshore_timeline::Lsn;

use crate::ledger::{Ledger, bytes};
use crate::node::{Keeper, LOGGED, Node, Running, Tally};
use crate::traffic::{Disorder, Traffic};
use crate::world::{self, ARRIVAL, World};
use foreshore_proof::Random;

/// Where the pipeline is stored.
pub const FOLDER: &str = "store/world";

/// The pipeline of the world, with bounds that are met often.
pub fn pipeline(lateness: [i64; 3], foreshore_max: usize) -> Arc<Pipeline> {
    let mut pipeline = (*world::pipeline(Span(0), AmendPolicy::All)).clone();
    pipeline.future_max = Span(5_000_000);
    for (instance, seconds) in pipeline.instances.iter_mut().zip(lateness) {
        instance.timeline.lateness = Span(seconds * 1_000_000);
        instance.timeline.foreshore_max = foreshore_max;
    }
    let manifest = world::manifest(&pipeline.schema, &pipeline.instances, &pipeline.layout);
    pipeline.manifest = Arc::new(manifest);
    Arc::new(pipeline)
}

impl Node {
    /// A node that never ran.
    pub fn new(seed: u64) -> Node {
        let mut random = Random::new(seed);
        let log = LogSettings {
            segment_bytes: 2_000 + random.below(10_000),
            durability: Durability::Fsync,
            reserve_bytes: 0,
        };
        let foreshore_max = [4, 10_000][random.below(2) as usize];
        let trap_every = [0, 5][random.below(2) as usize];
        let disorder = Disorder::of(&mut random);
        let pipeline = pipeline([20, 20, 60], foreshore_max);
        Node {
            disk: SimulatedDisk::new(seed),
            cold: Arc::new(MemoryCold::default()),
            settings: StoreSettings {
                log,
                identity_retention: Span(i64::MAX),
                readers: 1,
            },
            configured: pipeline.clone(),
            pipeline,
            world: World::new(trap_every),
            traffic: Traffic::new(disorder),
            ledger: Ledger::default(),
            now: ARRIVAL,
            deploys: false,
            tally: Tally::default(),
            random,
        }
    }

    /// Starts a process, and looks at what it has found.
    pub fn start(&mut self) -> Result<Running, StoreError> {
        self.pipeline = self.configured.clone();
        let cold = self.cold.clone();
        let cold = move |_: &str| -> Result<Arc<dyn Cold>, ColdError> { Ok(cold.clone()) };
        let opened = open(Opening {
            disk: Arc::new(self.disk.clone()),
            folder: Path::new(FOLDER),
            settings: self.settings.clone(),
            cold: &cold,
            pipeline: self.pipeline.clone(),
            plugins: &mut self.world,
            horizons: &[],
            now: self.now,
            tell: &|_| {},
        })?;
        self.check_log(&opened)?;
        self.check_counted(&opened);
        self.tally.restarts += 1;
        let mut running = Running {
            received: opened.core.gauges().counts.received(),
            building: None,
            core: opened.core,
            store: opened.store,
            journal: opened.journal,
            outputs: Outputs::default(),
            unwritten: Vec::new(),
            waiting: Vec::new(),
            keeper: Keeper::Idle,
            _lock: opened.lock,
        };
        self.check_said(&mut running)?;
        Ok(running)
    }

    /// The log is what was logged, at least as far as it was said to be durable, and what is new says that
    /// the pipeline is another.
    fn check_log(&mut self, opened: &Opened) -> Result<(), StoreError> {
        let found: Result<Vec<Record>, StoreError> = opened.store.records().from(Lsn(1)).collect();
        let found = found?;
        let both = found.iter().zip(&self.ledger.records);
        let same = both
            .take_while(|(found, logged)| bytes(found) == bytes(logged))
            .count();
        let (acknowledged, outputs) = self.ledger.go_back(Lsn(same as u64));
        self.tally.acknowledged += acknowledged;
        self.tally.outputs += outputs;
        for record in found.into_iter().skip(same) {
            assert!(matches!(record, Record::Deploy { .. }), "{record:?}");
            self.ledger.durable = record.lsn();
            self.ledger.log(record);
        }
        let amendments = self
            .ledger
            .records
            .iter()
            .filter_map(|record| match record {
                Record::Amendment(amendment) if amendment.lsn >= opened.amendments_from => {
                    Some(amendment)
                }
                _ => None,
            });
        assert!(amendments.eq(&opened.amendments));
        Ok(())
    }

    /// Every logged event is counted, once.
    fn check_counted(&self, opened: &Opened) {
        let gauges = opened.core.gauges();
        assert_eq!(gauges.lsn, self.ledger.records.len() as u64);
        for wanted in LOGGED {
            assert_eq!(
                gauges.counts.of(wanted),
                self.ledger.logged(wanted),
                "{wanted:?}"
            );
        }
    }

    /// Events sent again are known, and what was decided can be read.
    fn check_said(&mut self, running: &mut Running) -> Result<(), StoreError> {
        for _ in 0..self.traffic.sent.len().min(4) {
            let made = self.traffic.earlier(&mut self.random);
            if self.ledger.seen.contains_key(&made.number) {
                self.take(running, made.score())?;
            }
        }
        let decisions: Vec<Lsn> = self.ledger.revisions.keys().copied().collect();
        for _ in 0..decisions.len().min(6) {
            let decision = decisions[self.random.below(decisions.len() as u64) as usize];
            self.read(running, decision)?;
        }
        Ok(())
    }

    /// Reads a decision, which says what was logged of it.
    pub fn read(&mut self, running: &mut Running, decision: Lsn) -> Result<(), StoreError> {
        let id = DecisionId(decision);
        let (store, core) = (&running.store, &mut running.core);
        store.bring(core, |core| core.needs_of_decision(id))?;
        let (world, outputs) = (&mut self.world, &mut running.outputs);
        let read = running.core.read_decision(id, self.now, world, outputs);
        let (found, _) = read.unwrap_or_else(|| panic!("{id} is gone"));
        let logged = self.ledger.revisions.get(&decision).map_or(0, Vec::len);
        for (revision, number) in found.revisions.iter().zip(1..=logged as u32) {
            let logged = self.ledger.revision(decision, number).unwrap();
            assert!(
                logged.says_the_same(revision),
                "{id} revision {number}: {:?} {:?} {:?} found {:?} {:?} {:?}",
                logged.vector,
                logged.scores,
                logged.basis,
                found
                    .revisions
                    .iter()
                    .map(|r| r.vector.clone())
                    .collect::<Vec<_>>(),
                revision.scores,
                revision.basis
            );
            assert_eq!(
                (revision.number, revision.basis),
                (number, logged.basis),
                "{id}"
            );
            assert_eq!(revision.cause, logged.cause, "{id}");
        }
        assert!(found.revisions.len() >= logged, "{id} has lost revisions");
        assert_eq!(
            found.published,
            self.ledger.told.get(&decision).copied(),
            "{id}"
        );
        self.note(running);
        Ok(())
    }

    /// The power goes, if it has not gone yet; and comes back.
    pub fn lose_power(&mut self) {
        self.tally.cuts += 1;
        self.disk.cut_power();
        self.disk.restart();
        self.cold = Arc::new(self.cold.restart(self.random.below(1 << 20)));
    }
}
