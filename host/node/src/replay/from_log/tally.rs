//! What a replay from a log came to, for people: how many revisions say the same again, which could not be
//! held against anything and why, and what it took.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use foreshore_core::{Part, Pipeline, Record};
use foreshore_timeline::Lsn;

/// What a replay from a log came to.
#[derive(Clone, Debug, Default)]
pub struct Reproduced {
    /// Records read.
    pub records: u64,
    /// Revisions that say the same again, to the bit.
    pub same: u64,
    /// Revisions that do not.
    pub different: u64,
    /// Revisions of events that were not among the records.
    pub unknown: u64,
    /// Revisions that are among what a checkpoint holds, where the log does not reach back further, and the last
    /// record of those.
    pub held: (u64, Lsn),
    /// Revisions that other pipelines said, by their digests.
    pub others: BTreeMap<String, u64>,
    /// Rows written.
    pub rows: u64,
    /// Timelines in memory at the end, and the bytes they took.
    pub timelines: usize,
    /// Those bytes.
    pub timeline_bytes: usize,
    /// How long it took.
    pub took: Duration,
}

impl Reproduced {
    /// Counts a revision that another pipeline said.
    pub(super) fn note_other(&mut self, record: &Record) {
        if let Record::Revision { revision, .. } = record {
            let said_by = revision.under.revision.clone();
            *self.others.entry(said_by).or_default() += 1;
        }
    }
}

impl fmt::Display for Reproduced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (revision, count) in &self.others {
            writeln!(
                f,
                "{count} revisions were said under revision {revision}: deploy that configuration to reproduce them"
            )?;
        }
        if self.unknown > 0 {
            writeln!(
                f,
                "{} revisions are about events that are not among the records",
                self.unknown
            )?;
        }
        let (held, through) = self.held;
        if held > 0 {
            writeln!(
                f,
                "{held} revisions up to record {} cannot be made again: what they rest on was dropped by retention, \
                 and the checkpoint in its place is as of that record",
                through.0
            )?;
        }
        let seconds = self.took.as_secs_f64();
        write!(
            f,
            "{} records in {seconds:.2} s ({:.0} records/s), {} timelines ({:.1} MB): {} revisions the same to the \
             bit, {} different",
            self.records,
            self.records as f64 / seconds.max(1e-9),
            self.timelines,
            self.timeline_bytes as f64 / 1e6,
            self.same,
            self.different
        )
    }
}

/// A part of an answer, as people call it.
pub(super) fn part(pipeline: &Pipeline, part: Part) -> String {
    match part {
        Part::Event => "the pipeline".to_owned(),
        Part::Instance(at) => {
            let instance = pipeline.instances.get(at);
            let name = instance.map_or("", |instance| instance.name.as_str());
            format!("feature plugin `{name}`")
        }
        Part::Model(at) => {
            let name = pipeline
                .models
                .get(at)
                .map_or("", |model| model.name.as_str());
            format!("model `{name}`")
        }
    }
}
