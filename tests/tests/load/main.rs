//! The real binary under load: more than it can take, and a neighbour that takes all it can get. A program of its
//! own, one test at a time: what is measured here must not share the machine with other tests.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a failed test is the message"
)]

/// What all tests stand on.
#[path = "../../src"]
mod tests {
    #[allow(dead_code, unused_imports, reason = "these use a part of it")]
    pub mod harness;
}

/// Events that cost what they are told to, and the load they make.
mod work;

/// Ten times as much as the node can take.
mod overload;

/// A pipeline beside one that takes all it can get.
mod neighbours;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use foreshore_load::machine;
use foreshore_proof::Proof;

use tests::harness;

/// One measurement at a time.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    // A test that failed has measured to its end.
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn proof(part: &str, test: &str) -> Proof {
    Proof::new(part, "-p foreshore-tests --test load", test)
}

/// Tells what other machines have had of this one's processors since then: what a node was late by meanwhile need
/// not be its own doing.
fn tell_stolen(proof: &mut Proof, since: Duration) {
    let stolen = machine::stolen().saturating_sub(since);
    proof.count("ms taken by other machines", stolen.as_millis() as u64);
}
