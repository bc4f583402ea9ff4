//! What all memory of the process is asked of: mimalloc, since an answer takes some thirty allocations of many sizes on
//! several threads (docs/PERFORMANCE.md says what it saves). Must not know who asks.

use mimalloc::MiMalloc;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Its setting for a process whose address space is bounded: ask the system for what is needed, when it is. It
/// would reserve a GiB before that bound is set, and go on within it as if there were none.
pub(crate) const FOR_BOUNDED: (&str, &str) = ("MIMALLOC_ARENA_RESERVE", "0");
