//! How far long work on a store has come: one line on a terminal, written anew a few times a second. Nobody is
//! told anything where nobody watches.

use std::io::{IsTerminal as _, Write as _, stderr};
use std::time::{Duration, Instant};

/// How often the line is written.
const EVERY: Duration = Duration::from_millis(250);

/// Work under way.
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
    pub fn tell(&mut self, what: impl FnOnce() -> String) {
        let last = self.told.unwrap_or(self.started);
        if self.watched && last.elapsed() >= EVERY {
            self.told = Some(Instant::now());
            drop(write!(stderr(), "\r{}\x1b[K", what()));
        }
    }

    /// Wipes the line: something else is to be said.
    pub fn clear(&mut self) {
        if self.told.is_some() {
            drop(write!(stderr(), "\r\x1b[K"));
        }
    }

    /// Wipes the line, and gives the time it took.
    pub fn end(mut self) -> Duration {
        self.clear();
        self.started.elapsed()
    }
}

/// Bytes as people read them.
pub fn bytes(count: u64) -> String {
    match count {
        0..1_024 => format!("{count} B"),
        1_024..1_048_576 => format!("{:.1} KiB", count as f64 / 1_024.0),
        1_048_576..1_073_741_824 => format!("{:.1} MiB", count as f64 / 1_048_576.0),
        _ => format!("{:.1} GiB", count as f64 / 1_073_741_824.0),
    }
}
