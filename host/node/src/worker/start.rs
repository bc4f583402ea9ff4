//! From a loaded pipeline to a thread that runs it: its store is opened there, and what was not stored when
//! the last process ended is replayed, before the first request is taken.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::JoinHandle;

use foreshore_core::Core;
use foreshore_event::Time;
use foreshore_store::cold::{Cold, ColdError, FjallCold};
use foreshore_store::disk::{Lock, RealDisk};
use foreshore_store::{Opened, Opening, Progress, StoreError};
use tokio::sync::oneshot;

use crate::clock;
use crate::load::Loaded;
use crate::worker::deploy::Reload;
use crate::worker::handle::{Handle, Shared};
use crate::worker::priority;
use crate::worker::request::Request;
use crate::worker::retention;
use crate::worker::run::Worker;
use crate::worker::sandboxes::Sandboxes;
use crate::worker::storage::{Storage, StoragePlan};

/// A pipeline's thread, started.
pub struct Started {
    /// The way to it.
    pub handle: Handle,
    /// Its end, and what made it end.
    pub thread: JoinHandle<Result<(), StoreError>>,
    /// Comes when it takes requests; is dropped if it never will.
    pub ready: oneshot::Receiver<()>,
}

/// Who is told how far the start has come.
pub type Tell = Box<dyn Fn(Progress) + Send>;

/// Starts a pipeline's thread; with a plan it goes on where its store ends.
///
/// # Errors
/// When the system starts no more threads.
pub fn start(
    loaded: Loaded,
    plan: Option<StoragePlan>,
    reload: Reload,
    tell: Tell,
) -> io::Result<Started> {
    let (sender, receiver) = sync_channel(loaded.queue_max);
    let name = format!("pipeline-{}", loaded.pipeline.name);
    let handle = Handle::new(loaded, sender, reload);
    let (ready, is_ready) = oneshot::channel();
    let starting = Starting {
        shared: handle.shared().clone(),
        receiver,
        ready,
        tell,
    };
    let thread = std::thread::Builder::new()
        .name(name)
        .spawn(move || starting.run(plan))?;
    Ok(Started {
        handle,
        thread,
        ready: is_ready,
    })
}

struct Starting {
    shared: Arc<Shared>,
    receiver: Receiver<Request>,
    ready: oneshot::Sender<()>,
    tell: Tell,
}

/// However a worker's thread ends, whoever waits for its pipeline can know.
struct Alive(Arc<Shared>);

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.ended();
    }
}

impl Starting {
    fn run(self, plan: Option<StoragePlan>) -> Result<(), StoreError> {
        let _alive = Alive(self.shared.clone());
        let loaded = self.shared.loaded();
        let mut sandboxes = loaded.sandboxes();
        let (core, storage, _lock) = match plan {
            None => (Core::new(loaded.pipeline.clone()), None, None),
            Some(plan) => {
                let opened = self.open(&plan, &mut sandboxes)?;
                let (core, storage, lock) = self.store(&plan, opened)?;
                (core, Some(storage), Some(lock))
            }
        };
        if !loaded.is_alone {
            // Now: the threads that write take after the one that started them.
            priority::stand_back(priority::BESIDE_OTHERS);
        }
        let worker = Worker::new(core, sandboxes, storage, self.shared, self.receiver);
        // Nobody may wait for it any more: a node told to stop while it starts.
        let _ = self.ready.send(());
        worker.run()
    }

    /// Opens the store; a state beside the log that cannot be used is moved aside and made anew.
    fn open(&self, plan: &StoragePlan, sandboxes: &mut Sandboxes) -> Result<Opened, StoreError> {
        let folder = plan.folder.join("cold");
        match self.open_with(plan, &folder, sandboxes) {
            Err(StoreError::Cold(why)) if why.asks_for_rebuilding() => {
                let Ok(aside) = move_aside(plan, &folder) else {
                    return Err(why.into());
                };
                let (pipeline, aside) = (&self.shared.name, aside.display());
                tracing::warn!(pipeline, %aside, "moved aside, to be made anew from checkpoint and log: {why}");
                self.open_with(plan, &folder, sandboxes)
            }
            opened => opened,
        }
    }

    fn open_with(
        &self,
        plan: &StoragePlan,
        folder: &Path,
        sandboxes: &mut Sandboxes,
    ) -> Result<Opened, StoreError> {
        let loaded = self.shared.loaded();
        let cold = |log: &str| {
            let open = || FjallCold::open(folder, log.as_bytes(), plan.cache_bytes);
            // Its threads stand back as the one that starts them does: merging goes on for half a second at a time.
            let opened = priority::standing_back(priority::PUTTING_AWAY, open);
            let cold = opened.map_err(|error| ColdError::Failed {
                folder: folder.to_path_buf(),
                reason: error.to_string(),
            })??;
            Ok(Arc::new(cold) as Arc<dyn Cold>)
        };
        foreshore_store::open(Opening {
            disk: Arc::new(RealDisk),
            folder: &plan.folder,
            settings: plan.settings.clone(),
            cold: &cold,
            pipeline: loaded.pipeline.clone(),
            plugins: sandboxes,
            horizons: &loaded.horizons(),
            now: clock::now(),
            tell: &self.tell,
        })
    }

    /// Starts the threads that write, and tells what was found.
    fn store(
        &self,
        plan: &StoragePlan,
        opened: Opened,
    ) -> Result<(Core, Storage, Lock), StoreError> {
        let pipeline = &self.shared.name;
        let (first, last) = (opened.recovered.first.0, opened.recovered.last.0);
        if let Some(cut) = &opened.recovered.cut {
            let (file, offset) = (cut.file.display(), cut.offset);
            tracing::warn!(
                pipeline, %file, offset, bytes = cut.bytes,
                "the log's last write was not finished when the process ended: cut off, nobody was told of it"
            );
        }
        self.shared.commits.resume(opened.recovered.last);
        let newest = opened.store.records().log().segments();
        let newest = newest.last().map_or(Time::MIN, |segment| segment.newest);
        if let Some(clock) = clock::never_before(newest) {
            tracing::warn!(
                pipeline, %clock, last_record = %newest,
                "the clock stands before the last record of the log: time stands still until it has caught up; \
                 check the machine's clock"
            );
        }
        tracing::info!(pipeline, folder = %plan.folder.display(), first, last, "the store is open");
        let amendments = &self.shared.amendments;
        amendments.resume(opened.amendments, opened.amendments_from);
        let (store, shared) = (opened.store, self.shared.clone());
        // Opened once in a process.
        let _ = shared.store.set(store.clone());
        retention::start(shared.clone(), store.clone())?;
        let storage = Storage::start(plan, store, opened.journal, shared)?;
        Ok((opened.core, storage, opened.lock))
    }
}

/// Gives the folder a name that nobody uses; gives that.
fn move_aside(plan: &StoragePlan, folder: &Path) -> io::Result<PathBuf> {
    let mut names = (1..).map(|n| plan.folder.join(format!("cold-damaged-{n}")));
    let aside = names.find(|aside| !aside.exists()).unwrap_or_default();
    std::fs::rename(folder, &aside)?;
    Ok(aside)
}
