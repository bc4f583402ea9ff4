//! The settings every plugin runs under, and the clock that stops the ones that loop. Takes the number of
//! instances and the cache's folder; gives compiled components. Must not know what a plugin computes.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use wasmtime::component::Component;
use wasmtime::{
    Config, InstanceAllocationStrategy, PoolingAllocationConfig, Strategy, WasmBacktraceDetails,
};

use crate::cache::{Cache, CacheError};
use crate::digest::Digest;
use crate::limits::{MEMORY_BYTES_MAX, TABLE_ELEMENTS_MAX};

/// How often the clock ticks that calls are stopped by: the grain of every time limit.
pub const TICK: Duration = Duration::from_millis(1);

/// Stack of a guest: deep enough for recursive formats, small enough to end a runaway recursion at once.
const STACK_BYTES_MAX: usize = 256 << 10;

/// Frames of a trap that are looked at: a language's own panic code takes up to ten of them.
const FRAMES_MAX: NonZeroUsize = NonZeroUsize::new(16).unwrap();

/// Core instances of one component: composed components hold several, a plain plugin one.
const CORE_INSTANCES_MAX: u32 = 8;

/// Memories of one component.
const MEMORIES_MAX: u32 = 2;

/// Tables of one component.
const TABLES_MAX: u32 = 4;

/// What a node decides about its engine.
#[derive(Clone, Debug)]
pub struct EngineSettings {
    /// Folder for compiled forms, owned by this node's user alone; none compiles at every start.
    pub cache: Option<PathBuf>,
    /// Most instances alive at once: one per sandbox, and one more per thread that loads plugins or calls
    /// sandboxes, for describing and for repeating a call.
    pub instances: u32,
}

/// Why there is no engine.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The runtime refuses its settings on this machine.
    #[error("start the plugin engine: {0}")]
    Runtime(String),
    /// The cache's folder cannot be used.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// The clock's thread cannot be started.
    #[error("start the plugin clock's thread: {0}")]
    Clock(std::io::Error),
}

/// Compiles components and runs their clock. Handles share one engine; the clock stops with the last.
#[derive(Clone)]
pub struct Engine {
    runtime: wasmtime::Engine,
    cache: Option<Arc<Cache>>,
    pooled: bool,
    /// Dropping the last sender ends the clock's thread.
    _clock: Sender<()>,
}

impl Engine {
    /// Starts an engine.
    ///
    /// # Errors
    /// When the cache's folder is not this user's alone, or the machine cannot run the engine.
    pub fn new(settings: EngineSettings) -> Result<Engine, EngineError> {
        let (runtime, pooled) = match wasmtime::Engine::new(&pooled(settings.instances)) {
            Ok(runtime) => (runtime, true),
            Err(error) => {
                let instances = settings.instances;
                tracing::warn!(
                    %error, instances,
                    "no address space for a pool of plugin instances; going on without one, slower"
                );
                let runtime = wasmtime::Engine::new(&unpooled())
                    .map_err(|error| EngineError::Runtime(format!("{error:#}")))?;
                (runtime, false)
            }
        };
        let cache = settings.cache.map(|folder| Cache::open(folder, &runtime));
        Ok(Engine {
            cache: cache.transpose()?.map(Arc::new),
            _clock: start_clock(&runtime).map_err(EngineError::Clock)?,
            pooled,
            runtime,
        })
    }

    /// Whether instances come from a pool; otherwise the address space was too small for one.
    pub fn is_pooled(&self) -> bool {
        self.pooled
    }

    /// The runtime underneath.
    pub(crate) fn runtime(&self) -> &wasmtime::Engine {
        &self.runtime
    }

    /// The compiled form of a component: from the cache, or compiled now and kept there.
    pub(crate) fn compile(&self, bytes: &[u8], digest: &Digest) -> wasmtime::Result<Component> {
        let cached = self.cache.as_ref();
        if let Some(component) = cached.and_then(|cache| cache.load(&self.runtime, digest)) {
            return Ok(component);
        }
        let component = Component::from_binary(&self.runtime, bytes)?;
        if let Some(cache) = &self.cache {
            cache.store(digest, &component);
        }
        Ok(component)
    }
}

/// Settings that decide what a plugin computes and how it is stopped.
fn base() -> Config {
    let mut config = Config::new();
    config
        .strategy(Strategy::Cranelift)
        .concurrency_support(false)
        .epoch_interruption(true)
        .cranelift_nan_canonicalization(true)
        .wasm_relaxed_simd(false)
        .wasm_memory64(false)
        .wasm_multi_memory(false)
        .wasm_tail_call(false)
        .max_wasm_stack(STACK_BYTES_MAX)
        .wasm_backtrace_details(WasmBacktraceDetails::Disable)
        .wasm_backtrace_max_frames(Some(FRAMES_MAX))
        // For debuggers only, and a third of the compiled form.
        .generate_address_map(false);
    config
}

/// Instances from preallocated slots with copy-on-write images: microseconds each.
fn pooled(instances: u32) -> Config {
    let slots = |each: u32| instances.saturating_mul(each);
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(instances)
        .max_core_instances_per_component(CORE_INSTANCES_MAX)
        .total_core_instances(slots(CORE_INSTANCES_MAX))
        .max_memories_per_component(MEMORIES_MAX)
        .total_memories(slots(MEMORIES_MAX))
        .max_memory_size(MEMORY_BYTES_MAX)
        .max_tables_per_component(TABLES_MAX)
        .total_tables(slots(TABLES_MAX))
        .table_elements(TABLE_ELEMENTS_MAX);
    let mut config = base();
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    config
}

/// Instances made one by one, their memories without reserved room: runs where address space is short.
fn unpooled() -> Config {
    let mut config = base();
    config
        .allocation_strategy(InstanceAllocationStrategy::OnDemand)
        .memory_reservation(0)
        .memory_guard_size(0)
        .memory_reservation_for_growth(1 << 20);
    config
}

/// Ticks until the sender is dropped. A thread, not a task: a busy executor must not stop time.
fn start_clock(runtime: &wasmtime::Engine) -> std::io::Result<Sender<()>> {
    let (sender, receiver) = mpsc::channel();
    let runtime = runtime.weak();
    thread::Builder::new()
        .name("plugin-clock".to_owned())
        .spawn(move || {
            while receiver.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                if let Some(runtime) = runtime.upgrade() {
                    runtime.increment_epoch();
                }
            }
        })?;
    Ok(sender)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_engine_pools_where_there_is_room_and_goes_on_without_where_there_is_not() {
        let engine = |instances| {
            Engine::new(EngineSettings {
                cache: None,
                instances,
            })
        };
        assert!(engine(8).unwrap().is_pooled());
        assert!(!engine(10_000_000).unwrap().is_pooled());
    }
}
