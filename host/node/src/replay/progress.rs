//! What a watcher sees on the way: one line on a terminal, written anew every second. Nobody is told anything
//! where nobody watches.

use std::io::{IsTerminal as _, Write as _, stderr};
use std::time::{Duration, Instant};

/// How often the line is written.
const EVERY: Duration = Duration::from_secs(1);

/// A replay under way.
#[derive(Debug)]
pub struct Progress {
    started: Instant,
    told: Option<Instant>,
    watched: bool,
}

impl Progress {
    /// Starts the clock.
    pub fn start() -> Progress {
        Progress {
            started: Instant::now(),
            told: None,
            watched: stderr().is_terminal(),
        }
    }

    /// Tells how far it is, if it is time to.
    pub fn tell(&mut self, events: u64) {
        let last = self.told.unwrap_or(self.started);
        if self.watched && last.elapsed() >= EVERY {
            self.told = Some(Instant::now());
            let rate = self.rate(events);
            drop(write!(
                stderr(),
                "\r{events} events, {rate:.0} events/s\x1b[K"
            ));
        }
    }

    /// Wipes the line, and gives the time it took.
    pub fn end(&self) -> Duration {
        if self.told.is_some() {
            drop(write!(stderr(), "\r\x1b[K"));
        }
        self.started.elapsed()
    }

    fn rate(&self, events: u64) -> f64 {
        events as f64 / self.started.elapsed().as_secs_f64()
    }
}
