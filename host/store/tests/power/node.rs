//! The node: what it does in threads and by the clock, done one thing after the other and as a seed has it.
//! Takes inputs, lets replies leave once they are durable, puts away what has changed.

use std::sync::Arc;

use foreshore_core::{
    Act, Audit, Core, Disposition, Input, Leaving, Outputs, Pipeline, Record, Reply,
};
use foreshore_event::{Span, Time};
use foreshore_store::cold::MemoryCold;
use foreshore_store::disk::{Lock, SimulatedDisk};
use foreshore_store::{Journal, Store, StoreError, StoreSettings};

use crate::deploys::Building;
use crate::ledger::Ledger;
use crate::traffic::{Made, Sending, Traffic};
use crate::world::World;
use foreshore_proof::Random;

/// What becomes of events that are logged.
pub const LOGGED: [Disposition; 4] = [
    Disposition::Admitted,
    Disposition::Late,
    Disposition::Future,
    Disposition::Conflict,
];

/// All that outlives a process, and the world around it.
pub struct Node {
    pub random: Random,
    pub disk: SimulatedDisk,
    pub cold: Arc<MemoryCold>,
    pub settings: StoreSettings,
    pub pipeline: Arc<Pipeline>,
    pub world: World,
    pub traffic: Traffic,
    pub ledger: Ledger,
    pub now: Time,
    /// The pipeline as its operator has it: that of the next start.
    pub configured: Arc<Pipeline>,
    /// Whether pipelines are deployed while it runs.
    pub deploys: bool,
    pub tally: Tally,
}

/// What was attacked and found whole, for the table.
#[derive(Default)]
pub struct Tally {
    pub cuts: u64,
    pub restarts: u64,
    pub deploys: u64,
    pub acknowledged: u64,
    pub outputs: u64,
    pub steps: u64,
    pub states: u64,
    pub finals: u64,
    pub answers: u64,
}

/// A process.
pub struct Running {
    pub core: Core,
    pub store: Arc<Store>,
    pub journal: Journal,
    pub outputs: Outputs,
    /// Records that are not in the journal yet.
    pub unwritten: Vec<Record>,
    /// Replies that wait for the log.
    pub waiting: Vec<(Made, Reply)>,
    pub keeper: Keeper,
    /// Another pipeline, being built beside this one.
    pub building: Option<Building>,
    /// Events that arrived, those the log had at the start among them.
    pub received: u64,
    pub _lock: Lock,
}

/// What of the state is on its way to be put away.
pub enum Keeper {
    Idle,
    Taken(Box<Leaving>),
    Put,
}

impl Node {
    /// Takes an input, with all that belongs to it.
    pub fn take(&mut self, running: &mut Running, sending: Sending) -> Result<(), StoreError> {
        let input = sending.input();
        let (store, core) = (&running.store, &mut running.core);
        store.bring(core, |core| core.needs(&input))?;
        let expected = sending
            .made()
            .map(|made| (made, self.ledger.expected(&made)));
        running.received += u64::from(matches!(sending, Sending::Score(_) | Sending::Ingest(_)));
        let reply = self.step(running, input);
        if let Some((made, expected)) = expected {
            let is_ahead = made.is_ahead(self.now, self.pipeline.future_max);
            check_disposition(&made, expected, is_ahead, &reply);
            let kept = !matches!(&reply, Reply::Answer(answer) if answer.decision.is_none());
            if kept {
                running.waiting.push((made, reply));
            }
        }
        Ok(())
    }

    /// One step of the core, and what it says.
    pub fn step(&mut self, running: &mut Running, input: Input) -> Reply {
        self.now = self.now.plus(Span(50_000));
        let outputs = &mut running.outputs;
        let reply = running.core.step(self.now, input, &mut self.world, outputs);
        self.note(running);
        self.check_counts(running);
        reply
    }

    /// The dispositions add up, and the log has those it should have.
    fn check_counts(&mut self, running: &Running) {
        let counts = running.core.gauges().counts;
        assert_eq!(counts.received(), running.received, "{counts:?}");
        for disposition in LOGGED {
            let logged = self.ledger.logged(disposition);
            assert_eq!(counts.of(disposition), logged, "{disposition:?}");
        }
        self.tally.steps += 1;
    }

    /// Notes what the core has said, before anybody else hears it.
    pub fn note(&mut self, running: &mut Running) {
        for record in running.outputs.records.drain(..) {
            running.unwritten.push(record.clone());
            self.ledger.log(record);
        }
        // Each is a record, too: the ledger has it from there.
        running.outputs.amendments.clear();
    }

    /// Makes all that was said durable; then it leaves.
    pub fn commit(&mut self, running: &mut Running) -> Result<(), StoreError> {
        running.journal.append(&running.unwritten, self.now)?;
        running.unwritten.clear();
        self.ledger.durable = running.journal.commit()?;
        running.core.durable_through(self.ledger.durable);
        assert_eq!(self.ledger.durable.0, self.ledger.records.len() as u64);
        for (made, reply) in running.waiting.drain(..) {
            self.ledger.acknowledge(&made, &reply);
        }
        running.journal.keep_sealed()
    }

    /// The next step of putting away.
    pub fn keep(&mut self, running: &mut Running) -> Result<(), StoreError> {
        running.keeper = match std::mem::replace(&mut running.keeper, Keeper::Idle) {
            Keeper::Idle => {
                let until = Span(self.random.below(3_000_000) as i64);
                let count = 1 + self.random.below(8) as usize;
                let leaving = running.core.leave(self.now.minus(until), count);
                leaving.map_or(Keeper::Idle, |leaving| Keeper::Taken(Box::new(leaving)))
            }
            Keeper::Taken(leaving) if leaving.basis > self.ledger.durable => Keeper::Taken(leaving),
            Keeper::Taken(leaving) => {
                running.store.put_away(*leaving)?;
                Keeper::Put
            }
            Keeper::Put => {
                running.core.arrived();
                Keeper::Idle
            }
        };
        Ok(())
    }

    /// A few inputs, or a burst of them, and whatever else a node does between them.
    pub fn round(&mut self, running: &mut Running) -> Result<(), StoreError> {
        self.stall();
        let most = if self.random.percent(2) { 120 } else { 6 };
        for _ in 0..=self.random.below(most) {
            self.pass();
            let sending = self.traffic.next(&mut self.random, self.now);
            self.take(running, sending)?;
        }
        if self.deploys {
            self.deploy(running)?;
        }
        if self.random.below(16) == 0 {
            let audit = Audit::new("operator", Act::Access, "access.toml", "taken");
            self.step(running, Input::Audit(audit));
        }
        match self.random.below(12) {
            0..=2 => self.settle(running),
            3 => running.core.shed(),
            _ => drop(self.step(running, Input::Settle(4))),
        }
        if self.random.below(3) > 0 {
            self.commit(running)?;
        }
        if self.random.below(2) == 0 {
            self.keep(running)?;
        }
        if self.random.below(2) == 0 {
            running.core.evict(1);
        }
        Ok(())
    }

    /// Time passes: a little, most often; and now and then the clock jumps.
    fn pass(&mut self) {
        let micros = match self.random.below(400) {
            0 => self.random.below(7_200_000_000),
            1..=8 => self.random.below(20_000_000),
            _ => self.random.below(1_000_000),
        };
        self.now = self.now.plus(Span(micros as i64));
    }

    /// Lets everything that was put off happen.
    pub fn settle(&mut self, running: &mut Running) {
        self.world.recover();
        for _ in 0..1_000 {
            self.now = self.now.plus(Span(2_000_000));
            self.step(running, Input::Tick);
            while matches!(self.step(running, Input::Settle(50)), Reply::Settled(true)) {}
            if running.core.is_quiet() {
                return;
            }
        }
        panic!("debts that never end: {:?}", running.core.gauges());
    }

    /// Makes a plugin miss its deadline, now and then.
    fn stall(&mut self) {
        match self.random.below(40) {
            0 => self.world.model_timeouts = 1,
            at @ 1..=3 => self.world.chains[at as usize - 1].timeouts = 2,
            _ => {}
        }
    }
}

/// What becomes of an event follows from what was seen before.
fn check_disposition(made: &Made, expected: Option<Disposition>, is_ahead: bool, reply: &Reply) {
    let found = match reply {
        Reply::Ingested(disposition) => *disposition,
        Reply::Conflict(_) => Disposition::Conflict,
        Reply::Answer(answer) => answer.disposition,
        other => panic!("{other:?}"),
    };
    let new = [Disposition::Admitted, Disposition::Late];
    match expected {
        Some(expected) => assert_eq!(found, expected, "{made:?}"),
        None if is_ahead => assert_eq!(found, Disposition::Future, "{made:?}"),
        None => assert!(new.contains(&found), "{found:?} of {made:?}"),
    }
}
