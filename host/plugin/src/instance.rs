//! One instance of a component and the store it lives in. Sets the limits before anything of the guest
//! runs: time, memory, bytes returned. Must not know when an instance is kept or dropped.

use std::sync::Arc;
use std::time::{Duration, Instant};

use foreshore_timeline::Fault;
use wasmtime::component::InstancePre;
use wasmtime::{ResourceLimiter, Store, UpdateDeadline};

use crate::bindings::{features, model};
use crate::engine::Engine;
use crate::fault::{Allowance, fault};
use crate::limits::TABLE_ELEMENTS_MAX;
use crate::ticker::Ticker;
use crate::world::World;

/// A world's exports, reachable in an instance.
pub(crate) trait Exports: Sized + Send + 'static {
    /// The world.
    const WORLD: World;

    /// The component, checked and compiled, its exports found.
    type Ready: Clone + Send + Sync;

    /// Finds the world's exports in a component.
    fn ready(component: InstancePre<Ceiling>) -> wasmtime::Result<Self::Ready>;

    /// Instantiates the component in a store.
    fn instantiate(ready: &Self::Ready, store: &mut Store<Ceiling>) -> wasmtime::Result<Self>;
}

impl Exports for features::FeaturePlugin {
    const WORLD: World = World::Feature;

    type Ready = features::FeaturePluginPre<Ceiling>;

    fn ready(component: InstancePre<Ceiling>) -> wasmtime::Result<Self::Ready> {
        features::FeaturePluginPre::new(component)
    }

    fn instantiate(ready: &Self::Ready, store: &mut Store<Ceiling>) -> wasmtime::Result<Self> {
        ready.instantiate(store)
    }
}

impl Exports for model::ModelPlugin {
    const WORLD: World = World::Model;

    type Ready = model::ModelPluginPre<Ceiling>;

    fn ready(component: InstancePre<Ceiling>) -> wasmtime::Result<Self::Ready> {
        model::ModelPluginPre::new(component)
    }

    fn instantiate(ready: &Self::Ready, store: &mut Store<Ceiling>) -> wasmtime::Result<Self> {
        ready.instantiate(store)
    }
}

/// One instance. Faulty ones are dropped: what is in them is unknown, and nothing in them is needed.
pub(crate) struct Instance<E> {
    store: Store<Ceiling>,
    exports: E,
    ticker: Arc<Ticker>,
}

impl<E: Exports> Instance<E> {
    /// Instantiates a component; its start function runs under the same limits as a call.
    ///
    /// # Errors
    /// When the guest fails to start, or no instance can be had now.
    pub(crate) fn new(
        engine: &Engine,
        ready: &E::Ready,
        memory_bytes: usize,
        allowance: &Allowance,
    ) -> Result<Instance<E>, Fault> {
        let ceiling = Ceiling {
            memory_bytes,
            denied: None,
            until: end(allowance.time),
        };
        let mut store = Store::new(engine.runtime(), ceiling);
        store.limiter(|ceiling| ceiling);
        store.epoch_deadline_callback(|mut store| Ok(store.data_mut().tick()));
        store.set_epoch_deadline(NEXT_TICK);
        store.set_hostcall_fuel(allowance.bytes);
        let ticker = engine.ticker().clone();
        let running = ticker.running();
        let exports = E::instantiate(ready, &mut store);
        drop(running);
        match exports {
            Ok(exports) => Ok(Instance {
                store,
                exports,
                ticker,
            }),
            Err(error) => {
                let fault = fault(&error, allowance, store.data().denied);
                engine.remains().take(store);
                Err(fault)
            }
        }
    }

    /// Calls into the guest.
    ///
    /// # Errors
    /// When it fails in any way; the instance must be dropped then.
    pub(crate) fn call<T>(
        &mut self,
        allowance: &Allowance,
        ask: impl FnOnce(&E, &mut Store<Ceiling>) -> wasmtime::Result<T>,
    ) -> Result<T, Fault> {
        let ceiling = self.store.data_mut();
        ceiling.denied = None;
        ceiling.until = end(allowance.time);
        self.store.set_epoch_deadline(NEXT_TICK);
        self.store.set_hostcall_fuel(allowance.bytes);
        let _running = self.ticker.running();
        ask(&self.exports, &mut self.store)
            .map_err(|error| fault(&error, allowance, self.store.data().denied))
    }
}

/// When a call that begins now has to be over: some day, if it has more time than a clock can tell.
fn end(time: Duration) -> Instant {
    Instant::now() + time.min(LONGEST)
}

/// As good as no limit.
const LONGEST: Duration = Duration::from_secs(365 * 86_400);

/// A call is looked at with every tick of the engine's clock.
const NEXT_TICK: u64 = 1;

/// How far a guest may go, in memory and in time.
pub(crate) struct Ceiling {
    memory_bytes: usize,
    /// The size that this call asked for and did not get; what the guest does next is the limit's doing.
    denied: Option<usize>,
    /// When the call has to be over.
    until: Instant,
}

impl Ceiling {
    /// Stops a call whose time is over. One that goes on lets others run first, should any wait for this processor:
    /// the system itself might not look for some milliseconds, and whoever waits has mostly little to do.
    fn tick(&self) -> UpdateDeadline {
        if Instant::now() >= self.until {
            return UpdateDeadline::Interrupt;
        }
        std::thread::yield_now();
        UpdateDeadline::Continue(NEXT_TICK)
    }
}

impl ResourceLimiter for Ceiling {
    fn memory_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let granted = desired <= self.memory_bytes;
        if !granted {
            self.denied = Some(desired);
        }
        Ok(granted)
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(desired <= TABLE_ELEMENTS_MAX)
    }
}
