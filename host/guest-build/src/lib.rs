//! From a plugin's crate to its component: finds or installs a toolchain that compiles to WebAssembly, runs
//! it, and makes a component of what comes out. Knows nothing of what a plugin does: checking a component
//! against the contract is the host's work.

/// The whole way: one call from a crate's folder to a written component.
pub mod plugin;

/// Which crates are plugins, and where cargo puts what it builds.
pub mod crates;

/// The toolchain that compiles plugins, and how one is found.
pub mod toolchain;

mod probe;

mod choice;

mod install;

mod command;

mod compile;

mod component;

/// What can go wrong on the way.
pub mod error;

pub use crates::{PluginCrate, plugin_crates};
pub use error::Error;
pub use plugin::{Build, Built, build_plugin};
pub use toolchain::Toolchain;
