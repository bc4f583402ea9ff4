//! Promise A for the example's own plugins, and for plugins that break it: going back and folding again gives the
//! same bytes after every event, and a plugin for which it would not is found out.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failed test is the message, in its parts too"
)]

/// The example's plugins, natively and as components, and the events of their timelines.
mod example;

/// Guests in WebAssembly text.
#[path = "../plugin/guests.rs"]
mod guests;

/// Plugins that keep something between calls.
mod impure;

/// Going back after every event, and arriving in any order.
mod rolled_back;

/// A claim about the order of events.
fn proof(test: &str) -> foreshore_proof::Proof {
    foreshore_proof::Proof::new("order", "-p foreshore-plugin --test rollback", test)
}

/// An engine without a cache.
fn engine() -> foreshore_plugin::Engine {
    let settings = foreshore_plugin::EngineSettings {
        cache: None,
        instances: 8,
        compiler: foreshore_plugin::Compiler::Here,
    };
    foreshore_plugin::Engine::new(settings).unwrap()
}
