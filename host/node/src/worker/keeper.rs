//! The keeper: what the worker lets go of is put away, and what a sealed segment held is written beside it, on a thread
//! of its own that nobody waits for. One load of the worker's at a time; it learns that it has arrived.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use foreshore_core::Leaving;
use foreshore_store::{Sealed, Store, StoreError};

use crate::worker::priority;

/// What is to be written down.
pub enum Load {
    /// What the worker let go of, and where it goes.
    Leaving(Arc<Store>, Leaving),
    /// What a segment held.
    Sealed(Sealed),
}

/// Loads that wait: one of the worker's, which lets go of the next when the last has arrived, and one of the
/// committer's.
const LOADS_MAX: usize = 2;

/// The keeper as the worker sees it.
pub struct Keeper {
    sender: SyncSender<Load>,
    arrived: Arc<AtomicBool>,
    thread: JoinHandle<Result<(), StoreError>>,
}

impl Keeper {
    /// Starts the keeper's thread.
    ///
    /// # Errors
    /// When the system starts no more threads.
    pub fn start(pipeline: &str) -> std::io::Result<Keeper> {
        let (sender, receiver) = sync_channel(LOADS_MAX);
        let arrived = Arc::new(AtomicBool::new(false));
        let told = arrived.clone();
        let thread = std::thread::Builder::new()
            .name(format!("keep-{pipeline}"))
            .spawn(move || {
                priority::stand_back(priority::PUTTING_AWAY);
                keep(&receiver, &told)
            })?;
        Ok(Keeper {
            sender,
            arrived,
            thread,
        })
    }

    /// The way to hand over what leaves, to be taken once the log is durable up to its basis.
    pub fn sender(&self) -> SyncSender<Load> {
        self.sender.clone()
    }

    /// Whether what was handed over has been put away since the last time this was asked.
    pub fn has_arrived(&self) -> bool {
        self.arrived.swap(false, Ordering::Acquire)
    }

    /// Whether the thread runs.
    pub fn is_alive(&self) -> bool {
        !self.thread.is_finished()
    }

    /// Lets the keeper finish what was handed over, then end.
    ///
    /// # Errors
    /// What made it end before.
    pub fn finish(self) -> Result<(), StoreError> {
        drop(self.sender);
        self.thread.join().unwrap_or(Err(StoreError::Panicked))
    }
}

fn keep(receiver: &Receiver<Load>, arrived: &AtomicBool) -> Result<(), StoreError> {
    for load in receiver {
        match load {
            Load::Leaving(store, leaving) => {
                store.put_away(leaving)?;
                arrived.store(true, Ordering::Release);
            }
            Load::Sealed(sealed) => sealed.keep()?,
        }
    }
    Ok(())
}
