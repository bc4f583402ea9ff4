//! Something that is said now and then, however often there is reason to. Takes instants; gives how many were
//! passed over, or that this one is. Must not know what is said.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// When something was said last, and how often there was reason to since.
#[derive(Debug, Default)]
pub struct Seldom(Mutex<(Option<Instant>, u64)>);

impl Seldom {
    /// Whether it is time to say it again; if so, how often it was not said meanwhile.
    pub fn due(&self, now: Instant, every: Duration) -> Option<u64> {
        // Changed in one go: a panic leaves nothing half said.
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (last, passed_over) = &mut *held;
        if last.is_some_and(|last| now.duration_since(last) < every) {
            *passed_over += 1;
            return None;
        }
        *last = Some(now);
        Some(std::mem::take(passed_over))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_passed_over_is_counted_until_it_is_time_again() {
        let (seldom, start) = (Seldom::default(), Instant::now());
        let due = |millis| {
            seldom.due(
                start + Duration::from_millis(millis),
                Duration::from_millis(10),
            )
        };
        assert_eq!(
            [due(0), due(1), due(9), due(10), due(25)],
            [Some(0), None, None, Some(2), Some(0)]
        );
    }
}
