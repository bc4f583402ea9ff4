//! How far long work has come. Told by whoever does it, shown by whoever waits; must not know what the work
//! is for.

use std::fmt;

use foreshore_timeline::Lsn;

/// How far work has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Reading which events were seen.
    Identities {
        /// Segments read.
        done: usize,
        /// Of so many.
        of: usize,
    },
    /// Taking timelines over from a checkpoint.
    Importing {
        /// Timelines taken over.
        done: u64,
        /// Of so many.
        of: u64,
    },
    /// Building timelines anew from the log.
    Rebuilding {
        /// Records read.
        done: Lsn,
        /// Of so many.
        of: Lsn,
    },
    /// Going through what was not stored when the process ended.
    Replaying {
        /// Records read.
        done: Lsn,
        /// Of so many.
        of: Lsn,
    },
}

/// Who is told.
pub type Tell<'a> = dyn Fn(Progress) + 'a;

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Progress::Identities { done, of } => {
                write!(f, "reading which events were seen: segment {done} of {of}")
            }
            Progress::Importing { done, of } => {
                write!(f, "taking over a checkpoint: timeline {done} of {of}")
            }
            Progress::Rebuilding { done, of } => {
                write!(
                    f,
                    "rebuilding timelines from the log: record {} of {}",
                    done.0, of.0
                )
            }
            Progress::Replaying { done, of } => {
                write!(f, "replaying the log: record {} of {}", done.0, of.0)
            }
        }
    }
}
