//! The one TOML file, as written: structs that mirror its tables, key by key, with every default. Takes
//! text; gives values whose names and kinds are right. Whether they fit together is `load`'s to find out.

/// The file as a whole: reading, and what to say of a wrong key.
pub mod file;

/// `[server]`: ports, limits, threads.
pub mod server;

/// `[access]` and TLS: who may do what.
pub mod access;

/// `[pipelines.NAME]`: events, plugins, thresholds.
pub mod pipeline;

/// Durations and byte counts as people write them.
pub mod values;

pub use access::TlsConfig;
pub(crate) use file::parse_as;
pub use file::{Config, ConfigError, parse, read};
pub use pipeline::{FieldConfig, InstanceConfig, ModelConfig, PipelineConfig};
pub use server::ServerConfig;
