//! How many files the process may have open, connections among them: raised as far as the system lets us, and
//! divided so that connections never take what the store needs. Must not know either.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Files that are not connections: logs, stored timelines, the runtime's own. Half of what there is where that is
/// less.
const OTHERS: u64 = 512;

/// The node has two ports.
const PORTS: u64 = 2;

/// Raises the number of files the process may have open as far as it can; gives it.
pub fn raise() -> u64 {
    let limit = getrlimit(Resource::Nofile);
    // None is no limit.
    let maximum = limit.maximum.unwrap_or(u64::MAX);
    let current = limit.current.unwrap_or(u64::MAX);
    if current >= maximum {
        return current;
    }
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => maximum,
        Err(error) => {
            tracing::warn!(%error, current, maximum, "raise the number of open files");
            current
        }
    }
}

/// How many of the connections wanted per port so many files allow.
pub fn connections(files: u64, wanted: usize) -> usize {
    let others = OTHERS.min(files / 2);
    let allowed = usize::try_from((files - others) / PORTS).unwrap_or(usize::MAX);
    wanted.min(allowed.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_files_for_all_else() {
        for (files, wanted, allowed) in [
            (u64::MAX, 4096, 4096),
            (1 << 20, 4096, 4096),
            (4096, 4096, 1792),
            (1024, 4096, 256),
            (64, 4096, 16),
            (64, 4, 4),
            (2, 4, 1),
        ] {
            assert_eq!(connections(files, wanted), allowed, "{files} files");
        }
    }

    #[test]
    fn the_limit_is_raised_to_what_the_system_allows() {
        let raised = raise();
        let limit = getrlimit(Resource::Nofile);
        assert_eq!(limit.current.unwrap_or(u64::MAX), raised);
        assert_eq!(limit.current, limit.maximum);
    }
}
