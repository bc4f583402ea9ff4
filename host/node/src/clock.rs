//! The node's clock, and the only one: wall-clock time that never goes back, within a process or over its
//! restart, and the processor time of a thread. Gives times; must not know what they are for.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use foreshore_event::Time;
use rustix::time::{ClockId, clock_gettime};

/// The latest time given.
static LATEST: AtomicI64 = AtomicI64::new(i64::MIN);

/// The time. While the machine's clock stands before a time already given, that one again.
pub fn now() -> Time {
    let wall = wall().0;
    Time(LATEST.fetch_max(wall, Ordering::Relaxed).max(wall))
}

/// From here on no time is given that lies before this one; gives the machine's own time if that does.
pub fn never_before(time: Time) -> Option<Time> {
    LATEST.fetch_max(time.0, Ordering::Relaxed);
    Some(wall()).filter(|wall| *wall < time)
}

/// How much of a processor's time the calling thread has used.
pub fn thread_cpu() -> Duration {
    let used = clock_gettime(ClockId::ThreadCPUTime);
    // Never below zero.
    Duration::try_from(used).unwrap_or_default()
}

/// The machine's clock, in microseconds. One set before 1970 counts as 1970.
fn wall() -> Time {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Time(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use foreshore_event::Span;

    #[test]
    fn a_thread_is_charged_for_its_own_work_only() {
        let before = thread_cpu();
        let others = std::thread::spawn(|| {
            let started = thread_cpu();
            while thread_cpu() - started < Duration::from_millis(20) {}
            thread_cpu()
        });
        assert!(others.join().unwrap() >= Duration::from_millis(20));
        assert!(thread_cpu() - before < Duration::from_millis(20));
    }

    #[test]
    fn time_stands_still_until_the_machine_has_caught_up() {
        let ahead = now().plus(Span(60 * Span::SECOND.0));
        assert!(never_before(ahead).is_some_and(|wall| wall < ahead));
        assert_eq!(now(), ahead);
        assert_eq!(never_before(Time(0)), None);
        assert_eq!(now(), ahead);
    }
}
