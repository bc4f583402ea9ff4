//! The stages put together: decoders, the core, the writer, each in its own thread, bounded channels between
//! them. The file is taken to be in order; where it is not, it is read anew and sorted first.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use anyhow::{Context as _, anyhow};
use foreshore_core::{Decision, Pipeline, Plugins};

use crate::replay::archive;
use crate::replay::block::Blocks;
use crate::replay::decode::{Batch, Decoder};
use crate::replay::fold::Fold;
use crate::replay::format::Format;
use crate::replay::order::{self, Order};
use crate::replay::output::Output;
use crate::replay::progress::Progress;
use crate::replay::rows::Rows;
use crate::replay::tally::Tally;

/// Events folded before the decisions about them are made, and handed to the writer.
const EVENTS_AT_ONCE: usize = 16_384;

/// Such portions waiting for the writer.
const WAITING_MAX: usize = 2;

/// What to replay.
pub struct Job<'a> {
    /// The pipeline.
    pub pipeline: Arc<Pipeline>,
    /// The archive.
    pub events: &'a Path,
    /// Where its rows go.
    pub out: &'a Path,
    /// Whether a line that is no event ends the replay.
    pub strict: bool,
    /// Told before anything slow happens that was not asked for.
    pub notice: &'a dyn Fn(&str),
}

/// How an attempt to take the file as it stands ended.
enum Attempt {
    Done(Tally),
    /// The event of this line belongs before one above it.
    Disorder(u64),
}

/// Replays an archive.
///
/// # Errors
/// When a file cannot be read or written, a line is no event where all must be, or a plugin gives no answer.
/// No file of rows appears then.
pub fn run(job: &Job<'_>, plugins: &mut dyn Plugins) -> anyhow::Result<Tally> {
    let line = match attempt(job, plugins, false)? {
        Attempt::Done(tally) => return Ok(tally),
        Attempt::Disorder(line) => line,
    };
    let file = job.events.display();
    (job.notice)(&format!(
        "{file}:{line}: belongs further up; sorting the events first"
    ));
    match attempt(job, plugins, true)? {
        Attempt::Done(tally) => Ok(tally),
        Attempt::Disorder(line) => Err(anyhow!("{file}:{line}: has changed while it was read")),
    }
}

fn attempt(job: &Job<'_>, plugins: &mut dyn Plugins, sorted: bool) -> anyhow::Result<Attempt> {
    let (pipeline, path) = (&job.pipeline, job.events);
    let opened = || -> anyhow::Result<_> {
        let (blocks, header) = Blocks::open(File::open(path)?, Format::of(path)?)?;
        Ok((blocks, Decoder::new(&pipeline.schema, header.as_ref())?))
    };
    let (blocks, decoder) = opened().with_context(|| format!("read {}", path.display()))?;
    let output = Output::create(job.out).with_context(|| format!("write {}", job.out.display()))?;
    let format = Format::of(job.out)?;
    thread::scope(|scope| {
        let batches = archive::read(scope, blocks, &decoder);
        let batches =
            batches.map(|batch| batch.with_context(|| format!("read {}", path.display())));
        let (give, taken) = sync_channel(WAITING_MAX);
        let writer = scope.spawn(move || write(output, format, pipeline, &taken));
        let folded = match sorted {
            false => fold(job, plugins, batches, &give),
            true => sort(batches).and_then(|batches| fold(job, plugins, batches, &give)),
        };
        drop(give);
        let written = writer
            .join()
            .map_err(|_| anyhow!("the writer ended in a panic; a defect of foreshore"))?;
        let (output, rows) = written.with_context(|| format!("write {}", job.out.display()))?;
        match folded? {
            Attempt::Disorder(line) => Ok(Attempt::Disorder(line)),
            Attempt::Done(tally) => {
                output
                    .finish()
                    .with_context(|| format!("write {}", job.out.display()))?;
                Ok(Attempt::Done(Tally { rows, ..tally }))
            }
        }
    })
}

/// All events of the archive, in their total order.
fn sort(
    batches: impl Iterator<Item = anyhow::Result<Batch>>,
) -> anyhow::Result<impl Iterator<Item = anyhow::Result<Batch>>> {
    let mut whole = Batch::default();
    for batch in batches {
        let batch = batch?;
        whole.events.extend(batch.events);
        whole.faults.extend(batch.faults);
    }
    order::sort(&mut whole.events);
    Ok(std::iter::once(Ok(whole)))
}

/// Folds batch after batch and hands on what is decided.
fn fold(
    job: &Job<'_>,
    plugins: &mut dyn Plugins,
    batches: impl Iterator<Item = anyhow::Result<Batch>>,
    give: &SyncSender<Vec<Decision>>,
) -> anyhow::Result<Attempt> {
    let mut tally = Tally::default();
    let mut progress = Progress::start();
    let mut order = Order::default();
    let mut fold = Fold::new(job.pipeline.clone(), plugins);
    for batch in batches {
        let Batch { events, faults } = batch?;
        if let Some(fault) = faults.first().filter(|_| job.strict) {
            return Err(anyhow!("{}: {fault}", job.events.display()));
        }
        if let Some(line) = order.pass(&events) {
            return Ok(Attempt::Disorder(line));
        }
        tally.add_faults(faults);
        let mut events = events.into_iter();
        while events.len() > 0 {
            let portion = events.by_ref().take(EVENTS_AT_ONCE);
            let decisions = fold.fold(portion, &mut tally.counts)?;
            if give.send(decisions).is_err() {
                // The writer has failed, and says so itself.
                return Ok(Attempt::Done(tally));
            }
            progress.tell(tally.counts.received());
        }
    }
    tally.took = progress.end();
    Ok(Attempt::Done(tally))
}

/// Writes rows until there are no more; gives the file, not yet named, and their number.
fn write(
    output: Output,
    format: Format,
    pipeline: &Pipeline,
    taken: &Receiver<Vec<Decision>>,
) -> io::Result<(Output, u64)> {
    let mut rows = Rows::start(output, format, pipeline)?;
    let mut count = 0;
    for decisions in taken {
        decisions
            .iter()
            .try_for_each(|decision| rows.write(decision))?;
        count += decisions.len() as u64;
    }
    Ok((rows.into_inner(), count))
}

#[cfg(test)]
#[path = "run_tests.rs"]
mod tests;
