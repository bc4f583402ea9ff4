//! A core that is driven by a seed: what arrives, what is put off, which plugin stalls. Keeps all that it said,
//! and holds it to what can be held at every moment: the dispositions add up, and every amendment starts from
//! what was told.

use std::collections::BTreeMap;
use std::sync::Arc;

use foreshore_core::{
    Amendment, Answer, Core, Disposition, Input, Outcome, Outputs, Pipeline, Record, Reply,
};
use foreshore_event::{Span, Time};
use foreshore_proof::Random;
use foreshore_timeline::Lsn;

use crate::traffic::{Disorder, Made, Sending, Traffic};
use crate::world::reference::States;
use crate::world::{ARRIVAL, Admitted, Final, World, final_of, reference};

/// A verdict of which the world was told: number of the revision, score and outcome.
pub type Told = (u32, Option<u64>, Outcome);

/// A core and all it has said.
pub struct Run {
    pub pipeline: Arc<Pipeline>,
    pub core: Core,
    pub world: World,
    pub traffic: Traffic,
    pub random: Random,
    pub now: Time,
    pub records: Vec<Record>,
    /// What the receivers of answers and amendments believe, by event.
    pub believed: BTreeMap<String, Told>,
    /// Every answer with a decision that nothing but events has shaped: event, basis, what it said.
    pub said: Vec<(String, Lsn, Final)>,
    /// Amendments so far.
    pub amendments: u64,
    /// Events that count as seen, by number.
    pub seen: BTreeMap<usize, Made>,
    /// Events that arrived.
    pub received: u64,
    /// Steps so far: after each the dispositions added up.
    pub steps: u64,
    /// Events in the records so far, by disposition.
    logged: BTreeMap<&'static str, u64>,
}

impl Run {
    pub fn new(pipeline: Arc<Pipeline>, disorder: Disorder, trap_every: u64, seed: u64) -> Run {
        Run {
            core: Core::new(pipeline.clone()),
            pipeline,
            world: World::new(trap_every),
            traffic: Traffic::new(disorder),
            random: Random::new(seed),
            now: ARRIVAL,
            records: Vec::new(),
            believed: BTreeMap::new(),
            said: Vec::new(),
            amendments: 0,
            seen: BTreeMap::new(),
            received: 0,
            steps: 0,
            logged: BTreeMap::new(),
        }
    }

    /// So many sendings, and whatever happens between them.
    pub fn live(&mut self, sendings: u64) {
        for _ in 0..sendings {
            self.pass();
            match self.random.below(40) {
                0 => self.world.model_timeouts = 1,
                at @ 1..=3 => self.world.chains[at as usize - 1].timeouts = 2,
                4 => self.core.shed(),
                _ => {}
            }
            let sending = self.traffic.next(&mut self.random, self.now);
            self.take(sending);
        }
    }

    /// Time passes: a little, most often.
    fn pass(&mut self) {
        let micros = match self.random.below(200) {
            0 => self.random.below(3_600_000_000),
            1..=9 => self.random.below(20_000_000),
            _ => self.random.below(1_000_000),
        };
        self.now = self.now.plus(Span(micros as i64));
    }

    /// Takes what is sent, and holds the reply to what was seen before.
    pub fn take(&mut self, sending: Sending) {
        let arrives = matches!(sending, Sending::Score(_) | Sending::Ingest(_));
        self.received += u64::from(arrives);
        let reply = self.step(sending.input());
        if let Some(made) = sending.made() {
            let found = match &reply {
                Reply::Ingested(disposition) => *disposition,
                Reply::Conflict(_) => Disposition::Conflict,
                Reply::Answer(answer) => answer.disposition,
                other => panic!("{other:?}"),
            };
            self.check_disposition(&made, found);
            if arrives && matches!(found, Disposition::Admitted | Disposition::Late) {
                self.seen.insert(made.number, made);
            }
        }
        if let Reply::Answer(answer) = reply {
            self.hear(&answer);
        }
    }

    /// What becomes of an event follows from what was seen before, and from its time.
    fn check_disposition(&self, made: &Made, found: Disposition) {
        let is_new = [Disposition::Admitted, Disposition::Late].contains(&found);
        let is_right = match self.seen.get(&made.number) {
            Some(seen) if seen.amount == made.amount => found == Disposition::Duplicate,
            Some(_) => found == Disposition::Conflict,
            None if made.is_ahead(self.now, self.pipeline.future_max) => {
                found == Disposition::Future
            }
            None => is_new,
        };
        assert!(is_right, "{found:?} of {made:?} at {:?}", self.now);
    }

    /// What an answer makes its receiver believe.
    pub fn hear(&mut self, answer: &Answer) {
        if answer.decision.is_none() {
            return;
        }
        let id = answer.event.id().to_owned();
        let said = Final::of(&answer.revision);
        let told = (answer.revision.number, said.scores[0], said.outcome);
        self.believed.insert(id.clone(), told);
        let mut degraded = answer.revision.degraded.iter();
        if degraded.all(|degraded| degraded.reason.is_derived()) {
            self.said.push((id, answer.revision.basis, said));
        }
    }

    /// One step of the core.
    pub fn step(&mut self, input: Input) -> Reply {
        let mut outputs = Outputs::default();
        let reply = self
            .core
            .step(self.now, input, &mut self.world, &mut outputs);
        for record in outputs.records {
            assert_eq!(record.lsn().0, self.records.len() as u64 + 1, "{record:?}");
            if let Record::Event { disposition, .. } = &record {
                *self.logged.entry(disposition.name()).or_default() += 1;
            }
            self.records.push(record);
        }
        for amendment in outputs.amendments {
            self.amend(&amendment);
        }
        self.check_counts();
        reply
    }

    /// An amendment starts from what was told.
    fn amend(&mut self, amendment: &Amendment) {
        let id = amendment.event.id.to_string();
        let (number, ..) = self.believed[&id];
        assert!(amendment.revision > number, "{amendment:?} after {number}");
        let old = (
            number,
            amendment.old.score.map(f64::to_bits),
            amendment.old.outcome,
        );
        assert_eq!(self.believed[&id], old, "{amendment:?}");
        let new = (
            amendment.revision,
            amendment.new.score.map(f64::to_bits),
            amendment.new.outcome,
        );
        self.believed.insert(id, new);
        self.amendments += 1;
    }

    /// Received = the sum of the dispositions, and the log has those it should have.
    fn check_counts(&mut self) {
        let counts = self.core.gauges().counts;
        assert_eq!(counts.received(), self.received, "{counts:?}");
        for disposition in [
            Disposition::Admitted,
            Disposition::Late,
            Disposition::Future,
            Disposition::Conflict,
        ] {
            let logged = self.logged.get(disposition.name()).copied().unwrap_or(0);
            assert_eq!(counts.of(disposition), logged, "{disposition:?}");
        }
        self.steps += 1;
    }

    /// Lets everything that was put off happen.
    pub fn settle(&mut self) {
        self.world.recover();
        for _ in 0..1_000 {
            self.now = self.now.plus(Span(2_000_000));
            self.step(Input::Tick);
            while matches!(self.step(Input::Settle(50)), Reply::Settled(true)) {}
            if self.core.is_quiet() {
                return;
            }
        }
        panic!("debts that never end: {:?}", self.core.gauges());
    }

    /// What was admitted up to a record, and the instances that it came too late for.
    pub fn admitted(&self, through: Lsn) -> Vec<Admitted> {
        let admitted = |record: &Record| match record {
            Record::Event {
                disposition: Disposition::Admitted | Disposition::Late,
                event,
                late,
                ..
            } => {
                let late = (0..self.pipeline.instances.len()).filter(|at| late & (1 << at) != 0);
                Some((event.clone(), late.collect()))
            }
            _ => None,
        };
        let records = &self.records[..through.0 as usize];
        records.iter().filter_map(admitted).collect()
    }

    /// What everything must come to.
    pub fn expected(&self, admitted: &[Admitted]) -> (BTreeMap<String, Final>, States) {
        let mut world = World::new(self.world.chains[0].trap_every);
        reference(&self.pipeline, admitted, &mut world)
    }

    /// The state of every timeline is this, to the bit; gives how many there are.
    pub fn compare_states(&self, states: States) -> u64 {
        let count = states.len() as u64;
        for ((instance, key), state) in states {
            let found = self.core.state(instance, &key).map(|state| state.to_vec());
            assert_eq!(found, Some(state), "state of {key} of instance {instance}");
        }
        count
    }

    /// The final word of every decision, by event: they leave the core.
    pub fn finals(&mut self) -> BTreeMap<String, Final> {
        finals(&mut self.core)
    }
}

/// The final word of every decision of a core, by event.
pub fn finals(core: &mut Core) -> BTreeMap<String, Final> {
    let decisions = core.drain_decisions();
    let said = decisions
        .iter()
        .map(|decision| (decision.event.id().to_owned(), final_of(decision)));
    said.collect()
}
