//! From a folder to a pipeline that goes on where it ended: the log is recovered, what was not stored is
//! replayed, what is missing or was changed is rebuilt. Gives a core, a store and a journal; starts no thread.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use foreshore_core::{Amendment, Core, Manifest, Outputs, Pipeline, Plugins, Record};
use foreshore_event::{Span, Time};
use foreshore_timeline::Lsn;

use crate::codec::{decode_manifest, encode};
use crate::cold::{Cold, ColdError};
use crate::disk::{Disk, Lock};
use crate::error::StoreError;
use crate::journal::{Journal, preamble};
use crate::log::{Log, LogSettings, Recovered};
use crate::progress::Tell;
use crate::records::Records;
use crate::restore::restore;
use crate::retention::Checkpoints;
use crate::store::Store;

/// How a pipeline is stored.
#[derive(Clone, Debug)]
pub struct StoreSettings {
    /// How its log is written.
    pub log: LogSettings,
    /// How long an event that is sent again is known.
    pub identity_retention: Span,
    /// Readers at once that bring in at a start what the records to come need; with one, each is brought in as it is
    /// needed, always in the same order.
    pub readers: usize,
}

/// Readers that keep a disk busy: what each waits for takes it a tenth of a millisecond and more.
pub const READERS: usize = 8;

/// Where a pipeline's cold state is kept, by the name of its log.
pub type OpenCold<'a> = dyn Fn(&str) -> Result<Arc<dyn Cold>, ColdError> + 'a;

/// A pipeline's store, open.
pub struct Opened {
    /// The pipeline, as it was.
    pub core: Core,
    /// What it needs is read here.
    pub store: Arc<Store>,
    /// What it says is written here.
    pub journal: Journal,
    /// The folder is this process's alone until this is dropped.
    pub lock: Lock,
    /// How the log was found.
    pub recovered: Recovered,
    /// The amendments published last, oldest first.
    pub amendments: Vec<Amendment>,
    /// Where those begin: what was published before is not among them.
    pub amendments_from: Lsn,
}

/// What is opened, and with what.
pub struct Opening<'a> {
    /// The disk.
    pub disk: Arc<dyn Disk>,
    /// The pipeline's folder.
    pub folder: &'a Path,
    /// How it is stored.
    pub settings: StoreSettings,
    /// Its cold state.
    pub cold: &'a OpenCold<'a>,
    /// The pipeline as it is now configured.
    pub pipeline: Arc<Pipeline>,
    /// Its plugins.
    pub plugins: &'a mut dyn Plugins,
    /// How far back each of its instances needs events when its timelines are built anew; none: from the first.
    pub horizons: &'a [Option<Span>],
    /// The time.
    pub now: Time,
    /// Who is told how far it has come.
    pub tell: &'a Tell<'a>,
}

/// The log's folder in a pipeline's folder.
pub fn log_folder(folder: &Path) -> PathBuf {
    folder.join("log")
}

/// Opens a pipeline's store, or begins one.
///
/// # Errors
/// When another process has it, it is damaged, newer than this program or another pipeline's, or the disk
/// refuses.
pub fn open(mut opening: Opening<'_>) -> Result<Opened, StoreError> {
    opening.disk.create_folder(opening.folder)?;
    let lock = opening.disk.lock(opening.folder)?;
    let log_folder = log_folder(opening.folder);
    let (mut log, recovered) = Log::open(
        opening.disk.clone(),
        &log_folder,
        opening.settings.log.clone(),
    )?;
    if log.reader().range().1 == Lsn(0) {
        begin(&mut log, &opening)?;
    }
    let (first, last) = log.reader().range();
    let at_end = manifest_at(&log, last)?;
    if at_end.pipeline != opening.pipeline.name {
        return Err(StoreError::OtherPipeline {
            found: at_end.pipeline,
            expected: opening.pipeline.name.clone(),
        });
    }
    let name = at_end.log.clone();
    let cold = (opening.cold)(&name)?;
    let records = Records::new(log.reader(), Some(&opening.pipeline));
    let checkpoints = Checkpoints::new(opening.disk.clone(), opening.folder.to_owned());
    let store = Store::new(name, records, cold, checkpoints, &opening.pipeline);
    let store = Arc::new(store?);
    let restored = restore(&mut opening, &store, &at_end, first, last)?;
    let begins = log.reader().segment_of(last).unwrap_or(Lsn(1));
    let journal = Journal::new(opening.disk.clone(), log, begins, restored.events);
    let mut opened = Opened {
        core: restored.core,
        store,
        journal,
        lock,
        recovered,
        amendments: restored.amendments,
        amendments_from: restored.amendments_from,
    };
    // A deploy that was under way may have begun a segment, and no more.
    let manifest = opened.store.manifest(&opening.pipeline);
    if at_end.revision != manifest.revision || opened.journal.is_under_another(&manifest) {
        deploy(&mut opened, &opening)?;
    }
    Ok(opened)
}

/// Begins a log: its first record says of which pipeline it is, and what tells it from all others. Nothing is
/// kept beside it before that is durable.
fn begin(log: &mut Log, opening: &Opening<'_>) -> Result<(), StoreError> {
    let manifest = Manifest {
        log: format!("{}-{:x}", opening.pipeline.name, opening.now.0),
        ..(*opening.pipeline.manifest).clone()
    };
    let (lsn, manifest) = (Lsn(1), Arc::new(manifest));
    log.set_preamble(preamble(&manifest));
    let mut bytes = Vec::new();
    let kind = encode(&Record::Deploy { lsn, manifest }, &mut bytes);
    log.append(lsn, kind, opening.now, &bytes)?;
    log.commit()?;
    Ok(())
}

/// What the pipeline was when a record was written.
fn manifest_at(log: &Log, lsn: Lsn) -> Result<Manifest, StoreError> {
    let preamble = log.reader().preamble_at(lsn)?;
    decode_manifest(&preamble).map_err(|error| StoreError::Decode { lsn, error })
}

/// Writes down what the pipeline is from here on.
fn deploy(opened: &mut Opened, opening: &Opening<'_>) -> Result<(), StoreError> {
    let mut outputs = Outputs::default();
    let manifest = opened.store.manifest(&opening.pipeline);
    opened.core.deploy(manifest, &mut outputs);
    opened.journal.append(&outputs.records, opening.now)?;
    opened.journal.commit()?;
    opened.journal.keep_sealed()?;
    Ok(())
}
