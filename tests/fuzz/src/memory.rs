//! How much memory a piece of work may take: every allocation of a thread is counted on its way to the
//! system's allocator. Must not know what the work is.

#![expect(
    unsafe_code,
    reason = "an allocator is unsafe to write; this one counts and hands on"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static LIVE: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
}

#[global_allocator]
static COUNTING: Counting = Counting;

struct Counting;

/// Bytes more, or fewer.
fn count(bytes: isize) {
    // A thread that ends has no counters any more, and nothing to be held to.
    let _ = LIVE.try_with(|live| {
        live.set(live.get() + bytes);
        PEAK.try_with(|peak| peak.set(peak.get().max(live.get())))
    });
}

// SAFETY: every call is the system's allocator's own, with the same arguments.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size().cast_signed());
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size().cast_signed());
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        count(-layout.size().cast_signed());
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size.cast_signed() - layout.size().cast_signed());
        unsafe { System.realloc(at, layout, size) }
    }
}

/// Does a piece of work that takes at most so many bytes of memory at any moment.
pub(crate) fn within<T>(bytes_max: usize, work: impl FnOnce() -> T) -> T {
    let before = LIVE.get();
    PEAK.set(before);
    let done = work();
    let peak = PEAK.get() - before;
    assert!(
        peak <= bytes_max.cast_signed(),
        "took {peak} bytes of memory, expected at most {bytes_max}"
    );
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_at_once_counts_and_not_what_was_given_back() {
        within(3_000, || (0..10).for_each(|_| drop(vec![0_u8; 2_000])));
        let two = || within(3_000, || (vec![0_u8; 2_000], vec![0_u8; 2_000]));
        assert!(std::panic::catch_unwind(two).is_err());
    }
}
