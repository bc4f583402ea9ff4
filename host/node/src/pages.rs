//! In which pages a node has its memory: small ones. A huge page is cleared as a whole by whoever touches it first,
//! and that is mostly the thread that answers.

use rustix::thread::disable_transparent_huge_pages;

/// Has the process do without transparent huge pages from here on. They would spare it a few misses in its translation
/// of addresses; each is two megabytes to be cleared within an answer, a tenth of a millisecond at best, and five where
/// a virtual machine has to be given the memory first (docs/PERFORMANCE.md).
pub fn keep_small() {
    // Where it is not to be had, the node runs as before.
    if let Err(error) = disable_transparent_huge_pages(true) {
        tracing::debug!(%error, "do without huge pages");
    }
}

#[cfg(test)]
mod tests {
    use rustix::thread::transparent_huge_pages_are_disabled;

    use super::*;

    #[test]
    fn whoever_asks_for_small_pages_gets_no_huge_ones() {
        keep_small();
        assert!(transparent_huge_pages_are_disabled().unwrap());
    }
}
