//! Evil guests: every class that our world admits, and that the others are refused. `docs/HOSTILE-PLUGINS.md`
//! lists them by number; a healthy guest in the same engine must not notice any. Gives its cases nothing;
//! must not know what an honest plugin is like.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failed test is the message, in its helpers too"
)]

/// An evil guest beside a healthy one.
mod beside;
/// The pipeline's events.
mod pipeline;

/// Guests from WebAssembly text.
#[path = "../plugin/guests.rs"]
mod guests;

/// Allocations that give what they should not.
mod allocation;
/// Answers that are none.
mod answers;
/// Limits, and what is just within them.
mod edges;
/// Files that are no plugin.
mod files;
/// Memory and tables, more of them than there are.
mod memory;
/// Plugins that nobody wrote.
mod mutants;
/// What needs an import, or what a component makes itself.
mod powers;
/// State kept where none should be.
mod purity;
/// What is left in an instance's memory for the next.
mod slots;
/// The page that lists them all.
mod table;
/// Time without end.
mod time;
/// Traps of every kind, everywhere.
mod traps;

use foreshore_proof::Proof;

use crate::beside::Beside;

/// How these tests are run.
const SUITE: &str = "-p foreshore-plugin --test evil";

/// Runs evil guests beside a healthy one, as often as the run asks for.
fn beside(test: &str, mut run: impl FnMut(&mut Beside)) {
    let mut proof = Proof::new("plugins", SUITE, test);
    proof.seeds(1, |proof, _| {
        let mut beside = Beside::new();
        run(&mut beside);
        beside.tell(proof);
    });
}

/// The same once, for files: what is refused is refused.
fn once(test: &str, run: impl FnOnce(&mut Beside)) {
    let mut proof = Proof::new("plugins", SUITE, test);
    let mut beside = Beside::new();
    run(&mut beside);
    beside.tell(&mut proof);
    proof.cases(1);
}
