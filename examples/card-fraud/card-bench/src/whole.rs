//! The example's pipeline as the node runs it, without HTTP and log: events in, decisions and records out, answers to
//! bytes. Takes the traffic in order; notes nanoseconds per event, and what of them passes in calls of plugins.

use std::hint::black_box;
use std::path::PathBuf;

use anyhow::{Context as _, ensure};
use foreshore::answer_json;
use foreshore::load::{Loaded, load_by};
use foreshore_core::{Core, Input, Outputs, Reply, Revision};
use foreshore_event::{decode, validate};
use foreshore_plugin::{Compiler, Counters};

use crate::figure::Figures;
use crate::settings;

/// The pipeline, loaded.
pub struct Whole {
    loaded: Loaded,
}

impl Whole {
    /// That of the example's file.
    pub fn new() -> anyhow::Result<Whole> {
        let file = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../card-fraud.toml"));
        let config = foreshore::config::read(&file)?;
        let mut loaded = load_by(Compiler::Here, &file, &config)?;
        let mut loaded = loaded.pop().context("the example has no pipeline")?;
        loaded.sandbox = settings();
        Ok(Whole { loaded })
    }

    /// Events through the core, one step each, as when each is waited for; then the answers to bytes.
    pub fn measure(&self, figures: &mut Figures, lines: &[String]) -> anyhow::Result<()> {
        let pipeline = &self.loaded.pipeline;
        let mut events = Vec::with_capacity(lines.len());
        for line in lines {
            let draft = decode(&pipeline.schema, line.as_bytes())?;
            events.push(validate(&pipeline.schema, draft)?);
        }
        let mut core = Core::new(pipeline.clone());
        let mut sandboxes = self.loaded.sandboxes();
        let mut outputs = Outputs::default();
        let mut answers = Vec::new();
        let count = events.len();
        figures.time("step of the core, calls included", count, || {
            for event in events {
                let now = event.time();
                let input = match pipeline.is_scored(event.kind()) {
                    true => Input::Score(event),
                    false => Input::Ingest(event),
                };
                if let Reply::Answer(answer) = core.step(now, input, &mut sandboxes, &mut outputs) {
                    answers.push(answer);
                }
                outputs.records.clear();
                outputs.amendments.clear();
            }
        });
        let good = |revision: &Revision| revision.degraded.is_empty();
        ensure!(
            answers.iter().all(|answer| good(&answer.revision)),
            "an answer misses something"
        );
        let called = sandboxes
            .feature_counters()
            .chain(sandboxes.model_counters());
        let called: u64 = called.map(|counters: Counters| counters.call_ns).sum();
        figures.note("of it calls of plugins", called as f64 / count as f64);
        figures.time("encode, per answer", answers.len(), || {
            for answer in &answers {
                black_box(answer_json(pipeline, answer));
            }
        });
        Ok(())
    }
}
