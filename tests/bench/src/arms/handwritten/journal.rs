//! The log, with group commit: what comes while a commit is under way goes with the next one. Takes events with
//! their scores; gives a wait that ends when they are durable. Must not know what they say.

use std::cell::Cell;
use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use anyhow::Context as _;
use foreshore_guest::Time;
use foreshore_store::disk::RealDisk;
use foreshore_store::log::{Durability, Log, LogError, LogSettings};
use foreshore_timeline::Lsn;
use tokio::sync::oneshot;

/// Records that may wait for a commit.
const WAITING_MAX: usize = 16_384;

/// The one kind of record.
const EVENT: u8 = 1;

/// The log as those see it who add to it.
pub struct Journal {
    sender: SyncSender<Record>,
    next: Cell<u64>,
}

struct Record {
    lsn: u64,
    time: Time,
    payload: Vec<u8>,
    durable: oneshot::Sender<()>,
}

impl Journal {
    /// Opens the log of a folder, and starts the thread that writes it.
    pub fn open(folder: &Path, durability: Durability) -> anyhow::Result<Journal> {
        let settings = LogSettings {
            durability,
            ..LogSettings::default()
        };
        let opened = Log::open(Arc::new(RealDisk), folder, settings);
        let (log, recovered) = opened.with_context(|| format!("open {}", folder.display()))?;
        let (sender, receiver) = sync_channel(WAITING_MAX);
        std::thread::Builder::new()
            .name("commit".to_owned())
            .spawn(move || commit(log, &receiver))?;
        Ok(Journal {
            sender,
            next: Cell::new(recovered.last.0 + 1),
        })
    }

    /// Adds an event; gives its position, and a wait that ends when it is durable.
    pub fn add(&self, time: Time, score: f64, event: &[u8]) -> (u64, impl Future<Output = ()>) {
        let lsn = self.next.replace(self.next.get() + 1);
        let mut payload = Vec::with_capacity(8 + event.len());
        payload.extend_from_slice(&score.to_le_bytes());
        payload.extend_from_slice(event);
        let (durable, wait) = oneshot::channel();
        let record = Record {
            lsn,
            time,
            payload,
            durable,
        };
        let sent = self.sender.send(record);
        let wait = async move {
            // Without a log there is no answer: whoever asked waits until the process ends.
            if sent.is_err() || wait.await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        (lsn, wait)
    }
}

/// Commits what there is, over and over, until it fails.
fn commit(mut log: Log, receiver: &Receiver<Record>) -> Result<(), LogError> {
    let mut waiting = Vec::new();
    while let Ok(first) = receiver.recv() {
        let batch = std::iter::once(first).chain(receiver.try_iter());
        for record in batch {
            let time = foreshore_event::Time(record.time.0);
            log.append(Lsn(record.lsn), EVENT, time, &record.payload)?;
            waiting.push(record.durable);
        }
        log.commit()?;
        for durable in waiting.drain(..) {
            // A client that hung up needs no answer.
            let _ = durable.send(());
        }
    }
    Ok(())
}
