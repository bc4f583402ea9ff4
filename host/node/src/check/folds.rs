//! A feature plugin on a trace: folded event by event, then again in every way in which a host may fold. Any
//! other byte is a finding. Takes timelines; must not know files or how findings are shown.

use std::time::Duration;

use foreshore_plugin::{FeaturePlugin, FeatureSandbox, Isolation, SandboxSettings};
use foreshore_timeline::{Fault, Flags, Folded, Folder as _, ROWS_MAX, Row, State};

use crate::check::finding::{Findings, Kind};
use crate::check::numbers::change;
use crate::check::outcome::Outcome;
use crate::check::timelines::{Step, Timelines};
use crate::check::timing::{self, Timing, timed};

/// How many events a forced rollback goes back, at each event.
const DEPTHS: [usize; 7] = [1, 2, 4, 8, 16, 32, 64];

/// Rows of a call, besides one.
const BATCHES: [usize; 3] = [2, 7, ROWS_MAX];

/// How often a call that ran over its time is made before that is believed: other work shares the machine.
const ATTEMPTS_MAX: usize = 3;

/// Everything a row can be asked for.
const ALL: Flags = Flags {
    apply: true,
    emit: true,
    mark: true,
};

/// An event and what the first fold gave as of it.
struct Point<'a> {
    key: &'a str,
    step: &'a Step,
    features: Vec<f64>,
    state: State,
}

/// A plugin being checked.
struct Check<'a> {
    /// Names of its features.
    names: Vec<String>,
    /// An instance that lives through all of it: what a plugin keeps between calls shows here.
    warm: FeatureSandbox,
    timelines: &'a Timelines,
    findings: Findings,
    timing: Timing,
}

/// Folds a trace in every way.
pub fn check(plugin: &FeaturePlugin, timelines: &Timelines, settings: &SandboxSettings) -> Outcome {
    let features = plugin.description().features.iter();
    let mut check = Check {
        names: features.map(|feature| feature.name.clone()).collect(),
        warm: plugin.sandbox(timelines.binding.clone(), settings.clone()),
        timelines,
        findings: Findings::default(),
        timing: Timing::default(),
    };
    let folded = check.fold_in_order();
    check.go_back_and_fold_again(&folded);
    check.fold_in_batches(&folded);
    check.read_without_events(&folded);
    let per_call = SandboxSettings {
        isolation: Isolation::PerCall,
        ..settings.clone()
    };
    let mut fresh = plugin.sandbox(timelines.binding.clone(), per_call);
    check.fold_on_fresh_instances(&folded, &mut fresh);
    check.time_calls(&folded);
    check.outcome(&folded)
}

impl<'a> Check<'a> {
    /// Each timeline's events, one a call, against what the trace expects. An event that cannot be folded
    /// leaves the state as it was, as in a host.
    fn fold_in_order(&mut self) -> Vec<Vec<Point<'a>>> {
        let mut folded = Vec::new();
        for (key, steps) in &self.timelines.by_key {
            let mut points: Vec<Point<'a>> = Vec::new();
            for step in steps {
                let before = points.last().map_or(&[][..], |point| &point.state);
                let Some(Folded {
                    features,
                    mut states,
                }) = self.first_fold(before, step)
                else {
                    continue;
                };
                for difference in step.expect.differences(&self.names, &features) {
                    self.findings.add(Kind::Unexpected, step.line, difference);
                }
                let state = states.pop().unwrap_or_default();
                points.push(Point {
                    key,
                    step,
                    features,
                    state,
                });
            }
            folded.push(points);
        }
        for line in &self.timelines.keyless {
            let what = "an event without the plugin's key has no features".to_owned();
            self.findings.add(Kind::Unexpected, *line, what);
        }
        folded
    }

    /// A trap is believed when it repeats: then it is the plugin's word on this event.
    fn first_fold(&mut self, before: &[u8], step: &Step) -> Option<Folded> {
        match patiently(&mut self.warm, before, &[row(step)]) {
            Ok(folded) => Some(folded),
            Err(Fault::Trap(reason)) => match patiently(&mut self.warm, before, &[row(step)]) {
                Ok(folded) => {
                    let what = format!("trapped ({reason}), and did not when asked again");
                    self.findings.add(Kind::Impure, step.line, what);
                    Some(folded)
                }
                Err(fault) => self.failed(step, &fault),
            },
            Err(fault) => self.failed(step, &fault),
        }
    }

    fn failed(&mut self, step: &Step, fault: &Fault) -> Option<Folded> {
        self.findings
            .add(Kind::Failed, step.line, fault.to_string());
        None
    }

    /// After every event, goes back one and several events and folds them again, timelines mixed as they come.
    fn go_back_and_fold_again(&mut self, folded: &[Vec<Point<'_>>]) {
        let indices = folded
            .iter()
            .flat_map(|points| (0..points.len()).map(move |at| (points, at)));
        let mut indices: Vec<_> = indices.collect();
        indices.sort_by_key(|(points, at)| points[*at].step.event.order_key());
        for (points, at) in indices {
            for depth in DEPTHS.into_iter().filter(|depth| *depth <= at + 1) {
                let way = match depth {
                    1 => "folding it again".to_owned(),
                    _ => format!("going back {depth} events and folding them again"),
                };
                if !self.is_same(None, &points[..=at], depth, ALL, &way) {
                    break;
                }
            }
        }
    }

    /// All events of a timeline in calls of several rows, only the last of which gives a state.
    fn fold_in_batches(&mut self, folded: &[Vec<Point<'_>>]) {
        let flags = Flags { mark: false, ..ALL };
        for points in folded {
            for size in BATCHES {
                let way = format!("in calls of {size} rows");
                for start in (0..points.len()).step_by(size) {
                    let end = points.len().min(start + size);
                    if !self.is_same(None, &points[..end], end - start, flags, &way) {
                        break;
                    }
                }
            }
        }
    }

    /// A read must leave the state as it is.
    fn read_without_events(&mut self, folded: &[Vec<Point<'_>>]) {
        let flags = Flags {
            apply: false,
            ..ALL
        };
        for Point {
            key, step, state, ..
        } in folded.iter().flatten()
        {
            let read = Row {
                event: None,
                time: step.event.time(),
                flags,
            };
            match patiently(&mut self.warm, state, &[read]) {
                Ok(folded) => {
                    let after = folded.states.first().map_or(&[][..], |state| &**state);
                    if let Some(what) = state_change(state, after) {
                        let what = format!("key {key}: reading features alone, {what}");
                        self.findings.add(Kind::Impure, step.line, what);
                    }
                }
                Err(fault) => self
                    .findings
                    .add_fault(step.line, "reading features alone", &fault),
            }
        }
    }

    fn fold_on_fresh_instances(&mut self, folded: &[Vec<Point<'_>>], fresh: &mut FeatureSandbox) {
        for points in folded {
            for at in 0..points.len() {
                self.is_same(Some(fresh), &points[..=at], 1, ALL, "on a fresh instance");
            }
        }
    }

    fn time_calls(&mut self, folded: &[Vec<Point<'_>>]) {
        let mut took: Vec<Duration> = Vec::new();
        while took.len() < timing::CALLS && folded.iter().any(|points| !points.is_empty()) {
            for points in folded {
                for (at, point) in points.iter().enumerate() {
                    let before = state_before(points, at);
                    took.push(timed(|| self.warm.fold(before, &[row(point.step)])).1);
                }
            }
        }
        self.timing.note_rows(took);
    }

    /// Folds the last `rows` of these points again, and notes the first thing that is not as it was.
    fn is_same(
        &mut self,
        fresh: Option<&mut FeatureSandbox>,
        points: &[Point<'_>],
        rows: usize,
        flags: Flags,
        way: &str,
    ) -> bool {
        let start = points.len() - rows;
        let (before, again) = (state_before(points, start), &points[start..]);
        let asked: Vec<Row<'_>> = again
            .iter()
            .enumerate()
            .map(|(at, point)| {
                let mut row = row(point.step);
                row.flags.mark = flags.mark || at + 1 == rows;
                row
            })
            .collect();
        let folder = fresh.unwrap_or(&mut self.warm);
        let (folded, took) = timed(|| patiently(folder, before, &asked));
        self.timing.note(rows, took);
        let line = again.last().map_or(0, |point| point.step.line);
        match folded {
            Err(fault) => self.findings.add_fault(line, way, &fault),
            Ok(folded) => match self.difference(again, &folded) {
                None => return true,
                Some((point, what)) => {
                    let what = format!("key {}: {way}, {what}", point.key);
                    self.findings.add(Kind::Impure, point.step.line, what);
                }
            },
        }
        false
    }

    /// The first point of which a fold now gives something else.
    fn difference<'p>(
        &self,
        points: &'p [Point<'p>],
        folded: &Folded,
    ) -> Option<(&'p Point<'p>, String)> {
        let rows = folded.features.chunks(self.names.len());
        let mut features = points.iter().zip(rows);
        let features = features
            .find_map(|(point, now)| Some((point, change(&self.names, &point.features, now)?)));
        // Either every row gave a state, or the last alone.
        let marked = &points[points.len() - folded.states.len()..];
        let mut states = marked.iter().zip(&folded.states);
        features.or_else(|| {
            states.find_map(|(point, now)| Some((point, state_change(&point.state, now)?)))
        })
    }

    fn outcome(self, folded: &[Vec<Point<'_>>]) -> Outcome {
        let points = || folded.iter().flatten();
        let last = points().max_by_key(|point| point.step.event.order_key());
        Outcome {
            rows: self.timelines.events,
            timelines: Some(self.timelines.by_key.len()),
            state_bytes_max: points().map(|point| point.state.len()).max(),
            state_bytes_last: last.map(|point| point.state.len()),
            timing: self.timing,
            findings: self.findings,
        }
    }
}

fn row(step: &Step) -> Row<'_> {
    Row {
        event: Some(&step.event),
        time: step.event.time(),
        flags: Flags {
            apply: step.apply,
            ..ALL
        },
    }
}

/// The state that the event at this place was folded onto.
fn state_before<'p>(points: &'p [Point<'_>], at: usize) -> &'p [u8] {
    let before = at.checked_sub(1).and_then(|at| points.get(at));
    before.map_or(&[], |point| &point.state)
}

fn patiently(folder: &mut FeatureSandbox, state: &[u8], rows: &[Row<'_>]) -> Result<Folded, Fault> {
    let mut folded = folder.fold(state, rows);
    for _ in 1..ATTEMPTS_MAX {
        if !matches!(folded, Err(Fault::Timeout(_))) {
            break;
        }
        folded = folder.fold(state, rows);
    }
    folded
}

fn state_change(before: &[u8], now: &[u8]) -> Option<String> {
    if before == now {
        return None;
    }
    let same = before
        .iter()
        .zip(now)
        .take_while(|(before, now)| before == now)
        .count();
    let (now, before) = (now.len(), before.len());
    Some(format!(
        "the state is another from byte {same} on ({now} bytes, {before} before)"
    ))
}
