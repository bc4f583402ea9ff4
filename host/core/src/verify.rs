//! Making again what a log says was said: its records, one after the other, onto a core of the same pipeline,
//! and every revision folded and scored anew. Takes records, tells whether each comes out to the bit; what no
//! replay can derive is taken from the record.

use std::sync::Arc;

use foreshore_event::{Event, Time};
use foreshore_timeline::{Lsn, NotWoken};

use crate::core::{Context, Core, Outputs};
use crate::decision::{Decision, DecisionId, Degraded, Part, Place, Reason, Revision};
use crate::difference::Difference;
use crate::disposition::Disposition;
use crate::manifest::Manifest;
use crate::pipeline::Pipeline;
use crate::plugins::Plugins;
use crate::record::Record;
use crate::remake::lacks;
use crate::residence::RestingCore;
use crate::rest::{RestingDecision, RestingTimeline, Trail};
use crate::restore::Contradiction;

/// What a record came to.
#[derive(Debug)]
pub enum Verified {
    /// It is no revision.
    Taken,
    /// It says the same again, to the bit.
    Same,
    /// It says something else now.
    Differs(Box<Difference>),
    /// Another pipeline said it.
    Other,
    /// Its event is not among the records taken.
    Unknown,
    /// A plugin gave no answer now, for a reason that is none of the record's.
    Unanswered(Part, Reason),
}

/// A core that makes again what a log says.
#[derive(Debug)]
pub struct Verifier {
    core: Core,
    /// Whether the records being taken were written by this very pipeline.
    own: bool,
    /// Per instance: whether they were written with the timelines it has now.
    same: Vec<bool>,
    /// When the last event arrived.
    now: Time,
    /// How many decisions it is to hold before it looks which of them no record can be about any more.
    swept_at: usize,
}

/// Fewest decisions that are gone through.
const SWEPT_MIN: usize = 4096;

impl Verifier {
    /// Of a log from its first record on.
    pub fn new(pipeline: Arc<Pipeline>) -> Verifier {
        Verifier {
            same: vec![false; pipeline.instances.len()],
            core: Core::new(pipeline),
            own: false,
            now: Time::MIN,
            swept_at: SWEPT_MIN,
        }
    }

    /// Of a log that does not begin with its first record: `first` is the oldest it has, written `under` this, and
    /// the timelines of all instances are [woken](Verifier::wake) as they were stored with this state of the core.
    pub fn going_on(
        pipeline: Arc<Pipeline>,
        resting: RestingCore,
        first: Lsn,
        under: &Manifest,
    ) -> Verifier {
        let stored = resting.through;
        let mut verifier = Verifier::new(pipeline);
        let through = first.before();
        verifier
            .core
            .resume(RestingCore { through, ..resting }, stored);
        for instance in 0..verifier.same.len() {
            verifier.core.take_as_complete(instance, stored);
        }
        verifier.deploy(under);
        verifier
    }

    /// Takes in a timeline that was at rest; `event` gives the events it holds.
    ///
    /// # Errors
    /// When an event it holds is not to be had, or it contradicts itself.
    pub fn wake(
        &mut self,
        resting: RestingTimeline,
        event: &mut dyn FnMut(Lsn) -> Option<Arc<Event>>,
    ) -> Result<(), NotWoken> {
        self.core.wake(resting, event)
    }

    /// Takes the next record, what it says included: timelines that were woken may hold what it did already.
    ///
    /// # Errors
    /// When it contradicts what came before it.
    pub fn pass(&mut self, record: Record) -> Result<(), Contradiction> {
        match &record {
            Record::Event { arrival, .. } => self.now = self.now.max(*arrival),
            Record::Deploy { manifest, .. } => self.deploy(manifest),
            _ => {}
        }
        self.core.replay(record)
    }

    /// The decision about the event of this position, with what it last said.
    pub fn decision(&self, id: DecisionId) -> Option<&Decision> {
        self.core.decisions.get(id.0)
    }

    /// Timelines it holds, and the bytes they take.
    pub fn timelines(&self) -> (usize, usize) {
        (self.core.timelines.len(), self.core.timelines.bytes())
    }

    /// Takes the next record as it stands.
    ///
    /// # Errors
    /// When it contradicts what came before it.
    pub fn take(
        &mut self,
        record: &Record,
        plugins: &mut dyn Plugins,
    ) -> Result<(), Contradiction> {
        self.core.lsn = record.lsn();
        match record {
            Record::Event {
                lsn,
                arrival,
                disposition: Disposition::Admitted | Disposition::Late,
                late,
                event,
            } => {
                self.now = self.now.max(*arrival);
                self.place(event, *lsn, *arrival, *late)?;
                if self.own && self.core.pipeline.is_scored(event.kind()) {
                    self.open(event, *lsn, *late, plugins);
                }
            }
            Record::Close { time, .. } => {
                self.core.closed = self.core.closed.max(*time);
                self.core.timelines.close(*time);
            }
            Record::Deploy { manifest, .. } => self.deploy(manifest),
            Record::Revision {
                decision, revision, ..
            } => self.note(decision.0, revision),
            Record::Event { .. }
            | Record::Told { .. }
            | Record::Amendment(_)
            | Record::Audit { .. } => {}
        }
        Ok(())
    }

    /// Takes the next record; a revision is made again.
    ///
    /// # Errors
    /// When it contradicts what came before it.
    pub fn verify(
        &mut self,
        record: &Record,
        plugins: &mut dyn Plugins,
    ) -> Result<Verified, Contradiction> {
        let Record::Revision {
            lsn,
            decision,
            revision,
            ..
        } = record
        else {
            return self.take(record, plugins).map(|()| Verified::Taken);
        };
        // It saw all records before its own.
        self.core.lsn = lsn.before();
        let verified = self.make(*lsn, *decision, revision, plugins);
        self.take(record, plugins)?;
        Ok(verified)
    }

    /// Folds what is owed and lets go of decisions that no record can be about any more: to be called every
    /// few thousand records.
    pub fn catch_up(&mut self, plugins: &mut dyn Plugins) {
        self.core.catch_up(self.now, plugins);
        // Those that stay are gone through again only when there are twice as many.
        if self.core.decisions.len() >= self.swept_at {
            self.core.forget_final();
            self.swept_at = 2 * self.core.decisions.len().max(SWEPT_MIN);
        }
    }

    fn deploy(&mut self, manifest: &Manifest) {
        let now = &self.core.pipeline.manifest;
        self.own = manifest.revision == now.revision;
        let is_same = |at: usize| {
            let instance = now.instances.get(at)?;
            let then = manifest.instances.iter();
            let mut then = then.filter(|then| then.name == instance.name);
            Some(then.any(|then| then.fold == instance.fold))
        };
        // A pipeline whose instances are not named is only ever its own.
        self.same = (0..self.same.len())
            .map(|at| is_same(at).unwrap_or(self.own))
            .collect();
    }

    /// Places an event where its record says; in timelines that were made anew later, where it belongs.
    fn place(
        &mut self,
        event: &Arc<Event>,
        lsn: Lsn,
        arrival: Time,
        late: u64,
    ) -> Result<(), Contradiction> {
        for instance in 0..self.same.len() {
            let same = self.same[instance];
            if same && late & (1 << instance) != 0 {
                continue;
            }
            let core = &mut self.core;
            let placed = core.place_in(instance, event, lsn, arrival, &mut Vec::new());
            if same && placed == Place::Late {
                return Err(Contradiction::Refused { lsn, instance });
            }
        }
        Ok(())
    }

    /// Opens a decision; what it came too late for is read now, as it was then.
    fn open(&mut self, event: &Arc<Event>, lsn: Lsn, late: u64, plugins: &mut dyn Plugins) {
        self.core.recall(RestingDecision {
            lsn,
            event: event.clone(),
            late,
            revisions: Vec::new(),
            trail: Trail::default(),
        });
        if late != 0 {
            let outputs = &mut Outputs::default();
            let (core, mut context) = self.context(plugins, outputs);
            core.read_bases(lsn, &mut context);
        }
    }

    /// Remembers what a decision last said, and whether it still waits for a plugin.
    fn note(&mut self, lsn: Lsn, revision: &Arc<Revision>) {
        if let Some(decision) = self.core.decisions.get_mut(lsn) {
            decision.stale = lacks(revision).next().is_some();
            decision.revisions = vec![revision.clone()];
        }
    }

    fn make(
        &mut self,
        lsn: Lsn,
        id: DecisionId,
        logged: &Revision,
        plugins: &mut dyn Plugins,
    ) -> Verified {
        if logged.under.revision != self.core.pipeline.manifest.revision {
            return Verified::Other;
        }
        let outputs = &mut Outputs::default();
        let (core, mut context) = self.context(plugins, outputs);
        core.fold(id.0, &mut context);
        let Some(mut made) = core.make_again(id.0, logged, &mut context) else {
            return Verified::Unknown;
        };
        if !made.says_the_same(logged)
            && let Some(again) = core.make_as_of_now(id.0, logged, &mut context)
        {
            made = again;
        }
        let unanswered = lacks(&made).find(|lack| !logged.degraded.contains(lack));
        if let Some(Degraded { part, reason }) = unanswered {
            return Verified::Unanswered(*part, *reason);
        }
        match Difference::between(lsn, id, logged, &made) {
            None => Verified::Same,
            Some(difference) => Verified::Differs(Box::new(difference)),
        }
    }

    /// The core, and what a step of it takes.
    fn context<'a>(
        &'a mut self,
        plugins: &'a mut dyn Plugins,
        outputs: &'a mut Outputs,
    ) -> (&'a mut Core, Context<'a>) {
        let now = self.now;
        let context = Context {
            now,
            plugins,
            outputs,
        };
        (&mut self.core, context)
    }
}
