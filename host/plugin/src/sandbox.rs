//! Calls under limits, with instances kept warm and repeated now and then on a fresh one. Owned by one
//! thread, like the timelines it answers for. Must not know what the calls compute.

use std::time::{Duration, Instant};

use foreshore_timeline::Fault;
use wasmtime::Store;

use crate::engine::Engine;
use crate::fault::{Allowance, Clock, overtime};
use crate::instance::{Ceiling, Exports, Instance};
use crate::limits::Limits;
use crate::sampling::Sampling;

/// How long an instance lives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Isolation {
    /// Until it fails: a call costs well under a microsecond of host time.
    #[default]
    Warm,
    /// One call: nothing a guest keeps can reach another call, for some ten microseconds more.
    PerCall,
}

/// How a plugin is run.
#[derive(Clone, Debug)]
pub struct SandboxSettings {
    /// What it may use.
    pub limits: Limits,
    /// How long an instance lives.
    pub isolation: Isolation,
    /// One good call in so many, in the mean, is repeated on a fresh instance, at distances that no guest can
    /// foresee, and all below twice as many; 0: none. The default is 1,000.
    pub purity_every: u64,
}

impl Default for SandboxSettings {
    fn default() -> SandboxSettings {
        SandboxSettings {
            limits: Limits::default(),
            isolation: Isolation::default(),
            purity_every: 1_000,
        }
    }
}

/// What a sandbox has done since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Calls asked for, refused ones included.
    pub calls: u64,
    /// Rows in them.
    pub rows: u64,
    /// Calls that trapped or broke the contract.
    pub traps: u64,
    /// Calls that ran over their time or memory, or came after their request's deadline.
    pub timeouts: u64,
    /// Instances made.
    pub instantiations: u64,
    /// Calls repeated on a fresh instance.
    pub purity_checks: u64,
    /// Repeated calls that gave something else.
    pub impure: u64,
    /// Time spent in calls, instances made for them included, in nanoseconds.
    pub call_ns: u64,
}

/// An answer that a repeated call must give again.
pub(crate) trait Answer {
    /// The first thing in which another answer differs, bit for bit; none if it is the same.
    fn difference(&self, other: &Self) -> Option<String>;
}

/// How much a call is about: its limits follow from it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    /// Rows given.
    pub(crate) rows: usize,
    /// Bytes an honest answer can have.
    pub(crate) bytes: usize,
}

/// A plugin's instances and the limits they run under.
pub(crate) struct Sandbox<E: Exports> {
    engine: Engine,
    ready: E::Ready,
    settings: SandboxSettings,
    warm: Option<Instance<E>>,
    pub(crate) deadline: Option<Instant>,
    pub(crate) counters: Counters,
    /// Which good calls are repeated.
    sampling: Sampling,
}

impl<E: Exports> Sandbox<E> {
    pub(crate) fn new(engine: Engine, ready: E::Ready, settings: SandboxSettings) -> Sandbox<E> {
        Sandbox {
            engine,
            ready,
            sampling: Sampling::new(settings.purity_every),
            settings,
            warm: None,
            deadline: None,
            counters: Counters::default(),
        }
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.settings.limits
    }

    /// Calls into the guest.
    pub(crate) fn call<A: Answer>(
        &mut self,
        size: Size,
        ask: impl Fn(&E, &mut Store<Ceiling>) -> wasmtime::Result<A>,
    ) -> Result<A, Fault> {
        let start = Instant::now();
        let answer = self.answer(size, start, &ask);
        let counters = &mut self.counters;
        counters.calls += 1;
        counters.rows += size.rows as u64;
        match &answer {
            Ok(_) | Err(Fault::Open(_)) => {}
            Err(Fault::Trap(_)) => counters.traps += 1,
            Err(Fault::Timeout(_)) => counters.timeouts += 1,
            Err(Fault::Impure(_)) => counters.impure += 1,
        }
        counters.call_ns += u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX);
        answer
    }

    /// The shorter of what is left, now, of the call's own time since it started and of the request's.
    fn allowance(&self, size: Size, started: Instant, now: Instant) -> Allowance {
        let limit = self.settings.limits.time(size.rows);
        let own = limit.saturating_sub(now.saturating_duration_since(started));
        let left = self.deadline.map_or(Duration::MAX, |deadline| {
            deadline.saturating_duration_since(now)
        });
        let (time, clock) = if left < own {
            (left, Clock::Request)
        } else {
            (own, Clock::Call { limit })
        };
        let bytes = size.bytes;
        Allowance { time, clock, bytes }
    }

    fn answer<A: Answer>(
        &mut self,
        size: Size,
        now: Instant,
        ask: &impl Fn(&E, &mut Store<Ceiling>) -> wasmtime::Result<A>,
    ) -> Result<A, Fault> {
        let allowance = self.allowance(size, now, now);
        if allowance.time.is_zero() {
            return Err(Fault::Timeout(overtime(&allowance)));
        }
        let (mut instance, allowance) = match self.warm.take() {
            Some(warm) => (warm, allowance),
            None => self.fresh(size, now, &allowance)?,
        };
        let answer = instance.call(&allowance, ask);
        let Ok(answer) = answer else {
            self.engine.remains().take(instance);
            return answer;
        };
        if self.settings.isolation == Isolation::PerCall {
            return Ok(answer);
        }
        if self.sampling.is_due() {
            self.check_purity(&answer, size, ask)?;
        }
        self.warm = Some(instance);
        Ok(answer)
    }

    /// A new instance, and what is left for the call that it is made for.
    fn fresh(
        &mut self,
        size: Size,
        started: Instant,
        allowance: &Allowance,
    ) -> Result<(Instance<E>, Allowance), Fault> {
        self.counters.instantiations += 1;
        let memory_bytes = self.settings.limits.memory_bytes;
        let instance = Instance::new(&self.engine, &self.ready, memory_bytes, allowance)?;
        let left = self.allowance(size, started, Instant::now());
        if left.time.is_zero() {
            self.engine.remains().take(instance);
            return Err(Fault::Timeout(overtime(&left)));
        }
        Ok((instance, left))
    }

    /// Asks a fresh instance the same. One that is out of time or room proves nothing either way.
    fn check_purity<A: Answer>(
        &mut self,
        answer: &A,
        size: Size,
        ask: &impl Fn(&E, &mut Store<Ceiling>) -> wasmtime::Result<A>,
    ) -> Result<(), Fault> {
        self.counters.purity_checks += 1;
        let now = Instant::now();
        let allowance = self.allowance(size, now, now);
        let fresh = self.fresh(size, now, &allowance);
        let again = fresh.and_then(|(mut instance, allowance)| {
            let again = instance.call(&allowance, ask);
            self.engine.remains().take(instance);
            again
        });
        let difference = match again {
            Ok(again) => answer.difference(&again),
            Err(Fault::Trap(reason)) => Some(format!("it trapped: {reason}")),
            Err(_) => None,
        };
        difference.map_or(Ok(()), |difference| {
            Err(Fault::Impure(format!(
                "the same call on a fresh instance gave something else: {difference}"
            )))
        })
    }
}
