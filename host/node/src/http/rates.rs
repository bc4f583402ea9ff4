//! How fast a source may send: so many events a second in the long run, so many at once. Keeps a bounded table,
//! whatever sources there are; takes the time, gives how long a source is to wait. Must not know what it sends.

use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Rows of the table. With the ways below it knows 65,536 sources, in 1 MiB.
const ROWS: usize = 8192;

/// Sources of one row. A new one takes the place of the one that has sent least of late.
const WAYS: usize = 8;

/// Rows under one lock.
const ROWS_LOCKED: usize = 64;

/// How fast sources may send.
#[derive(Debug)]
pub(super) struct Rates {
    /// Time of one event, in nanoseconds; 0: no limit.
    event: u64,
    /// How far ahead of now a source may be, in nanoseconds.
    ahead: u64,
    started: Instant,
    /// Seeded by the process: nobody can choose sources that share a row.
    hasher: RandomState,
    rows: Vec<Mutex<[Row; ROWS_LOCKED]>>,
}

type Row = [Sent; WAYS];

/// What a source has sent of late.
#[derive(Clone, Copy, Debug, Default)]
struct Sent {
    /// The digest of its name; two sources of one digest in 2^64 are one.
    source: u64,
    /// When all it has sent would have been due at its rate, in nanoseconds from the start.
    due: u64,
}

impl Rates {
    /// So many events a second of one source, `burst` of them at once; 0 a second: as many as it likes.
    pub(super) fn new(rate: u32, burst: u32, started: Instant) -> Rates {
        let event = 1_000_000_000_u64.checked_div(u64::from(rate)).unwrap_or(0);
        let locks = if event == 0 { 0 } else { ROWS / ROWS_LOCKED };
        let lock = || Mutex::new([[Sent::default(); WAYS]; ROWS_LOCKED]);
        Rates {
            event,
            ahead: event.saturating_mul(u64::from(burst)),
            started,
            hasher: RandomState::new(),
            rows: (0..locks).map(|_| lock()).collect(),
        }
    }

    /// Counts an event of a source that comes now.
    ///
    /// # Errors
    /// How long the source is to wait with it; it is not counted then.
    pub(super) fn count(&self, source: &str, now: Instant) -> Result<(), Duration> {
        if self.event == 0 {
            return Ok(());
        }
        let now = now.saturating_duration_since(self.started).as_nanos() as u64;
        let source = self.hasher.hash_one(source);
        let at = source as usize % ROWS;
        let mut rows = self.lock(at / ROWS_LOCKED);
        let row = &mut rows[at % ROWS_LOCKED];
        let known = row.iter().position(|sent| sent.source == source);
        // One that is due longest has the most of its burst left: to forget it changes least.
        let place = known.or_else(|| (0..WAYS).min_by_key(|way| row[*way].due));
        let sent = &mut row[place.unwrap_or(0)];
        if known.is_none() {
            *sent = Sent { source, due: 0 };
        }
        let due = sent.due.max(now) + self.event;
        match due - now {
            ahead if ahead > self.ahead => Err(Duration::from_nanos(ahead - self.ahead)),
            _ => {
                sent.due = due;
                Ok(())
            }
        }
    }

    fn lock(&self, at: usize) -> MutexGuard<'_, [Row; ROWS_LOCKED]> {
        // Numbers, each set in one go: a panic leaves none half set.
        self.rows[at].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(started: Instant, milliseconds: u64) -> Instant {
        started + Duration::from_millis(milliseconds)
    }

    #[test]
    fn a_source_may_send_its_burst_at_once_and_its_rate_in_the_long_run() {
        let started = Instant::now();
        let rates = Rates::new(10, 3, started);
        let taken = |milliseconds, count| {
            let now = after(started, milliseconds);
            (0..count).filter(|_| rates.count("s", now).is_ok()).count()
        };
        assert_eq!(taken(0, 10), 3);
        assert_eq!(taken(99, 1), 0);
        assert_eq!(taken(100, 5), 1);
        assert_eq!(taken(1000, 10), 3, "what it does not use is not saved up");
        let spread = (2000..12_000).step_by(10);
        let taken: usize = spread.map(|milliseconds| taken(milliseconds, 1)).sum();
        assert!((100..=103).contains(&taken), "{taken} in 10 s");
    }

    #[test]
    fn who_is_too_fast_is_told_how_long_to_wait() {
        let started = Instant::now();
        let rates = Rates::new(2, 1, started);
        assert_eq!(rates.count("s", started), Ok(()));
        assert_eq!(rates.count("s", started), Err(Duration::from_millis(500)));
        assert_eq!(rates.count("other", started), Ok(()));
        assert_eq!(rates.count("s", after(started, 500)), Ok(()));
    }

    #[test]
    fn without_a_rate_nothing_is_counted() {
        let started = Instant::now();
        let rates = Rates::new(0, 1, started);
        assert!((0..1000).all(|_| rates.count("s", started).is_ok()));
        assert!(rates.rows.is_empty());
    }

    #[test]
    fn a_flood_of_sources_makes_no_busy_source_free_and_no_table_larger() {
        let started = Instant::now();
        let rates = Rates::new(1, 100, started);
        let now = after(started, 1);
        (0..100).for_each(|_| rates.count("busy", now).unwrap());
        for number in 0..200_000 {
            assert_eq!(rates.count(&format!("new {number}"), now), Ok(()));
        }
        assert!(
            rates.count("busy", now).is_err(),
            "the busiest of a row stays"
        );
        assert_eq!(rates.rows.len() * ROWS_LOCKED, ROWS);
    }
}
