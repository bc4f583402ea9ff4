//! The worker goes on as another pipeline: an orderly end and a start, without the process. Takes what was
//! built beside it; must not know why.

use std::time::Duration;

use foreshore_core::{Act, Audit, Input};
use foreshore_store::StoreError;

use crate::clock;
use crate::worker::budget::Budget;
use crate::worker::request::Switch;
use crate::worker::run::Worker;
use crate::worker::storage::Storage;
use crate::worker::watch::Watch;

impl Worker {
    /// Goes on as another pipeline: an orderly end and a start, without the process.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) fn switch(&mut self, switch: Switch) -> Result<(), StoreError> {
        let Switch {
            loaded,
            store,
            mut families,
            by,
            reply,
        } = switch;
        // What can still be said under the old pipeline is said; the rest is settled as it stands.
        self.settle_all();
        if !self.let_all_go() {
            return Ok(());
        }
        let mut sandboxes = loaded.sandboxes();
        // All of it is in the log by now.
        let last = store.records().log().range().1;
        families.build(last, clock::now(), &mut sandboxes, &|_| {})?;
        self.core.go_on_as(loaded.pipeline.clone());
        families.finish(&mut self.core)?;
        // Written down first: what is done has a record of whose act it is.
        let audit = Audit::new(&by, Act::Deploy, loaded.pipeline.revision(), "deployed");
        self.step(clock::now(), Input::Audit(audit));
        self.core
            .deploy(store.manifest(&loaded.pipeline), &mut self.outputs);
        if let Some(storage) = &mut self.storage {
            storage.switch(store);
        }
        if loaded.pipeline.manifest.types != self.loaded.pipeline.manifest.types {
            // They count event types as they were.
            self.shared.amendments.forget_all();
        }
        self.watch = Watch::new(&self.core);
        self.sandboxes = sandboxes;
        self.budget = Budget::new(loaded.cpu, self.shared.gate.now());
        self.loaded = loaded.clone();
        // Seen is durable, here too.
        let shared = self.shared.clone();
        self.departures.push(Box::new(move || {
            shared.switch(loaded);
            // Whoever asked may have gone.
            let _ = reply.send(());
        }));
        self.depart();
        Ok(())
    }

    /// Puts everything away, and waits until it is. Tells whether the threads that write still run.
    fn let_all_go(&mut self) -> bool {
        loop {
            let leaving = match &mut self.storage {
                Some(storage) => storage.let_all_go(&mut self.core),
                None => return false,
            };
            match leaving {
                Some(leaving) => {
                    self.departures.push(leaving);
                    self.stores = true;
                }
                None if !self.core.has_changes() => return true,
                None => std::thread::sleep(Duration::from_millis(1)),
            }
            if !self.depart() || !self.storage.as_ref().is_some_and(Storage::is_alive) {
                return false;
            }
        }
    }
}
