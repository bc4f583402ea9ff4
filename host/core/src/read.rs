//! Looking without touching: timelines, decisions, gauges, and what replay takes away. Nothing here
//! changes an answer.

use foreshore_event::{Identity, Time};
use foreshore_timeline::{Lsn, Point};

use crate::core::{Context, Core, Outputs};
use crate::decision::{Decision, DecisionId, Part, Reason};
use crate::disposition::Counts;
use crate::judge::Told;
use crate::pipeline::Pipeline;
use crate::plugins::Plugins;

/// A timeline as a reader sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct TimelineView {
    /// Its features, as of `at`.
    pub features: Box<[f64]>,
    /// The time they are as of.
    pub at: Time,
    /// Largest `min(event time, arrival time)`.
    pub head: Option<Time>,
    /// Time of the watermark.
    pub watermark: Time,
    /// Events at or above the watermark.
    pub foreshore: usize,
    /// Events not folded yet.
    pub debt: u64,
    /// Checkpoints kept.
    pub checkpoints: usize,
    /// Bytes of state at the head.
    pub state_bytes: usize,
    /// The log position the features saw.
    pub basis: Lsn,
}

/// Why a timeline cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadFailure {
    /// No event of this key was ever placed.
    #[error("no event with this key was seen")]
    Unknown,
    /// The time lies below the watermark.
    #[error(
        "the timeline keeps no events before its watermark, {0}; ask for that time or a later one"
    )]
    Past(Time),
    /// The plugin gave no answer.
    #[error("the plugin gave no answer ({})", .0.name())]
    Plugin(Reason),
}

/// The pipeline in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gauges {
    /// Events by disposition.
    pub counts: Counts,
    /// Position of the last record.
    pub lsn: u64,
    /// Timelines in memory.
    pub timelines: usize,
    /// Bytes they take; an event counts in each timeline that holds it.
    pub timeline_bytes: usize,
    /// Events at or above their watermarks.
    pub foreshore_events: usize,
    /// Timelines that owe folds.
    pub timelines_owing: usize,
    /// Rows they owe.
    pub debt_rows: u64,
    /// Timelines in memory that are not stored as they are.
    pub timelines_unstored: usize,
    /// Decisions in memory.
    pub decisions: usize,
    /// Decisions queued to be revised.
    pub decisions_stale: usize,
    /// Identities remembered.
    pub identities: usize,
    /// Rows folded since the start.
    pub folded_rows: u64,
    /// Events placed below others.
    pub displacing: u64,
    /// Events they were placed below.
    pub displaced: u64,
    /// Events committed early.
    pub overflowed: u64,
    /// Amendments published.
    pub amendments: u64,
}

impl Core {
    /// Every watermark is at least here.
    pub fn closed(&self) -> Time {
        self.closed
    }

    /// The pipeline it runs.
    pub fn pipeline(&self) -> &Pipeline {
        &self.pipeline
    }

    /// The features of an instance for a key, as of a time: by default that of its newest event.
    ///
    /// # Errors
    /// When there is no such timeline, the time is below its watermark, or the plugin fails.
    pub fn read_timeline(
        &mut self,
        instance: usize,
        key: &str,
        at: Option<Time>,
        now: Time,
        plugins: &mut dyn Plugins,
    ) -> Result<TimelineView, ReadFailure> {
        let id = self
            .timelines
            .find(instance, key)
            .ok_or(ReadFailure::Unknown)?;
        let timeline = &self.timelines.get(id).timeline;
        let watermark = timeline.watermark().time();
        let newest = timeline.newest().unwrap_or(watermark).max(watermark);
        let at = at.unwrap_or(newest);
        if at < watermark {
            return Err(ReadFailure::Past(watermark));
        }
        let context = &mut Context {
            now,
            plugins,
            outputs: &mut Outputs::default(),
        };
        let features = self
            .read_point(instance, Some(id), Point::AsOf(at), context)
            .map_err(ReadFailure::Plugin)?;
        let timeline = &self.timelines.get(id).timeline;
        Ok(TimelineView {
            features,
            at,
            head: timeline.head(),
            watermark,
            foreshore: timeline.foreshore(),
            debt: timeline.debt(),
            checkpoints: timeline.checkpoints(),
            state_bytes: timeline.state().len(),
            basis: self.lsn,
        })
    }

    /// The decision about the event of this source and id, if the event is known and was one to decide about.
    pub fn decision_of(&self, source: &str, id: &str) -> Option<DecisionId> {
        let lsn = self.identities.find(Identity::of(source, id))?;
        Some(DecisionId(lsn))
    }

    /// A decision and whether it is final. One not made yet, because its event was only ingested, is made.
    pub fn read_decision(
        &mut self,
        id: DecisionId,
        now: Time,
        plugins: &mut dyn Plugins,
        outputs: &mut Outputs,
    ) -> Option<(&Decision, bool)> {
        let lsn = id.0;
        if self.decisions.get(lsn)?.current().is_none() && self.may_change(lsn) {
            let context = &mut Context {
                now,
                plugins,
                outputs,
            };
            self.fold(lsn, context);
            self.judge(&[lsn], Told::No, context);
        }
        let decision = self.decisions.get(lsn)?;
        Some((decision, self.is_final(decision)))
    }

    /// Why a plugin's breaker refuses calls now; none if it does not.
    pub fn why_open(&self, part: Part, now: Time) -> Option<&str> {
        let breaker = match part {
            Part::Event => None,
            Part::Instance(at) => self.instance_breakers.get(at),
            Part::Model(at) => self.model_breakers.get(at),
        };
        breaker.and_then(|breaker| breaker.why_open(now))
    }

    /// Whether a plugin's breaker refuses calls now.
    pub fn is_open(&self, part: Part, now: Time) -> bool {
        self.why_open(part, now).is_some()
    }

    /// The pipeline in numbers. Visits the timelines that owe folds, no others.
    pub fn gauges(&self) -> Gauges {
        Gauges {
            counts: self.counts,
            lsn: self.lsn.0,
            timelines: self.timelines.len(),
            timeline_bytes: self.timelines.bytes(),
            foreshore_events: self.timelines.foreshore(),
            timelines_owing: self.timelines.owing().count(),
            debt_rows: self
                .timelines
                .owing()
                .map(|shelf| shelf.timeline.debt())
                .sum(),
            timelines_unstored: self.timelines.dirty(),
            decisions: self.decisions.len(),
            decisions_stale: self.decisions.stale(),
            identities: self.identities.len(),
            folded_rows: self.folded_rows,
            displacing: self.displacing,
            displaced: self.displaced,
            overflowed: self.overflowed,
            amendments: self.amendments,
        }
    }

    /// Takes all decisions away, in log order: for a replay, which writes them out and needs them no more.
    pub fn drain_decisions(&mut self) -> Vec<Decision> {
        self.decisions.drain()
    }

    /// The state bytes of a timeline with no debt: for comparisons, bit by bit.
    pub fn state(&self, instance: usize, key: &str) -> Option<foreshore_timeline::State> {
        let shelf = self.timelines.get(self.timelines.find(instance, key)?);
        (shelf.timeline.debt() == 0).then(|| shelf.timeline.state().clone())
    }

    /// Makes every timeline give up its checkpoints but the lowest, as if memory were short: answers stay the same.
    pub fn shed(&mut self) {
        self.timelines.shed_all();
    }
}
