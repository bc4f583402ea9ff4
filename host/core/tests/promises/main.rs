//! Promises A to D and F of the design, against "sort, then fold by hand", over seeds (`foreshore_proof`): a
//! failing one is printed with the line that runs it alone.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed test is the message"
)]

/// A timeline in its past, by hand.
mod as_of;

/// Clocks that are wrong.
mod clocks;

/// Places by hand.
#[path = "../world/hand.rs"]
mod hand;

/// What leaves memory.
mod leaving;

/// A core that is driven by a seed, and all it has said.
mod run;

/// The promises, over seeds.
mod seeds;

/// Single stories.
mod stories;

/// What the world sends.
#[path = "../world/traffic.rs"]
mod traffic;

/// A pipeline with native plugins, and a reference.
#[path = "../world/mod.rs"]
mod world;

/// A claim about the order of events.
fn proof(test: &str) -> foreshore_proof::Proof {
    foreshore_proof::Proof::new("order", "-p foreshore-core --test promises", test)
}
