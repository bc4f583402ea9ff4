//! Whom the system runs first when not all threads can: threads of plugins stand back behind those that speak HTTP
//! and write the log, which have little to do and are waited for by everyone.

use std::panic::resume_unwind;
use std::{io, thread};

/// How far the thread of a pipeline with neighbours stands back: a third of the weight.
pub const BESIDE_OTHERS: i32 = 5;

/// How far threads stand back that put away what is answered already: behind what answers, with enough left for them
/// to keep up when everything runs at its limit.
pub const PUTTING_AWAY: i32 = 5;

/// How far a thread stands back that nobody waits for.
pub const BACKGROUND: i32 = 10;

/// Has the calling thread stand back for as long as it runs.
pub fn stand_back(by: i32) {
    // Everyone may stand back. Where it is not to be had, the thread runs as before.
    if let Err(error) = rustix::process::nice(by) {
        tracing::debug!(%error, "a thread cannot be given a lower priority");
    }
}

/// Does the work on a thread that stands back. Threads that the work starts stand back as far.
///
/// # Errors
/// When the system starts no more threads.
///
/// # Panics
/// When the work does.
pub fn standing_back<T: Send>(by: i32, work: impl FnOnce() -> T + Send) -> io::Result<T> {
    thread::scope(|scope| {
        let thread = thread::Builder::new().spawn_scoped(scope, || {
            stand_back(by);
            work()
        })?;
        Ok(thread.join().unwrap_or_else(|why| resume_unwind(why)))
    })
}

#[cfg(test)]
mod tests {
    use rustix::process::getpriority_process;

    use super::*;

    #[test]
    fn what_is_started_by_whoever_stands_back_does_too_and_who_asked_for_it_does_not() {
        // Of the calling thread.
        let own = || getpriority_process(None).unwrap();
        let before = own();
        let (there, below) =
            standing_back(PUTTING_AWAY, || (own(), thread::spawn(own).join().unwrap())).unwrap();
        // Nobody stands back further than that.
        assert_eq!(there, (before + PUTTING_AWAY).min(19));
        assert_eq!(below, there);
        assert_eq!(own(), before);
    }
}
