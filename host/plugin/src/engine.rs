//! The settings every plugin runs under. Takes the number of
//! instances, the cache's folder and the compiler; gives compiled components. Must not know what a plugin
//! computes.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;

use wasmtime::component::Component;
use wasmtime::{
    Config, InstanceAllocationStrategy, PoolingAllocationConfig, Strategy, WasmBacktraceDetails,
};

use crate::cache::{Cache, CacheError};
use crate::compiler::{CompileError, Compiler, Memories, Order};
use crate::digest::Digest;
use crate::limits::{Limits, MEMORY_BYTES_MAX, TABLE_ELEMENTS_MAX};
use crate::remains::{BEING_DROPPED, Remains};
use crate::ticker::Ticker;

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
    /// Instances alive at once: one per sandbox, and one more per thread that loads plugins or calls sandboxes,
    /// for describing and for repeating a call. One that is being dropped has a slot beside them.
    pub instances: u32,
    /// What makes components into native code.
    pub compiler: Compiler,
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
    /// A thread of its own cannot be started.
    #[error("start a thread of the plugin engine: {0}")]
    Thread(#[from] std::io::Error),
}

/// Compiles components and ticks while they run. Handles share one engine; the ticks end with the last.
#[derive(Clone)]
pub struct Engine {
    runtime: wasmtime::Engine,
    cache: Option<Arc<Cache>>,
    compiler: Compiler,
    memories: Memories,
    remains: Remains,
    ticker: Arc<Ticker>,
}

impl Engine {
    /// Starts an engine.
    ///
    /// # Errors
    /// When the cache's folder is not this user's alone, or the machine cannot run the engine.
    pub fn new(settings: EngineSettings) -> Result<Engine, EngineError> {
        let slots = settings.instances.saturating_add(BEING_DROPPED);
        let (runtime, memories) = match wasmtime::Engine::new(&pooled(slots)) {
            Ok(runtime) => (runtime, Memories::Reserved),
            Err(error) => {
                let instances = settings.instances;
                tracing::warn!(
                    %error, instances,
                    "no address space for a pool of plugin instances; going on without one, slower"
                );
                let runtime = wasmtime::Engine::new(&compiling(Memories::Growing))
                    .map_err(|error| EngineError::Runtime(format!("{error:#}")))?;
                (runtime, Memories::Growing)
            }
        };
        let cache = settings.cache.map(|folder| Cache::open(folder, &runtime));
        Ok(Engine {
            cache: cache.transpose()?.map(Arc::new),
            remains: Remains::start()?,
            ticker: Arc::new(start_ticker(&runtime)?),
            compiler: settings.compiler,
            memories,
            runtime,
        })
    }

    /// Whether instances come from a pool; otherwise the address space was too small for one.
    pub fn is_pooled(&self) -> bool {
        self.memories == Memories::Reserved
    }

    /// The runtime underneath.
    pub(crate) fn runtime(&self) -> &wasmtime::Engine {
        &self.runtime
    }

    /// What a call is stopped by.
    pub(crate) fn ticker(&self) -> &Arc<Ticker> {
        &self.ticker
    }

    /// Where instances that failed go.
    pub(crate) fn remains(&self) -> &Remains {
        &self.remains
    }

    /// A component made ready: its native code from the cache, or compiled now and kept there.
    ///
    /// # Errors
    /// When it asks for more than any plugin may have, or compiling it takes more than its limits.
    pub(crate) fn compile(
        &self,
        bytes: &[u8],
        digest: &Digest,
        limits: &Limits,
    ) -> Result<Component, CompileError> {
        let cache = self.cache.as_deref();
        if let Some((cache, code)) = cache.and_then(|cache| Some((cache, cache.load(digest)?))) {
            match self.trust(&code) {
                Ok(component) => return Ok(component),
                Err(error) => cache.reject(digest, &error),
            }
        }
        let order = Order {
            memories: self.memories,
            time: limits.compile_time,
            memory_bytes: limits.compile_memory_bytes,
        };
        let code = self.compiler.compile(&order, bytes)?;
        let component = self
            .trust(&code)
            .map_err(|error| CompileError::Refused(format!("{error:#}")))?;
        if let Some(cache) = cache {
            cache.store(digest, &code);
        }
        Ok(component)
    }

    /// Native code as a component.
    fn trust(&self, code: &[u8]) -> wasmtime::Result<Component> {
        #[expect(
            unsafe_code,
            reason = "native code can only be loaded on trust; this code is ours: either our compiler made it \
                      just now, or a file of the cache holds it, whose folder and file are this user's alone, \
                      whose name binds component, compiler, engine and machine, and whose checksum holds"
        )]
        let component = unsafe { Component::deserialize(&self.runtime, code) };
        component
    }
}

/// Settings for making native code, and for running it without a pool: they reserve nothing.
pub(crate) fn compiling(memories: Memories) -> Config {
    let mut config = base();
    config.allocation_strategy(InstanceAllocationStrategy::OnDemand);
    match memories {
        Memories::Reserved => {}
        // Without reserved room: runs where address space is short.
        Memories::Growing => {
            config
                .memory_reservation(0)
                .memory_guard_size(0)
                .memory_reservation_for_growth(1 << 20);
        }
    }
    config
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

/// Advances the runtime's epoch while calls run, for as long as there is a runtime.
fn start_ticker(runtime: &wasmtime::Engine) -> std::io::Result<Ticker> {
    let runtime = runtime.weak();
    Ticker::start(move || {
        if let Some(runtime) = runtime.upgrade() {
            runtime.increment_epoch();
        }
    })
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
                compiler: Compiler::Here,
            })
        };
        assert!(engine(8).unwrap().is_pooled());
        assert!(!engine(10_000_000).unwrap().is_pooled());
    }
}
