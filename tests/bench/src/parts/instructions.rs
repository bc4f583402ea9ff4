//! Instructions of an event's step through the core, counted by callgrind: they do not depend on the machine's mood.
//! Gives how many it takes in the mean; where valgrind is not there, a line that says so.

use std::process::Command;

use anyhow::Context as _;

use super::Bench;
use crate::figure::mark;
use crate::report::Section;
use crate::server::built;

const PART: &str = "instructions";

/// Events of a round: valgrind is slow, and each event is like the others.
const EVENTS: u64 = 2_000;

/// The function they are counted in, with all that it calls: whatever is set up before it varies by far more.
const COUNTED: &str = "foreshore_core::core::Core::step*";

/// Counts instructions.
pub fn run(bench: &mut Bench) -> anyhow::Result<Section> {
    let section = Section::new("Instructions");
    let Some(all) = counted(bench)? else {
        return Ok(section.saying("Skipped: valgrind is not there, or does not bear the program."));
    };
    let each = all / EVENTS as f64;
    bench.figures.note(
        PART,
        "step of the core",
        0.0,
        "instructions per event",
        each,
    );
    Ok(section.saying(format!(
        "A whole step of the core, calls of plugins included: **{}** instructions, in the mean of {EVENTS} events.",
        mark(each.round())
    )))
}

/// Instructions of one round; none where they cannot be counted.
fn counted(bench: &Bench) -> anyhow::Result<Option<f64>> {
    let out = bench.folder.join("callgrind.out");
    let mut command = Command::new("valgrind");
    command
        .args([
            "--tool=callgrind",
            &format!("--callgrind-out-file={}", out.display()),
            "--collect-atstart=no",
            &format!("--toggle-collect={COUNTED}"),
        ])
        .arg(built("card-bench")?)
        .args(["--json", "--rounds", "1"])
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
