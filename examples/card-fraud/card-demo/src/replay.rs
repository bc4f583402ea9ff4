//! `foreshore replay`, of an archive that is sorted by time and of the node's own log. Knows the command line;
//! must not know what the rows say.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use card_traffic::Event;

use crate::program::Program;

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
pub fn replay(program: &Program, archive: &Path) -> anyhow::Result<String> {
    let rows = archive.with_file_name("rows.csv");
    let words = ["replay".as_ref(), "--events".as_ref(), archive.as_os_str()];
    let out = ["--out".as_ref(), rows.as_os_str()];
    program.run(words.into_iter().chain(out), "replay.log")?;
    fs::read_to_string(&rows).with_context(|| format!("read {}", rows.display()))
}

/// Makes everything that the node ever said again from its log, and holds it against what it said; gives the
/// command's last sentence. All of them stay in `replay-log.log`.
///
/// # Errors
/// When the command cannot be run, or finds a difference.
pub fn replay_log(program: &Program) -> anyhow::Result<String> {
    let said = program
        .run(["replay", "--from-log"], "replay-log.log")?
        .stderr;
    Ok(said.lines().last().unwrap_or_default().to_owned())
}
