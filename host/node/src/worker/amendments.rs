//! Published amendments, kept for those who follow them: a bounded ring and a bell. Written by the worker,
//! read by any number of followers, each at its own pace.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use foreshore_core::Amendment;
use foreshore_timeline::Lsn;
use tokio::sync::watch;

/// Amendments given at once: what a follower that reads slowly keeps from being forgotten is no more than these.
const AT_ONCE: usize = 256;

/// The amendments of a pipeline.
#[derive(Debug)]
pub struct Amendments {
    kept: Mutex<Kept>,
    kept_max: usize,
    bell: watch::Sender<Lsn>,
}

#[derive(Debug, Default)]
struct Kept {
    ring: VecDeque<Arc<Amendment>>,
    /// The newest amendment no longer kept.
    forgotten: Lsn,
}

/// What a follower has missed.
#[derive(Debug, PartialEq)]
pub struct Since {
    /// Set when amendments after the follower's position are no longer kept: the newest of them.
    pub gap: Option<Lsn>,
    /// What is kept after the follower's position, oldest first; empty once the follower has all.
    pub amendments: Vec<Arc<Amendment>>,
}

impl Amendments {
    /// Keeps up to `kept_max` amendments.
    pub fn new(kept_max: usize) -> Amendments {
        Amendments {
            kept: Mutex::default(),
            kept_max,
            bell: watch::Sender::new(Lsn(0)),
        }
    }

    /// Goes on from those that were published last, the first of which is behind position `from`.
    pub fn resume(&self, amendments: Vec<Amendment>, from: Lsn) {
        self.lock().forgotten = from.before();
        self.bell.send_replace(from.before());
        self.publish(amendments);
    }

    /// Keeps none of those that were published so far.
    pub fn forget_all(&self) {
        let mut kept = self.lock();
        kept.forgotten = self.newest();
        kept.ring.clear();
    }

    /// Adds amendments and rings the bell.
    pub fn publish(&self, amendments: Vec<Amendment>) {
        let Some(newest) = amendments.last().map(|amendment| amendment.lsn) else {
            return;
        };
        let mut kept = self.lock();
        kept.ring.extend(amendments.into_iter().map(Arc::new));
        while kept.ring.len() > self.kept_max {
            if let Some(oldest) = kept.ring.pop_front() {
                kept.forgotten = oldest.lsn;
            }
        }
        drop(kept);
        self.bell.send_replace(newest);
    }

    /// What came first after `position`, up to a bound.
    pub fn since(&self, position: Lsn) -> Since {
        let kept = self.lock();
        let from = kept
            .ring
            .partition_point(|amendment| amendment.lsn <= position);
        Since {
            gap: (position < kept.forgotten).then_some(kept.forgotten),
            amendments: kept.ring.range(from..).take(AT_ONCE).cloned().collect(),
        }
    }

    /// The position of the newest amendment.
    pub fn newest(&self) -> Lsn {
        *self.bell.borrow()
    }

    /// Rings whenever there is something new, and ends with the worker.
    pub fn bell(&self) -> watch::Receiver<Lsn> {
        self.bell.subscribe()
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        // The ring is whole between any two statements: a panicking writer leaves nothing half done.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
