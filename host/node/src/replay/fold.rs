//! Events through the core: placed, folded, scored, and the finished decisions taken away. Every event
//! arrives at its own time, and nothing waits for a clock. The plugins are an argument.

use std::sync::Arc;

use anyhow::bail;
use foreshore_core::decision::Features;
use foreshore_core::{
    Core, Counts, Decision, Degraded, Input, Outputs, Part, Pipeline, Plugins, Reply,
};
use foreshore_event::Time;

use crate::replay::decode::Line;

/// A pipeline replaying.
pub struct Fold<'a> {
    core: Core,
    plugins: &'a mut dyn Plugins,
}

impl<'a> Fold<'a> {
    /// A pipeline without history.
    pub fn new(pipeline: Arc<Pipeline>, plugins: &'a mut dyn Plugins) -> Fold<'a> {
        Fold {
            core: Core::new(pipeline),
            plugins,
        }
    }

    /// Folds the next events, which come in their total order, and counts what became of them; gives the
    /// decisions about those that get one, in the same order.
    ///
    /// # Errors
    /// When a plugin gave no answer for a reason that another replay might not meet.
    pub fn fold(
        &mut self,
        events: impl Iterator<Item = Line>,
        counts: &mut Counts,
    ) -> anyhow::Result<Vec<Decision>> {
        let mut now = Time::MIN;
        for Line { event, .. } in events {
            now = event.time();
            if let Reply::Ingested(disposition) = self.step(now, Input::Ingest(event)) {
                counts.add(disposition);
            }
        }
        while matches!(
            self.step(now, Input::Settle(u64::MAX)),
            Reply::Settled(true)
        ) {}
        let decisions = self.core.drain_decisions();
        for decision in &decisions {
            self.check_is_derived(decision)?;
        }
        Ok(decisions)
    }

    /// What a step tells the log and the world is of no use here: all of it follows from the archive.
    fn step(&mut self, now: Time, input: Input) -> Reply {
        self.core
            .step(now, input, self.plugins, &mut Outputs::default())
    }

    /// Traps are part of what a replay gives; whatever hangs on the moment must not be.
    fn check_is_derived(&self, decision: &Decision) -> anyhow::Result<()> {
        let pipeline = self.core.pipeline();
        let part = match decision.current() {
            None => decision
                .features
                .iter()
                .position(|known| !matches!(known, Features::Known | Features::Missing))
                .map_or(Part::Event, Part::Instance),
            Some(revision) => {
                let verdict = |degraded: &&Degraded| !degraded.reason.is_derived();
                match revision.degraded.iter().find(verdict) {
                    None => return Ok(()),
                    Some(verdict) => verdict.part,
                }
            }
        };
        let name = match part {
            Part::Event => "the pipeline".to_owned(),
            Part::Instance(at) => format!("feature plugin `{}`", pipeline.instances[at].name),
            Part::Model(at) => format!("model `{}`", pipeline.models[at].name),
        };
        let event = &decision.event;
        bail!(
            "{name} gave no answer about event `{}` of `{}` at {}: it ran over its memory or its time, or is \
             impure; `foreshore check` with a trace of these events shows which",
            event.id(),
            event.source(),
            event.time()
        )
    }
}
