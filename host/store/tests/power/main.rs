//! A whole pipeline over a disk and a cold state that lose power, fail, fill up and decay: nothing that was
//! acknowledged is lost, every answer is what "sort, then fold by hand" gives, or the damage is named.
//!
//! Every test runs a number of seeds, as many as the run asks for (`foreshore_proof`). A failing seed is printed
//! with the line that runs it alone.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a failed test is the message"
)]

use foreshore_proof::Proof;

/// Where these tests are.
const SUITE: &str = "-p foreshore-store --test power";

/// What is held against the reference once all is quiet.
mod compare;

/// Power cuts, kills and deploys, by seeds.
mod cuts;

/// Flipped bits, by seeds.
mod damage;

/// Deploys of a running pipeline.
mod deploys;

/// Failing operations and full disks, by seeds.
mod faults;

/// Places by hand.
#[path = "../../../core/tests/world/hand.rs"]
mod hand;

/// What was logged, and what the world was told.
mod ledger;

/// The node: one thread, and no clock.
mod node;

/// Order, whatever happens in between, by seeds.
mod order;

/// A node that comes back.
mod restart;

/// What the world sends.
#[path = "../../../core/tests/world/traffic.rs"]
mod traffic;

/// A pipeline with native plugins, and a reference.
#[path = "../../../core/tests/world/mod.rs"]
mod world;

/// A claim about a store that loses power, fails, fills up or decays.
fn proof(test: &str) -> Proof {
    Proof::new("power", SUITE, test)
}
