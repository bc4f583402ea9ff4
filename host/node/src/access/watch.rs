//! Files that are taken anew when they change, or when the node is told to look. What is changed must stand
//! still for a moment first: a file half written is not taken. Must not know what is in them.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use foreshore_core::{Act, Audit};
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::MissedTickBehavior;

use crate::access::renewals::Renewals;
use crate::config::ConfigError;

/// How often files are looked at. A change is taken when two looks saw the same: within half a second.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Whose act it is when a file has changed.
const WHO: &str = "file";

/// Takes files as they are now; tells what it came to, unless they are what they were.
pub type Renew = Arc<dyn Fn() -> Result<Option<String>, ConfigError> + Send + Sync>;

/// Files that make one whole.
pub struct Watched {
    /// What metrics call them.
    pub name: &'static str,
    /// What taking them anew is.
    pub act: Act,
    /// Which they are.
    pub files: Vec<PathBuf>,
    /// Takes them.
    pub renew: Renew,
}

/// What tells one state of a file from another; none for one that is not there.
type Stamp = Option<(u64, u64, i64, i64, i64, i64)>;

/// Watches files for as long as the node runs; what was taken is given to `taken`. What could not be is said
/// loudly, and what was in force stays so.
///
/// # Errors
/// When the system gives no signals.
pub async fn watch<F: Future<Output = ()>>(
    watched: Vec<Watched>,
    renewals: &Renewals,
    taken: impl Fn(Audit) -> F,
) -> std::io::Result<()> {
    let mut hangup = signal(SignalKind::hangup())?;
    let mut looks = tokio::time::interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    watched
        .iter()
        .for_each(|watched| renewals.note(watched.name, true, false));
    let mut seen: Vec<Seen> = watched.iter().map(|_| Seen::default()).collect();
    loop {
        let told = tokio::select! {
            _ = hangup.recv() => true,
            _ = looks.tick() => false,
        };
        for (watched, seen) in watched.iter().zip(&mut seen) {
            if (seen.look(&watched.files) || told)
                && let Some(audit) = renew(watched, renewals).await
            {
                taken(audit).await;
            }
        }
    }
}

/// Takes files anew; gives the act, if it changed anything.
async fn renew(watched: &Watched, renewals: &Renewals) -> Option<Audit> {
    let renew = watched.renew.clone();
    // A panic in there would be a defect, and leaves what was in force.
    let renewed = tokio::task::spawn_blocking(move || renew()).await.ok()?;
    match renewed {
        Ok(told) => {
            renewals.note(watched.name, true, told.is_some());
            let files = watched.files.iter().map(|file| file.to_string_lossy());
            let files = files.collect::<Vec<_>>().join(", ");
            told.map(|told| Audit::new(WHO, watched.act, &files, &told))
        }
        Err(error) => {
            renewals.note(watched.name, false, true);
            let what = watched.name;
            tracing::error!(what, "not taken, what was in force stays so: {error}");
            None
        }
    }
}

/// What was seen of files. Nothing at first, so that what changed since they were read at the start is found.
#[derive(Default)]
struct Seen {
    /// As they were taken last.
    taken: Vec<Stamp>,
    /// As they were at the last look.
    last: Vec<Stamp>,
}

impl Seen {
    /// Looks; tells whether they have changed and stand still.
    fn look(&mut self, files: &[PathBuf]) -> bool {
        let now: Vec<Stamp> = files.iter().map(|file| stamp(file)).collect();
        let due = now == self.last && now != self.taken;
        if due {
            self.taken.clone_from(&now);
        }
        self.last = now;
        due
    }
}

fn stamp(file: &Path) -> Stamp {
    let found = fs::metadata(file).ok()?;
    Some((
        found.ino(),
        found.size(),
        found.mtime(),
        found.mtime_nsec(),
        found.ctime(),
        found.ctime_nsec(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_taken_once_they_stand_still_and_again_when_they_change() {
        let folder = std::env::temp_dir().join(format!("foreshore-watch-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let files = [folder.join("one"), folder.join("other")];
        let mut seen = Seen::default();
        fs::write(&files[0], "a").unwrap();
        let looks = |seen: &mut Seen| [(); 3].map(|()| seen.look(&files));
        assert_eq!(looks(&mut seen), [false, true, false]);
        fs::write(&files[1], "b").unwrap();
        assert!(!seen.look(&files));
        // It is still being written.
        fs::write(&files[1], "bcd").unwrap();
        assert_eq!(looks(&mut seen), [false, true, false]);
        fs::remove_file(&files[0]).unwrap();
        assert_eq!(looks(&mut seen), [false, true, false]);
        fs::remove_dir_all(&folder).unwrap();
    }
}
