//! What is not taken when its turn comes: what a deploy has overtaken goes back to be read again; what has waited
//! for too long to be answered in time, and what the budget has no more time for, is turned away. Nothing of it
//! has changed anything.

use std::sync::Arc;
use std::time::Instant;

use crate::clock;
use crate::worker::handle::Unavailable;
use crate::worker::request::{Overtaken, Request, Turn};
use crate::worker::run::Worker;

impl Worker {
    /// Whether a request was read for a pipeline that runs no more.
    pub(super) fn is_overtaken(&self, request: &Request) -> bool {
        let under = request.under();
        under.is_some_and(|under| !Arc::ptr_eq(under, &self.loaded))
    }

    /// Gives back what a deploy has overtaken. It leaves behind the deploy, so that whoever reads it again does so
    /// for the pipeline that runs now.
    pub(super) fn give_back(&mut self, request: Request) {
        let overtaken = Overtaken::new(&self.shared, request.events());
        match request {
            Request::Score { reply, .. } => self.reply(reply, Ok(Turn::Overtaken(overtaken))),
            Request::Ingest { reply, .. } => self.reply(reply, Ok(Turn::Overtaken(overtaken))),
            Request::Timeline { reply, .. } => self.reply(reply, Ok(Turn::Overtaken(overtaken))),
            // Nothing else is read for a pipeline.
            _ => {}
        }
    }

    /// Why a request is turned away, if it is: that rests on nothing and leaves at once.
    pub(super) fn why_not(&self, request: &Request) -> Option<Unavailable> {
        let gate = &self.shared.gate;
        request.under()?;
        if let Request::Score { deadline, .. } = request {
            let left = deadline.saturating_duration_since(Instant::now());
            // With less than half of its time left it would be answered late or not at all, and every one behind
            // it too: to turn some away early is what lets the others be in time.
            let is_late = left < self.loaded.deadline / 2;
            gate.set_late(is_late);
            if is_late {
                return Some(Unavailable::Late);
            }
        }
        gate.check_budget().err()
    }

    /// Counts what is turned away, and says why. Whoever has stopped waiting for it is not missed.
    pub(super) fn turn_away(&self, request: Request, why: Unavailable) {
        self.shared.gate.count_shed(request.events(), why);
        match request {
            Request::Score { reply, .. } => drop(reply.send(Err(why))),
            Request::Ingest { reply, .. } => drop(reply.send(Err(why))),
            Request::Timeline { reply, .. } => drop(reply.send(Err(why))),
            // Only requests that plugins may be called for are turned away.
            _ => {}
        }
    }

    /// Charges the budget with what the thread has used since the last time.
    pub(super) fn charge(&mut self) {
        if self.budget.is_limited() {
            let (used, now) = (clock::thread_cpu(), self.shared.gate.now());
            self.budget.charge(used.saturating_sub(self.cpu), now);
            self.cpu = used;
            self.shared.gate.set_spent(self.budget.spent_until(now));
        }
    }
}
