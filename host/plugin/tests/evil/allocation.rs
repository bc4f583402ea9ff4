//! Allocations that give what they should not: G20.

use crate::beside;
use crate::beside::Comes;
use crate::guests::{counter, feature_module, features_of};

/// An honest counter whose allocation does this instead. `$align` and `$size` are what is asked for.
fn allocating(what: &str) -> Vec<u8> {
    let module = feature_module(&counter(""));
    let head = "(local $at i32)\n";
    assert!(module.contains(head));
    features_of(&module.replacen(head, &format!("{head} (return {what})"), 1))
}

#[test]
fn an_allocation_outside_of_memory_or_misaligned_is_not_written_to() {
    beside(
        "an_allocation_outside_of_memory_or_misaligned_is_not_written_to",
        |beside| {
            for beyond in ["-1", "-8", "262144", "262136"] {
                let guest = allocating(&format!("(i32.const {beyond})"));
                beside.comes_to(&guest, Comes::Trap("realloc return: "));
            }
            let trapping = allocating("(block (result i32) unreachable)");
            beside.comes_to(&trapping, Comes::Trap("`unreachable` instruction executed"));
        },
    );
}

#[test]
fn an_allocation_that_gives_one_place_twice_hurts_only_the_guest_that_made_it() {
    beside(
        "an_allocation_that_gives_one_place_twice_hurts_only_the_guest_that_made_it",
        |beside| {
            // Rows over the state, over the guest's constants, over its answer; at nowhere, at an odd place: the
            // guest computes on what it then finds, or traps, and its instance goes on or is dropped.
            for place in ["0", "8", "512", "1024", "65536", "65537", "4097"] {
                let guest = allocating(&format!("(i32.const {place})"));
                let mut evil = beside.evil(&guest);
                for state in [&[][..], &[7; 16], &[255; 4096]] {
                    drop(beside.fold(&mut evil, state));
                }
            }
        },
    );
}
