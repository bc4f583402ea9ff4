//! A trace of events for a feature plugin: sorts each timeline as the host would, folds it through the bytes of
//! the contract one row a call and again all at once, and compares with what the lines expect.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::error::{TraceError, lines};
use super::layout;
use super::line::{Line, Place};
use super::numbers::fail;
use crate::features::{Features, Folded, fold};
use crate::state::Reader;
use crate::vector::Vector;

/// Most rows of one call, as the contract says.
const ROWS_MAX: usize = 256;

/// Events, one JSON object per line as on the wire: `{"id","source","type","time","sequence"?,"data"}`. A
/// line may add `"expect": {"feature": number or null}`, the features as of its event; null is missing.
#[derive(Debug)]
pub struct Trace {
    path: PathBuf,
    lines: Vec<Line>,
}

/// What one line of a trace gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The line's number in the file, from 1.
    pub line: usize,
    /// The key of its timeline.
    pub key: String,
    /// The features as of its event; NaN is missing.
    pub features: Vec<f64>,
    /// The state after it.
    pub state: Vec<u8>,
}

impl Trace {
    /// Reads a trace; the path is relative to the crate under test.
    ///
    /// # Errors
    /// When the file cannot be read, a line is no event, or two lines have the same source and id.
    pub fn read(path: impl AsRef<Path>) -> Result<Trace, TraceError> {
        let mut known = BTreeSet::new();
        let path = path.as_ref().to_owned();
        let lines = lines(&path, |number, text| {
            let line = Line::parse(number, text)?;
            let Place { source, id, .. } = &line.place;
            match known.insert((source.clone(), id.clone())) {
                true => Ok(line),
                false => Err(format!(
                    "`{source}` has told of `{id}` before; give it an id of its own"
                )),
            }
        })?;
        Ok(Trace { path, lines })
    }

    /// Folds every timeline of the trace and gives one row per line with a key, in the file's order.
    ///
    /// Every event whose type the plugin folds is applied; every line yields features and state.
    ///
    /// # Panics
    /// When a field is not of the kind the plugin reads, or the plugin gives other bytes for all rows at
    /// once than for one row a call: then its state does not hold all that it goes by.
    #[track_caller]
    pub fn run<F: Features>(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        for (key, timeline) in self.timelines(F::KEY) {
            let one_by_one = self.fold::<F>(&timeline, 1);
            let at_once = self.fold::<F>(&timeline, ROWS_MAX);
            for ((line, (features, state)), other) in timeline.iter().zip(one_by_one).zip(at_once) {
                let bits = |features: &[f64]| -> Vec<u64> {
                    features.iter().map(|feature| feature.to_bits()).collect()
                };
                if (bits(&features), &state) != (bits(&other.0), &other.1) {
                    self.fail(
                        line,
                        "folding the rows in one call gives other bytes than one by one",
                    );
                }
                rows.push(Row {
                    line: line.number,
                    key: key.to_owned(),
                    features,
                    state,
                });
            }
        }
        rows.sort_unstable_by_key(|row| row.line);
        rows
    }

    /// Runs the trace and compares with what its lines expect.
    ///
    /// # Panics
    /// When anything differs, with the line, the feature, what was found and what was expected; and as
    /// [`Trace::run`].
    #[track_caller]
    pub fn check<F: Features>(&self) {
        let rows = self.run::<F>();
        let names: Vec<&str> = F::Vector::FEATURES
            .iter()
            .map(|feature| feature.name)
            .collect();
        let mut differences = Vec::new();
        for line in &self.lines {
            let found = match rows.binary_search_by_key(&line.number, |row| row.line) {
                Ok(index) => line.expect.differences(&names, &rows[index].features),
                Err(_) if line.expect.by_name().is_empty() => Vec::new(),
                Err(_) => vec![format!(
                    "an event without `data.{}` has no features",
                    F::KEY
                )],
            };
            differences.extend(found.iter().map(|difference| self.at(line, difference)));
        }
        if !differences.is_empty() {
            fail(&differences.join("\n"));
        }
    }

    /// The events of each key, in their total order.
    fn timelines(&self, key: &str) -> BTreeMap<&str, Vec<&Line>> {
        let mut timelines: BTreeMap<&str, Vec<&Line>> = BTreeMap::new();
        for line in &self.lines {
            if let Some(value) = line.data.get(key).and_then(Value::as_str) {
                timelines.entry(value).or_default().push(line);
            }
        }
        for timeline in timelines.values_mut() {
            timeline.sort_by(|left, right| left.place.cmp(&right.place));
        }
        timelines
    }

    /// Folds a timeline in calls of so many rows; the features and the state of every row.
    #[track_caller]
    fn fold<F: Features>(
        &self,
        timeline: &[&Line],
        rows_a_call: usize,
    ) -> Vec<(Vec<f64>, Vec<u8>)> {
        let mut rows: Vec<(Vec<f64>, Vec<u8>)> = Vec::with_capacity(timeline.len());
        for call in timeline.chunks(rows_a_call) {
            let bytes = match layout::rows::<F>(call) {
                Ok(bytes) => bytes,
                Err(reason) => self.fail(call[0], &reason),
            };
            let before = rows.last().map_or(&[][..], |(_, state)| state);
            let Folded { features, states } = fold::<F>(before, &bytes);
            let mut states = Reader::of(&states);
            for features in features.chunks(F::Vector::FEATURES.len()) {
                let length = u32::from_le_bytes(states.array());
                let state = states.bytes(length as usize);
                rows.push((features.to_vec(), state.to_vec()));
            }
        }
        rows
    }

    fn at(&self, line: &Line, message: &str) -> String {
        format!("{}:{}: {message}", self.path.display(), line.number)
    }

    #[track_caller]
    fn fail(&self, line: &Line, message: &str) -> ! {
        fail(&self.at(line, message))
    }
}
