//! What the tests stand on, so that a test reads as what it is about: nodes of the real binary, the plugins
//! built, events, requests. Must not know what any test expects.

/// Where the repository and what was built of it lie.
pub mod place;

/// The plugins of the examples and the test guests, built.
pub mod plugins;

/// The `foreshore` program, run to its end.
pub mod program;

/// Configurations, changed key by key.
pub mod config;

/// A running node.
pub mod node;

/// A node's configuration and store, which outlive it.
pub mod stored;

/// A small disk.
pub mod volume;

/// Requests and replies.
pub mod http;

/// Tokens, and the file that knows them.
pub mod tokens;

/// Certificates, and a client that shows them.
pub mod tls;

/// Events of the test pipeline.
pub mod event;

/// Amendments, as a follower gets them.
pub mod amendments;

/// What is finally said, by node and by replay.
pub mod finals;

pub use config::Config;
pub use event::{Event, attempted, paid, time, topped_up};
pub use node::Node;
pub use stored::Stored;
