//! `foreshore replay` as a person would run it: a file of events in, a file of rows out. Knows the command
//! line; must not know what the rows say.

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use card_traffic::Event;

/// Writes the events, in the order given, one JSON object a line.
///
/// # Errors
/// When the file cannot be written.
pub fn write_archive(events: &[Arc<Event>], to: &Path) -> anyhow::Result<()> {
    let lines: String = events.iter().map(|event| format!("{event}\n")).collect();
    fs::write(to, lines).with_context(|| format!("write {}", to.display()))
}

/// Replays the events of a file through the configured pipeline; gives the rows as CSV. They stay in
/// `rows.csv` beside the archive, and what the command says in `replay.log`.
///
/// # Errors
/// When the command cannot be run or fails.
pub fn replay(binary: &Path, config: &Path, archive: &Path) -> anyhow::Result<String> {
    let rows = archive.with_file_name("rows.csv");
    let log = archive.with_file_name("replay.log");
    let said = File::create(&log).with_context(|| format!("create {}", log.display()))?;
    let status = Command::new(binary)
        .arg("replay")
        .arg("--config")
        .arg(config)
        .arg("--events")
        .arg(archive)
        .arg("--out")
        .arg(&rows)
        .stderr(said)
        .status()
        .with_context(|| format!("run {} replay", binary.display()))?;
    ensure!(
        status.success(),
        "the replay failed ({status}); see {}",
        log.display()
    );
    fs::read_to_string(&rows).with_context(|| format!("read {}", rows.display()))
}
