//! The steps of an event, one by one, in a process without HTTP: what `card-bench` of the example measures, on the
//! servers' processor. Gives its figures, and what a call is made of.

use std::process::Command;

use anyhow::{Context as _, ensure};
use serde::Deserialize;

use super::Bench;
use crate::cores::Pinned;
use crate::figure::{Figure, Spread, mark};
use crate::report::{Section, Table};
use crate::server::built;

const PART: &str = "steps";
const EACH: &str = "ns per event";

/// Fewest rounds: they are short.
const ROUNDS_MIN: usize = 3;

/// A step as `card-bench` tells it.
#[derive(Deserialize)]
struct Step {
    step: String,
    nanoseconds: Vec<f64>,
}

/// Has the steps measured.
pub fn run(bench: &mut Bench) -> anyhow::Result<Section> {
    let mut command = Command::new(built("card-bench")?);
    let rounds = bench.plan.rounds.max(ROUNDS_MIN);
    command.args(["--json", "--rounds", &rounds.to_string()]);
    command.args(["--events", &bench.plan.stepped.to_string()]);
    let output = Pinned::command(&[bench.cores.server], &command)?.output();
    let output = output.context("run card-bench")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "card-bench failed: {said}");
    for line in String::from_utf8(output.stdout)?.lines() {
        let step: Step = serde_json::from_str(line).context("read what card-bench says")?;
        for value in step.nanoseconds {
            bench.figures.note(PART, &step.step, 0.0, EACH, value);
        }
    }
    let mut table = Table::new(["step", EACH]);
    for figure in bench.figures.of(PART, EACH) {
        table.row([figure.arm.clone(), figure.spread().to_string()]);
    }
    let ratio = |plugin: &str| {
        let of = |how: &str| {
            bench
                .figures
                .find(PART, &format!("fold {how}, {plugin}"), 0.0, EACH)
        };
        let (wasm, native): (Option<&Figure>, _) = (of("in wasm"), of("natively"));
        let ratio = wasm.zip(native).map(|(wasm, native)| wasm.over(native));
        format!("{} for `{plugin}`", ratio.unwrap_or(Spread::of([])))
    };
    let alone = ["customer-spending", "terminal-risk"].map(|plugin| {
        let step = format!("fold in wasm, many rows a call, {plugin}");
        let figure = bench.figures.find(PART, &step, 0.0, EACH);
        figure.map_or(f64::NAN, |figure| figure.spread().median)
    });
    let alone = 1e9 / alone.iter().sum::<f64>();
    Ok(Section::new("The steps of an event, without HTTP")
        .saying(
            "Events of the example in order, one at a time. Folds are whole: state to bytes and back, natively as in \
             wasm. An idle plugin hands its state back: a call of it is the host's share of a call, with the copies. \
             The step of the core is all of it, from an event to its answer and its records, as in the node.",
        )
        .saying(table)
        .saying(format!(
            "The folds alone, of events that both plugins fold, many to a call: {} events/s on one processor.",
            mark(alone.round())
        ))
        .saying(format!(
            "A fold in the sandbox over the same code natively: {}, {}.",
            ratio("customer-spending"),
            ratio("terminal-risk")
        )))
}
