//! What is turned away when its turn comes: what a deploy has overtaken that reads events in another way, what has
//! waited for too long to be answered in time, and what the budget has no more time for. Nothing of it has
//! changed anything, so the refusal rests on nothing and leaves at once.

use std::sync::Arc;
use std::time::Instant;

use foreshore_core::Pipeline;

use crate::clock;
use crate::worker::handle::Unavailable;
use crate::worker::request::Request;
use crate::worker::run::Worker;

impl Worker {
    /// Why a request is not taken, if it is not.
    pub(super) fn why_not(&self, request: &Request) -> Option<Unavailable> {
        let gate = &self.shared.gate;
        let (under, is_as_now): (_, fn(&Pipeline, &Pipeline) -> bool) = match request {
            Request::Score { under, .. } | Request::Ingest { under, .. } => {
                (under, Pipeline::reads_as)
            }
            Request::Timeline { under, .. } => (under, Pipeline::names_as),
            _ => return None,
        };
        if !Arc::ptr_eq(under, &self.loaded) && !is_as_now(&under.pipeline, &self.loaded.pipeline) {
            return Some(Unavailable::Replaced);
        }
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
        let gate = &self.shared.gate;
        match request {
            Request::Score { store, reply, .. } => {
                gate.count_shed(u64::from(store), why);
                drop(reply.send(Err(why)));
            }
            Request::Ingest { events, reply, .. } => {
                gate.count_shed(events.len() as u64, why);
                drop(reply.send(Err(why)));
            }
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
