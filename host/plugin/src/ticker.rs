//! The ticks that calls are stopped by: once a millisecond while any call runs, and none while nothing does, so that
//! an idle node sleeps. Takes when calls begin and end; advances the runtime's epoch. Must not know limits.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, Thread};
use std::time::Duration;

/// How often it ticks: the grain of every time limit.
const TICK: Duration = Duration::from_millis(1);

/// Ticks without a call after which it sleeps. To wake it costs the next call some microseconds.
const IDLE_TICKS: u32 = 50;

/// Ticks while calls run. Dropping it ends its thread.
#[derive(Debug)]
pub(crate) struct Ticker {
    state: Arc<State>,
    thread: Thread,
}

#[derive(Debug, Default)]
struct State {
    /// Calls under way.
    running: AtomicUsize,
    /// Whether the thread has to be woken before it ticks.
    is_asleep: AtomicBool,
    is_over: AtomicBool,
}

/// A call under way: until it is dropped, there are ticks.
#[derive(Debug)]
pub(crate) struct Running<'a>(&'a Ticker);

impl Ticker {
    /// Starts ticking, with what is to be done at each tick. A thread, not a task: a busy executor must not stop
    /// time.
    ///
    /// # Errors
    /// When the system starts no more threads.
    pub(crate) fn start(tick: impl FnMut() + Send + 'static) -> std::io::Result<Ticker> {
        let state = Arc::new(State::default());
        let seen = state.clone();
        let thread = thread::Builder::new()
            .name("plugin-clock".to_owned())
            .spawn(move || seen.run(tick))?
            .thread()
            .clone();
        Ok(Ticker { state, thread })
    }

    /// Notes that a call begins, and wakes the ticks for it.
    pub(crate) fn running(&self) -> Running<'_> {
        // In one order with the thread's look at it after it said that it sleeps: one of the two sees the other.
        self.state.running.fetch_add(1, Ordering::SeqCst);
        if self.state.is_asleep.load(Ordering::SeqCst) {
            self.thread.unpark();
        }
        Running(self)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.state.running.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.state.is_over.store(true, Ordering::SeqCst);
        self.thread.unpark();
    }
}

impl State {
    fn run(&self, mut tick: impl FnMut()) {
        let mut idle = 0;
        while !self.is_over.load(Ordering::SeqCst) {
            // The one that sleeps here is woken early only to end.
            thread::park_timeout(TICK);
            tick();
            idle = match self.running.load(Ordering::SeqCst) {
                0 => idle + 1,
                _ => 0,
            };
            if idle == IDLE_TICKS {
                self.sleep();
                idle = 0;
            }
        }
    }

    /// Sleeps until a call begins or all is over.
    fn sleep(&self) {
        self.is_asleep.store(true, Ordering::SeqCst);
        while self.running.load(Ordering::SeqCst) == 0 && !self.is_over.load(Ordering::SeqCst) {
            thread::park();
        }
        self.is_asleep.store(false, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};

    use super::*;

    /// Far longer than a tick, far shorter than a patience.
    const A_WHILE: Duration = Duration::from_millis(500);

    fn ticker() -> (Ticker, Receiver<()>) {
        let (sender, ticks) = channel();
        let ticker = Ticker::start(move || sender.send(()).unwrap_or_default()).unwrap();
        (ticker, ticks)
    }

    /// Waits until no tick has come for a while.
    fn settle(ticks: &Receiver<()>) {
        while ticks.recv_timeout(A_WHILE).is_ok() {}
    }

    #[test]
    fn it_sleeps_without_calls_and_ticks_for_as_long_as_one_runs() {
        let (ticker, ticks) = ticker();
        settle(&ticks);
        for _ in 0..3 {
            let running = ticker.running();
            // More than it would tick for nobody.
            for _ in 0..4 * IDLE_TICKS {
                ticks.recv_timeout(Duration::from_secs(30)).unwrap();
            }
            drop(running);
            settle(&ticks);
        }
    }

    #[test]
    fn a_call_that_begins_as_it_falls_asleep_has_its_ticks() {
        let (ticker, ticks) = ticker();
        for wait in 0..64 {
            // About when it falls asleep, a little later each time.
            thread::sleep(TICK * IDLE_TICKS / 2 + Duration::from_micros(800) * wait);
            while ticks.try_recv().is_ok() {}
            let _running = ticker.running();
            ticks.recv_timeout(Duration::from_secs(30)).unwrap();
        }
    }

    #[test]
    fn it_ends_with_its_last_handle_asleep_or_not() {
        for is_asleep in [false, true] {
            let (ticker, ticks) = ticker();
            if is_asleep {
                settle(&ticks);
            }
            drop(ticker);
            let ended = loop {
                if let Err(error) = ticks.recv_timeout(Duration::from_secs(30)) {
                    break error;
                }
            };
            assert_eq!(ended, RecvTimeoutError::Disconnected);
        }
    }
}
