//! A model plugin on a trace: scored row by row, then again in batches, in another order and on fresh
//! instances. Any other bit is a finding. Must not know how findings are shown.

use std::path::Path;
use std::time::Duration;

use foreshore_plugin::{Isolation, ModelPlugin, ModelSandbox, SandboxSettings};
use foreshore_timeline::{Fault, ROWS_MAX};

use crate::check::finding::{Findings, Kind};
use crate::check::numbers::{Numbers, change};
use crate::check::outcome::Outcome;
use crate::check::timing::{self, Timing, timed};
use crate::check::trace;

/// Rows of a call, besides one.
const BATCHES: [usize; 3] = [2, 7, ROWS_MAX];

/// How often a call that ran over its time is made before that is believed: other work shares the machine.
const ATTEMPTS_MAX: usize = 3;

/// Inputs of a trace.
pub struct Case {
    line: usize,
    inputs: Vec<f64>,
    expect: Numbers,
}

/// Inputs and what the first call gave.
struct Point<'a> {
    case: &'a Case,
    scored: Vec<f64>,
}

/// A plugin being checked.
struct Check {
    /// Names of what it gives: the score, then its reasons.
    names: Vec<String>,
    warm: ModelSandbox,
    findings: Findings,
    timing: Timing,
}

/// Reads a trace for a model plugin.
///
/// # Errors
/// When the file cannot be read, or a line holds no inputs or one that the model does not have.
pub fn read(path: &Path, names: &[String]) -> anyhow::Result<Vec<Case>> {
    let lines = trace::read(path)?;
    let cases = lines.iter().map(|line| {
        let wrong = |reason: String| trace::at(path, line.number, &reason);
        if !line.object.contains_key("inputs") {
            return Err(wrong(
                "no `inputs`; a model's line is {\"inputs\": {...}, \"expect\": {...}}".into(),
            ));
        }
        let inputs = Numbers::of(&line.object, "inputs").map_err(wrong)?;
        Ok(Case {
            line: line.number,
            inputs: inputs.in_order(names).map_err(wrong)?,
            expect: Numbers::of(&line.object, "expect").map_err(wrong)?,
        })
    });
    cases.collect()
}

/// Scores a trace in every way.
pub fn check(plugin: &ModelPlugin, cases: &[Case], settings: &SandboxSettings) -> Outcome {
    let reasons = plugin.description().reasons.iter().cloned();
    let mut check = Check {
        names: std::iter::once("score".to_owned()).chain(reasons).collect(),
        warm: plugin.sandbox(settings.clone()),
        findings: Findings::default(),
        timing: Timing::default(),
    };
    let points = check.score_in_order(cases);
    for point in points.iter().rev() {
        check.compare(None, std::slice::from_ref(point), "in another order");
    }
    for size in BATCHES {
        let way = format!("in calls of {size} rows");
        for batch in points.chunks(size) {
            check.compare(None, batch, &way);
        }
    }
    let per_call = SandboxSettings {
        isolation: Isolation::PerCall,
        ..settings.clone()
    };
    let mut fresh = plugin.sandbox(per_call);
    for point in &points {
        check.compare(
            Some(&mut fresh),
            std::slice::from_ref(point),
            "on a fresh instance",
        );
    }
    check.time_calls(&points);
    Outcome {
        rows: cases.len(),
        timelines: None,
        state_bytes_max: None,
        state_bytes_last: None,
        timing: check.timing,
        findings: check.findings,
    }
}

impl Check {
    fn score_in_order<'c>(&mut self, cases: &'c [Case]) -> Vec<Point<'c>> {
        let mut points = Vec::new();
        for case in cases {
            match patiently(&mut self.warm, &case.inputs) {
                Ok(scored) => {
                    for difference in case.expect.differences(&self.names, &scored) {
                        self.findings.add(Kind::Unexpected, case.line, difference);
                    }
                    points.push(Point { case, scored });
                }
                Err(fault) => self
                    .findings
                    .add(Kind::Failed, case.line, fault.to_string()),
            }
        }
        points
    }

    /// Scores these rows in one call, and notes the first that is not as it was.
    fn compare(&mut self, fresh: Option<&mut ModelSandbox>, points: &[Point<'_>], way: &str) {
        let inputs: Vec<f64> = points
            .iter()
            .flat_map(|point| &point.case.inputs)
            .copied()
            .collect();
        let model = fresh.unwrap_or(&mut self.warm);
        let (scored, took) = timed(|| patiently(model, &inputs));
        self.timing.note(points.len(), took);
        let scored = match scored {
            Ok(scored) => scored,
            Err(fault) => {
                let line = points.first().map_or(0, |point| point.case.line);
                return self.findings.add_fault(line, way, &fault);
            }
        };
        let mut rows = points.iter().zip(scored.chunks(self.names.len()));
        let changed =
            rows.find_map(|(point, now)| Some((point, change(&self.names, &point.scored, now)?)));
        if let Some((point, what)) = changed {
            self.findings
                .add(Kind::Impure, point.case.line, format!("{way}, {what}"));
        }
    }

    fn time_calls(&mut self, points: &[Point<'_>]) {
        let mut took: Vec<Duration> = Vec::new();
        while took.len() < timing::CALLS && !points.is_empty() {
            let calls = points
                .iter()
                .map(|point| timed(|| self.warm.score(&point.case.inputs)).1);
            took.extend(calls);
        }
        self.timing.note_rows(took);
    }
}

fn patiently(model: &mut ModelSandbox, inputs: &[f64]) -> Result<Vec<f64>, Fault> {
    let mut scored = model.score(inputs);
    for _ in 1..ATTEMPTS_MAX {
        if !matches!(scored, Err(Fault::Timeout(_))) {
            break;
        }
        scored = model.score(inputs);
    }
    scored
}
