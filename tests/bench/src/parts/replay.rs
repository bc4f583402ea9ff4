//! `foreshore replay` of a sorted archive: the history as NDJSON through the same core, on the servers' processor and
//! on both. Gives events a second, the start of the program included.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, ensure};

use super::Bench;
use crate::arms::foreshore::Setup;
use crate::cores::Pinned;
use crate::report::{Section, by_arm};

const PART: &str = "replay";
const EVENTS: &str = "events/s";

/// Measures replays.
pub fn run(bench: &mut Bench) -> anyhow::Result<Section> {
    let setup = Setup::new(&bench.root, &bench.folder, "replay")?;
    let archive = bench.folder.join("archive.ndjson");
    let events = bench.rows.history();
    fs::write(&archive, events.join("\n"))
        .with_context(|| format!("write {}", archive.display()))?;
    let count = events.len() as f64;
    let mut command = setup.command("replay")?;
    command
        .arg("--events")
        .arg(&archive)
        .arg("--out")
        .arg(bench.folder.join("rows.csv"));
    for _ in 0..bench.plan.rounds {
        for processors in 1..=bench.cores.count() {
            let mut command: Command = match processors {
                1 => Pinned::command(&[bench.cores.server], &command)?,
                _ => Pinned::command(&[bench.cores.client, bench.cores.server], &command)?,
            };
            let started = Instant::now();
            let output = command
                .stdin(Stdio::null())
                .output()
                .context("run foreshore replay")?;
            let took = started.elapsed().as_secs_f64();
            let said = String::from_utf8_lossy(&output.stderr);
            ensure!(output.status.success(), "foreshore replay failed: {said}");
            bench.figures.note(
                PART,
                "foreshore replay",
                processors as f64,
                EVENTS,
                count / took,
            );
        }
    }
    Ok(Section::new("Replay of a sorted archive")
        .saying(format!(
            "{count} events as NDJSON, from the start of the program to its last row."
        ))
        .saying(by_arm(&bench.figures, PART, EVENTS, "processors")))
}
