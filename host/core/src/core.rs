//! The core of a pipeline and its step: input in, reply, records and amendments out. Owns everything the
//! pipeline knows; time and plugins come as arguments. The stages are in `admit`, `fold`, `judge`,
//! `settle`; this file shows their order.

use std::sync::Arc;

use foreshore_event::{Event, Time};
use foreshore_timeline::Lsn;

use crate::amendment::Amendment;
use crate::answer::Answer;
use crate::audit::Audit;
use crate::breaker::Breaker;
use crate::decision::Reason;
use crate::decisions::Decisions;
use crate::disposition::{Counts, Disposition};
use crate::identities::Identities;
use crate::judge::Told;
use crate::pipeline::Pipeline;
use crate::plugins::Plugins;
use crate::record::Record;
use crate::residence::timelines_bytes_min;
use crate::timelines::Timelines;

/// What can happen to a pipeline.
#[derive(Debug)]
pub enum Input {
    /// An event of a scored type whose sender waits for the answer.
    Score(Event),
    /// As `Score`, but nothing is to change.
    WhatIf(Event),
    /// An event nobody waits for.
    Ingest(Event),
    /// Fold what is owed, at most so many rows, and revise decisions that changed.
    Settle(u64),
    /// Raise every watermark to this time.
    Close(Time),
    /// An operator does something: it is written down.
    Audit(Audit),
    /// Time has passed: try again what failed; close what is old enough.
    Tick,
}

/// What an input came to.
#[derive(Debug)]
pub enum Reply {
    /// The answer to `Score` or `WhatIf`.
    Answer(Box<Answer>),
    /// Its identity is taken by an event that says something else.
    Conflict(Arc<Event>),
    /// What became of an ingested event.
    Ingested(Disposition),
    /// Whether more is owed.
    Settled(bool),
    /// Done.
    Done,
}

/// What leaves the core besides the reply, in order.
#[derive(Debug, Default)]
pub struct Outputs {
    /// For the log.
    pub records: Vec<Record>,
    /// For the world.
    pub amendments: Vec<Amendment>,
}

/// A pipeline's state and its rules.
#[derive(Debug)]
pub struct Core {
    pub(crate) pipeline: Arc<Pipeline>,
    pub(crate) identities: Identities,
    pub(crate) timelines: Timelines,
    pub(crate) decisions: Decisions,
    pub(crate) instance_breakers: Vec<Breaker>,
    pub(crate) model_breakers: Vec<Breaker>,
    pub(crate) counts: Counts,
    /// Position of the last record.
    pub(crate) lsn: Lsn,
    /// Everything up to here is stored, or on its way.
    pub(crate) stored: Lsn,
    /// What is on its way to the store is as of this record; none if nothing is.
    pub(crate) leaving: Option<Lsn>,
    /// The log is durable at least up to here.
    pub(crate) durable: Lsn,
    /// Events up to here are in the counts.
    pub(crate) counted: Lsn,
    /// Per instance: its timelines hold everything up to here, whatever the records say of places.
    pub(crate) complete: Vec<Lsn>,
    /// Every watermark is at least here.
    pub(crate) closed: Time,
    /// The record of the last deploy: what was decided before it is settled.
    pub(crate) deployed: Lsn,
    /// Rows folded, for the metrics.
    pub(crate) folded_rows: u64,
    /// Events that were placed below folded ones, and events so displaced.
    pub(crate) displacing: u64,
    pub(crate) displaced: u64,
    /// Events committed early by foreshores at their bound.
    pub(crate) overflowed: u64,
    /// Amendments published.
    pub(crate) amendments: u64,
}

/// What one step works with besides the core itself.
pub(crate) struct Context<'a> {
    pub(crate) now: Time,
    pub(crate) plugins: &'a mut dyn Plugins,
    pub(crate) outputs: &'a mut Outputs,
}

impl Core {
    /// A pipeline without history.
    pub fn new(pipeline: Arc<Pipeline>) -> Core {
        let breakers = |count| vec![Breaker::new(pipeline.breaker); count];
        Core {
            identities: Identities::default(),
            timelines: Timelines::new(pipeline.instances.len(), timelines_bytes_min(&pipeline)),
            decisions: Decisions::default(),
            instance_breakers: breakers(pipeline.instances.len()),
            model_breakers: breakers(pipeline.models.len()),
            counts: Counts::default(),
            lsn: Lsn(0),
            stored: Lsn(0),
            leaving: None,
            durable: Lsn(0),
            counted: Lsn(0),
            complete: vec![Lsn(0); pipeline.instances.len()],
            closed: Time::MIN,
            deployed: Lsn(0),
            folded_rows: 0,
            displacing: 0,
            displaced: 0,
            overflowed: 0,
            amendments: 0,
            pipeline,
        }
    }

    /// Takes one input at the time `now`.
    pub fn step(
        &mut self,
        now: Time,
        input: Input,
        plugins: &mut dyn Plugins,
        outputs: &mut Outputs,
    ) -> Reply {
        let context = &mut Context {
            now,
            plugins,
            outputs,
        };
        match input {
            Input::Score(event) => self.score(event, context),
            Input::WhatIf(event) => self.what_if(event, context),
            Input::Ingest(event) => Reply::Ingested(self.ingest(event, context)),
            Input::Settle(rows_max) => Reply::Settled(self.settle(rows_max, context)),
            Input::Close(time) => self.close(time, context),
            Input::Audit(audit) => self.audit(audit, context),
            Input::Tick => self.tick(context),
        }
    }

    /// Places the event, folds its features, scores, decides.
    fn score(&mut self, event: Event, context: &mut Context<'_>) -> Reply {
        let admitted = self.admit(Arc::new(event), context);
        let lsn = match admitted.disposition {
            Disposition::Conflict => return Reply::Conflict(admitted.event),
            Disposition::Future => return self.answer_future(admitted.event),
            Disposition::Duplicate if self.is_left_behind(admitted.lsn) => {
                let reason = Reason::Settled;
                return self.fall_back(admitted.event, Disposition::Duplicate, reason);
            }
            _ => admitted.lsn,
        };
        self.decide(lsn, context);
        self.answer(lsn, admitted.disposition, context)
    }

    /// Makes a decision somebody waits for, if it is not made yet. One that is made stands, whatever its plugins
    /// would come to now: only what is folded changes it.
    pub(crate) fn decide(&mut self, lsn: Lsn, context: &mut Context<'_>) {
        let decision = self.decisions.get(lsn);
        if decision.is_some_and(|decision| decision.current().is_none()) {
            self.fold(lsn, context);
            self.judge(&[lsn], Told::Yes, context);
        }
    }

    /// Places the event and leaves the rest to `settle`, unless too much is left already.
    fn ingest(&mut self, event: Event, context: &mut Context<'_>) -> Disposition {
        let admitted = self.admit(Arc::new(event), context);
        for id in admitted.lagging {
            self.settle_timeline(id, u64::MAX, context);
        }
        admitted.disposition
    }

    fn close(&mut self, time: Time, context: &mut Context<'_>) -> Reply {
        if time > self.closed {
            self.closed = time;
            let lsn = self.next_lsn();
            context.outputs.records.push(Record::Close { lsn, time });
            self.timelines.close(time);
        }
        Reply::Done
    }

    fn audit(&mut self, audit: Audit, context: &mut Context<'_>) -> Reply {
        context.outputs.records.push(Record::Audit {
            lsn: self.next_lsn(),
            time: context.now,
            audit,
        });
        Reply::Done
    }

    fn tick(&mut self, context: &mut Context<'_>) -> Reply {
        self.timelines.tick(context.now);
        self.decisions.tick();
        self.identities.sweep();
        match self.pipeline.close_after {
            // Once a second is often enough for a close of what is minutes or days old.
            Some(age) if context.now.minus(age).since(self.closed).0 >= 1_000_000 => {
                self.close(context.now.minus(age), context)
            }
            _ => Reply::Done,
        }
    }

    /// The position of the record that comes next.
    pub(crate) fn next_lsn(&mut self) -> Lsn {
        self.lsn = self.lsn.next();
        self.lsn
    }
}
