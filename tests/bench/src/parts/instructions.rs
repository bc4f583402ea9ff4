//! Instructions of the steps of an event, counted by callgrind: they do not depend on the machine's mood. Gives how many
//! one round of all steps takes; where valgrind is not there, a line that says so.

use std::process::Command;

use anyhow::Context as _;

use super::Bench;
use crate::figure::mark;
use crate::report::Section;
use crate::server::built;

const PART: &str = "instructions";

/// Events of a round: valgrind is slow, and each event is like the others.
const EVENTS: u64 = 2_000;

/// Counts instructions.
pub fn run(bench: &mut Bench) -> anyhow::Result<Section> {
    let section = Section::new("Instructions");
    // What one round has more than none is the steps alone: set-up is in both.
    let (Some(one), Some(two)) = (counted(bench, 1)?, counted(bench, 2)?) else {
        return Ok(section.saying("Skipped: valgrind is not there, or does not bear the program."));
    };
    let each = (two - one) / EVENTS as f64;
    bench
        .figures
        .note(PART, "all steps", 0.0, "instructions per event", each);
    Ok(section.saying(format!(
        "One event through all steps of `card-bench`, natively and in wasm: **{}** instructions, of {EVENTS} events.",
        mark(each.round())
    )))
}

/// Instructions of a run with so many rounds; none where they cannot be counted.
fn counted(bench: &Bench, rounds: u64) -> anyhow::Result<Option<f64>> {
    let out = bench.folder.join("callgrind.out");
    let mut command = Command::new("valgrind");
    command
        .args([
            "--tool=callgrind",
            &format!("--callgrind-out-file={}", out.display()),
        ])
        .arg(built("card-bench")?)
        .args(["--json", "--rounds", &rounds.to_string()])
        .args(["--events", &EVENTS.to_string()]);
    let Ok(output) = command.output() else {
        return Ok(None);
    };
    if !output.status.success() {
        return Ok(None);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let line = said
        .lines()
        .find_map(|line| line.split_once("Collected : "));
    let (_, count) = line.context("valgrind does not say what it counted")?;
    Ok(Some(
        count.trim().parse().context("read what valgrind counted")?,
    ))
}
