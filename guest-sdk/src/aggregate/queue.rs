//! Entries of a state as a queue in memory. Takes what is read, gives a queue; must not know what entries are.

use std::collections::VecDeque;

/// A queue of these items, with room for the one that the call is about to add. Made at once: a queue that is asked at
/// every entry whether it has room takes longer.
pub(super) fn queue_of<const N: usize, T>(
    items: &[[u8; N]],
    entry: impl Fn(&[u8; N]) -> T,
) -> VecDeque<T> {
    let mut entries = Vec::with_capacity(items.len() + 1);
    entries.extend(items.iter().map(entry));
    entries.into()
}
