//! The keeper: what the worker lets go of is put away, on a thread of its own. One load at a time; the worker
//! learns that it has arrived.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use foreshore_core::Leaving;
use foreshore_store::{Store, StoreError};

use crate::worker::priority;

/// What is to be put away, and where.
pub type Load = (Arc<Store>, Leaving);

/// Loads under way: the core lets go of the next one when the last has arrived.
const LOADS_MAX: usize = 1;

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
    for (store, leaving) in receiver {
        store.put_away(leaving)?;
        arrived.store(true, Ordering::Release);
    }
    Ok(())
}
