//! The sandbox: takes a component's bytes, checks them against the plugin contract, compiles them, and
//! answers fold and score calls within limits, whatever the guest does. The only crate that knows wasmtime.
//! Must not know what a fold is for, nor of HTTP, configuration or logs.

/// The settings every plugin runs under.
pub mod engine;

/// The ticks that calls are stopped by.
mod ticker;

/// What a plugin may use.
pub mod limits;

/// Who a component is: the digest of its bytes.
pub mod digest;

/// Why a component is refused.
pub mod refusal;

/// What a file holds, before anything is made of it.
mod form;

/// Types of the component model as readers of WIT know them.
mod signature;

/// A component against the world it must fit.
pub mod world;

/// Components to native code, in a process of its own, within limits.
pub mod compiler;

/// Compiled forms kept on disk.
mod cache;

/// The WIT contract as Rust types.
mod bindings;

/// All that is wrong, but not without end.
mod faults;

/// What plugins say of themselves, checked.
pub mod describe;

/// A feature plugin's needs against a pipeline's events.
pub mod bind;

/// Rows to bytes and bytes to states.
mod layout;

/// What went wrong in a call, and whose doing it is.
mod fault;

/// One instance of a component and the store it lives in.
mod instance;

/// What is left of instances that failed.
mod remains;

/// Which calls are repeated.
mod sampling;

/// Calls under limits, with instances kept warm and repeated now and then.
pub mod sandbox;

/// From bytes to something that can be instantiated.
mod load;

/// Feature plugins: loading and folding.
pub mod features;

/// Feature plugins linked natively, through the same bytes.
pub mod native;

/// Model plugins: loading and scoring.
pub mod model;

pub use bind::{BindError, FeatureBinding};
pub use compiler::{CompileError, Compiler};
pub use describe::{FeatureDescription, FeatureSpec, FieldNeed, ModelDescription};
pub use digest::Digest;
pub use engine::{Engine, EngineError, EngineSettings};
pub use features::{FeaturePlugin, FeatureSandbox};
pub use limits::Limits;
pub use model::{ModelPlugin, ModelSandbox};
pub use native::NativeFolder;
pub use refusal::{LoadError, Mismatch};
pub use sandbox::{Counters, Isolation, SandboxSettings};
pub use world::{World, inspect};
