//! From a component's bytes to something that can be instantiated: checked, compiled, described, once for
//! both worlds. Must not know what a description says.

use foreshore_timeline::Fault;
use wasmtime::Store;
use wasmtime::component::Linker;

use crate::digest::Digest;
use crate::engine::Engine;
use crate::fault::{Allowance, Clock};
use crate::instance::{Ceiling, Exports, Instance};
use crate::limits::{DESCRIBE_BYTES, DESCRIBE_TIME, Limits};
use crate::refusal::LoadError;
use crate::sandbox::{Sandbox, SandboxSettings};
use crate::world::check;

/// A component ready to be instantiated.
pub(crate) struct Loaded<E: Exports> {
    engine: Engine,
    ready: E::Ready,
    digest: Digest,
}

impl<E: Exports> Loaded<E> {
    /// Checks and compiles a component and asks it, in an instance of its own, what it is.
    pub(crate) fn new<D>(
        engine: &Engine,
        bytes: &[u8],
        limits: &Limits,
        describe: impl FnOnce(&E, &mut Store<Ceiling>) -> wasmtime::Result<D>,
    ) -> Result<(Loaded<E>, D), LoadError> {
        check(bytes, limits.component_bytes, E::WORLD)?;
        let digest = Digest::of(bytes);
        let component = engine.compile(bytes, &digest, limits)?;
        let ready = Linker::new(engine.runtime())
            .instantiate_pre(&component)
            .and_then(E::ready)
            .map_err(|error| LoadError::Link(format!("{error:#}")))?;
        let allowance = Allowance {
            time: DESCRIBE_TIME,
            clock: Clock::Call {
                limit: DESCRIBE_TIME,
            },
            bytes: DESCRIBE_BYTES,
        };
        let description = Instance::new(engine, &ready, limits.memory_bytes, &allowance)
            .and_then(|mut instance| instance.call(&allowance, describe))
            .map_err(|fault| match fault {
                Fault::Open(reason) => LoadError::NoRoom(reason),
                fault => LoadError::Describe(fault),
            })?;
        let engine = engine.clone();
        let loaded = Loaded {
            engine,
            ready,
            digest,
        };
        Ok((loaded, description))
    }

    pub(crate) fn digest(&self) -> &Digest {
        &self.digest
    }

    pub(crate) fn sandbox(&self, settings: SandboxSettings) -> Sandbox<E> {
        Sandbox::new(self.engine.clone(), self.ready.clone(), settings)
    }
}

impl<E: Exports> Clone for Loaded<E> {
    fn clone(&self) -> Loaded<E> {
        Loaded {
            engine: self.engine.clone(),
            ready: self.ready.clone(),
            digest: self.digest,
        }
    }
}
