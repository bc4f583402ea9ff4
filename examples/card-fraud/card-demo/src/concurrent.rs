//! The same work for many items, from a few threads. Takes items and the work; gives the results in the
//! items' order; knows nothing of either.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, ScopedJoinHandle};

/// Threads at work, and with them connections to the node: enough to keep it busy and to let requests
/// overtake each other, few enough for a small machine.
const THREADS: usize = 4;

/// Does the work for every item, handed out in order. A thread whose work fails takes no more items.
///
/// # Errors
/// When the work fails for an item.
pub fn map<T: Sync, R: Send>(
    items: &[T],
    work: impl Fn(&T) -> anyhow::Result<R> + Sync,
) -> anyhow::Result<Vec<R>> {
    if items.len() < 2 {
        return items.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let take = || {
        let at = next.fetch_add(1, Ordering::Relaxed);
        items
            .get(at)
            .map(|item| work(item).map(|result| (at, result)))
    };
    let mut done = thread::scope(|scope| {
        let start = |_| scope.spawn(|| std::iter::from_fn(take).collect());
        let threads: Vec<ScopedJoinHandle<anyhow::Result<Vec<_>>>> =
            (0..THREADS.min(items.len())).map(start).collect();
        let parts = threads.into_iter().map(|thread| match thread.join() {
            Ok(part) => part,
            Err(panic) => resume_unwind(panic),
        });
        parts.collect::<anyhow::Result<Vec<Vec<_>>>>()
    })?
    .into_iter()
    .flatten()
    .collect::<Vec<(usize, R)>>();
    done.sort_by_key(|(at, _)| *at);
    Ok(done.into_iter().map(|(_, result)| result).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items() {
        for count in [0, 1, 2, 100] {
            let items: Vec<usize> = (0..count).collect();
            let doubled = map(&items, |item| Ok(item * 2)).unwrap();
            assert!(doubled.iter().enumerate().all(|(at, item)| *item == at * 2));
            assert_eq!(doubled.len(), count);
        }
    }

    #[test]
    fn a_failure_is_told() {
        let failing = |item: &usize| match item {
            7 => anyhow::bail!("no sevens"),
            _ => Ok(()),
        };
        let items: Vec<usize> = (0..20).collect();
        let error = map(&items, failing).unwrap_err();
        assert_eq!(error.to_string(), "no sevens");
    }
}
