//! Who is let in to a pipeline's thread: whoever it could not answer in time is turned away before anything of
//! the request is read. Written by the thread, read by all; counts what is turned away, reason by reason.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::worker::handle::Unavailable;

/// The gate of a pipeline.
#[derive(Debug)]
pub struct Gate {
    started: Instant,
    waiting: AtomicUsize,
    waiting_max: usize,
    /// Whether the request taken last had waited for too long.
    is_late: AtomicBool,
    /// Nanoseconds since `started` until which the budget is spent.
    spent_until: AtomicU64,
    shed: [AtomicU64; REASONS.len()],
}

/// Why events are turned away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shed {
    /// The queue was full.
    Queue,
    /// An answer would have come too late.
    Wait,
    /// The budget was spent.
    Budget,
    /// Their source sends too fast.
    Rate,
    /// The disk is nearly full.
    Space,
    /// A deploy overtook them, and their sender had gone: nobody reads them again.
    Deploy,
    /// The node stops.
    Stopping,
}

/// The reasons in words, in their order.
const REASONS: [&str; 7] = [
    "queue", "wait", "budget", "rate", "space", "deploy", "stopping",
];

impl From<Unavailable> for Shed {
    fn from(why: Unavailable) -> Shed {
        match why {
            Unavailable::Overloaded => Shed::Queue,
            Unavailable::Late => Shed::Wait,
            Unavailable::OverBudget => Shed::Budget,
            Unavailable::NoSpace { .. } => Shed::Space,
            Unavailable::Stopped => Shed::Stopping,
        }
    }
}

impl Gate {
    /// A gate that lets so many requests wait.
    pub fn new(waiting_max: usize) -> Gate {
        Gate {
            started: Instant::now(),
            waiting: AtomicUsize::new(0),
            waiting_max,
            is_late: AtomicBool::new(false),
            spent_until: AtomicU64::new(0),
            shed: Default::default(),
        }
    }

    /// How long ago the pipeline was started: the time that budgets go by.
    pub fn now(&self) -> Duration {
        self.started.elapsed()
    }

    /// Refuses a request that would be refused when it is taken, as things stand.
    ///
    /// # Errors
    /// When the queue is full, waits for too long, or the budget is spent.
    pub fn check(&self) -> Result<(), Unavailable> {
        let waiting = self.waiting();
        if waiting >= self.waiting_max {
            return Err(Unavailable::Overloaded);
        }
        // The thread tells anew with every request it takes: with none waiting, nobody would.
        if waiting > 0 && self.is_late.load(Ordering::Relaxed) {
            return Err(Unavailable::Late);
        }
        self.check_budget()
    }

    /// Refuses while the budget is spent.
    ///
    /// # Errors
    /// [`Unavailable::OverBudget`].
    pub fn check_budget(&self) -> Result<(), Unavailable> {
        match self.spent_for() {
            None => Ok(()),
            Some(_) => Err(Unavailable::OverBudget),
        }
    }

    /// How long the budget is spent for; none if it is not.
    pub fn spent_for(&self) -> Option<Duration> {
        let until = match self.spent_until.load(Ordering::Relaxed) {
            0 => return None,
            nanoseconds => Duration::from_nanos(nanoseconds),
        };
        until.checked_sub(self.now()).filter(|left| !left.is_zero())
    }

    /// Says until when the budget is spent.
    pub fn set_spent(&self, until: Option<Duration>) {
        let nanoseconds = until.map_or(0, |until| until.as_nanos());
        let nanoseconds = u64::try_from(nanoseconds).unwrap_or(u64::MAX);
        self.spent_until.store(nanoseconds, Ordering::Relaxed);
    }

    /// Says whether the request taken just now had waited for too long.
    pub fn set_late(&self, is_late: bool) {
        self.is_late.store(is_late, Ordering::Relaxed);
    }

    /// One more waits.
    pub fn enter(&self) {
        self.waiting.fetch_add(1, Ordering::Relaxed);
    }

    /// One was taken, or was not let in after all.
    pub fn leave(&self) {
        self.waiting.fetch_sub(1, Ordering::Relaxed);
    }

    /// Requests waiting.
    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Counts events turned away.
    pub fn count_shed(&self, count: u64, why: impl Into<Shed>) {
        self.shed[why.into() as usize].fetch_add(count, Ordering::Relaxed);
    }

    /// Events turned away, by reason.
    pub fn shed(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let counts = self.shed.iter().map(|count| count.load(Ordering::Relaxed));
        REASONS.into_iter().zip(counts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_queue_lets_nobody_in_until_one_is_taken() {
        let gate = Gate::new(2);
        assert_eq!(gate.check(), Ok(()));
        gate.enter();
        gate.enter();
        assert_eq!(gate.check(), Err(Unavailable::Overloaded));
        gate.leave();
        assert_eq!(gate.check(), Ok(()));
    }

    #[test]
    fn a_queue_that_takes_too_long_lets_nobody_in_while_any_wait() {
        let gate = Gate::new(9);
        gate.enter();
        gate.set_late(true);
        assert_eq!(gate.check(), Err(Unavailable::Late));
        gate.leave();
        assert_eq!(gate.check(), Ok(()), "what comes now need not wait");
        gate.enter();
        gate.set_late(false);
        assert_eq!(gate.check(), Ok(()));
    }

    #[test]
    fn a_budget_that_is_spent_lets_nobody_in_until_then() {
        let gate = Gate::new(9);
        gate.set_spent(Some(gate.now() + Duration::from_secs(3_600)));
        assert_eq!(gate.check(), Err(Unavailable::OverBudget));
        assert!(gate.spent_for().is_some_and(|left| left.as_secs() >= 3_500));
        gate.set_spent(Some(Duration::from_nanos(1)));
        assert_eq!((gate.check(), gate.spent_for()), (Ok(()), None));
        gate.set_spent(None);
        assert_eq!(gate.check(), Ok(()));
    }

    #[test]
    fn what_is_turned_away_is_counted_under_its_reason() {
        let gate = Gate::new(9);
        let space = Unavailable::NoSpace {
            free: 0,
            reserve: 1,
        };
        let whys = [
            Shed::from(Unavailable::Overloaded),
            Unavailable::Late.into(),
            Unavailable::OverBudget.into(),
            Shed::Rate,
            space.into(),
            Shed::Deploy,
            Unavailable::Stopped.into(),
        ];
        (1..)
            .zip(whys)
            .for_each(|(count, why)| gate.count_shed(count, why));
        let counted: Vec<_> = gate.shed().collect();
        let expected = [
            ("queue", 1),
            ("wait", 2),
            ("budget", 3),
            ("rate", 4),
            ("space", 5),
            ("deploy", 6),
            ("stopping", 7),
        ];
        assert_eq!(counted, expected);
    }
}
