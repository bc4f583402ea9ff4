//! A node's own log through the pipeline of its configuration: every decision that is asked for made again,
//! from the records it rests on, and held against what was said. Takes a store's folder; changes nothing in
//! it.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use foreshore_core::verify::{Verified, Verifier};
use foreshore_core::{Pipeline, Plugins, Record, RestingTimeline};
use foreshore_store::Records;
use foreshore_store::disk::RealDisk;
use foreshore_store::inspect::{Footing, View};
use foreshore_timeline::Lsn;

use crate::replay::format::Format;
use crate::replay::output::Output;
use crate::replay::progress::Progress;
use crate::replay::rows::Rows;

/// What a replay from a log came to.
mod tally;

/// Which records are made again, and which have to be taken for that.
mod wanted;

pub use tally::Reproduced;
pub use wanted::{Scope, Wanted};

/// Records between two rounds of folding what nobody asked for yet.
const ROUND: u64 = 4_096;

/// Differences told one by one; the others are only counted.
const DIFFERENCES_MAX: u64 = 20;

/// What to make again.
pub struct Job<'a> {
    /// The pipeline, as it is configured now.
    pub pipeline: Arc<Pipeline>,
    /// Its folder in the store.
    pub folder: &'a Path,
    /// Which revisions.
    pub wanted: Wanted,
    /// Where their rows go, if anywhere.
    pub out: Option<&'a Path>,
    /// Told of every difference.
    pub notice: &'a dyn Fn(&str),
}

/// Makes the revisions again.
///
/// # Errors
/// When the log cannot be read or does not begin with its first record, a plugin gives no answer, or the rows
/// cannot be written. A difference is no error: it is told and counted.
pub fn reproduce(job: &Job<'_>, plugins: &mut dyn Plugins) -> anyhow::Result<Reproduced> {
    let view = View::open(Arc::new(RealDisk), job.folder)
        .with_context(|| format!("read the log in {}", job.folder.display()))?;
    let (first, last) = view.log().range();
    if let Some(damage) = view.unread().first() {
        bail!("{damage}");
    }
    let records = Records::new(view.log().clone(), Some(&job.pipeline));
    let scope = job.wanted.scope(&records, &job.pipeline, last)?;
    let mut rows = job.out.map(|out| start(out, &job.pipeline)).transpose()?;
    let (mut verifier, through) = match Footing::of(&view, job.folder, &job.pipeline)? {
        None => (Verifier::new(job.pipeline.clone()), Lsn(0)),
        Some(footing) => (stand(job, &footing, &records, &scope)?, footing.through()),
    };
    let mut progress = Progress::start();
    let mut reproduced = Reproduced {
        held: (0, through),
        ..Reproduced::default()
    };
    for record in records.from(first) {
        let record = record?;
        let lsn = record.lsn();
        if lsn > scope.last {
            break;
        }
        reproduced.records += 1;
        progress.tell(reproduced.records);
        // One decision's timelines are folded no further than to it.
        if lsn.0.is_multiple_of(ROUND) && scope.is_whole() {
            verifier.catch_up(plugins);
        }
        if !scope.concerns(&record) {
            continue;
        }
        if lsn <= through {
            let said = matches!(record, Record::Revision { .. }) && scope.is_asked_for(&record);
            reproduced.held.0 += u64::from(said);
            verifier.pass(record)?;
            continue;
        }
        if !scope.is_asked_for(&record) {
            verifier.take(&record, plugins)?;
        } else {
            let verified = verifier.verify(&record, plugins)?;
            let same = matches!(verified, Verified::Same);
            note(job, &record, verified, &mut reproduced)?;
            if let (true, Some(rows), Record::Revision { decision, .. }) =
                (same, &mut rows, &record)
                && let Some(decision) = verifier.decision(*decision)
            {
                rows.write(decision)?;
                reproduced.rows += 1;
            }
        }
    }
    reproduced.took = progress.end();
    (reproduced.timelines, reproduced.timeline_bytes) = verifier.timelines();
    if let Some(rows) = rows {
        let mut output = rows.into_inner();
        output.flush()?;
        output.finish()?;
    }
    Ok(reproduced)
}

/// A verifier that stands on a checkpoint, with the timelines that matter.
fn stand(
    job: &Job<'_>,
    footing: &Footing,
    records: &Records,
    scope: &Scope,
) -> anyhow::Result<Verifier> {
    if let Some(name) = footing.lacks(&job.pipeline)? {
        bail!(
            "feature plugin `{name}` is not the one of the checkpoint in place of what retention dropped: its \
             timelines cannot be made again before the next checkpoint"
        );
    }
    let (through, last) = (footing.through(), scope.last);
    if last <= through {
        bail!(
            "the checkpoint in place of what retention dropped is as of record {}: nothing up to record {} can be \
             made again; restore a backup that reaches back further into another folder",
            through.0,
            last.0
        );
    }
    let (first, _) = records.log().range();
    let pipeline = job.pipeline.clone();
    let mut verifier = Verifier::going_on(pipeline, footing.core(), first, footing.under());
    let mut wake = |resting: RestingTimeline| -> anyhow::Result<()> {
        let key = resting.key.clone();
        let mut event = |lsn| records.event(lsn).ok().flatten();
        let woken = verifier.wake(resting, &mut event);
        woken.with_context(|| format!("take up the timeline of `{key}` from the checkpoint"))
    };
    let Some(keys) = scope.keys() else {
        footing.timelines(wake)?;
        return Ok(verifier);
    };
    for (instance, settings) in job.pipeline.instances.iter().enumerate() {
        for (_, key) in keys.iter().filter(|(slot, _)| *slot == settings.key) {
            if let Some(resting) = footing.timeline(instance, key)? {
                wake(resting)?;
            }
        }
    }
    Ok(verifier)
}

fn start(out: &Path, pipeline: &Pipeline) -> anyhow::Result<Rows<Output>> {
    let format = Format::of(out)?;
    let output = Output::create(out).with_context(|| format!("write {}", out.display()))?;
    Ok(Rows::start(output, format, pipeline)?)
}

/// Counts what a record came to, and tells what differs.
fn note(
    job: &Job<'_>,
    record: &Record,
    verified: Verified,
    reproduced: &mut Reproduced,
) -> anyhow::Result<()> {
    match verified {
        Verified::Taken => {}
        Verified::Same => reproduced.same += 1,
        Verified::Other => reproduced.note_other(record),
        Verified::Unknown => reproduced.unknown += 1,
        Verified::Differs(difference) => {
            reproduced.different += 1;
            if reproduced.different <= DIFFERENCES_MAX {
                (job.notice)(&difference.to_string());
            }
        }
        Verified::Unanswered(part, reason) => {
            let name = reason.name();
            bail!(
                "record {}: {} gave no answer now ({name}), so that nothing after it can be made again; run this on \
                 a less busy machine",
                record.lsn().0,
                tally::part(&job.pipeline, part)
            )
        }
    }
    Ok(())
}
