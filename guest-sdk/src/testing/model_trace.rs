//! A trace of inputs for a model plugin: scores each line through the call of the contract, and compares with
//! what the lines expect.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::error::{TraceError, lines};
use super::numbers::{Numbers, fail};
use crate::model::{Model, score};

/// Inputs, one JSON object per line: `{"inputs": {"name": number or null}, "expect": {"score": number,
/// "reason": number}}`. An input that is null or left out is missing; `expect` names what is checked.
#[derive(Debug)]
pub struct ModelTrace {
    path: PathBuf,
    lines: Vec<Line>,
}

#[derive(Debug)]
struct Line {
    number: usize,
    inputs: Numbers,
    expect: Numbers,
}

impl ModelTrace {
    /// Reads a trace; the path is relative to the crate under test.
    ///
    /// # Errors
    /// When the file cannot be read or a line does not hold inputs.
    pub fn read(path: impl AsRef<Path>) -> Result<ModelTrace, TraceError> {
        let path = path.as_ref().to_owned();
        let lines = lines(&path, |number, text| {
            let line: Map<String, Value> = serde_json::from_str(text)
                .map_err(|error| format!("not a JSON object: {error}"))?;
            Ok(Line {
                number,
                inputs: Numbers::of(&line, "inputs")?,
                expect: Numbers::of(&line, "expect")?,
            })
        })?;
        Ok(ModelTrace { path, lines })
    }

    /// Scores every line: the score and then the contributions, per line.
    ///
    /// # Panics
    /// When a line names an input the model does not have, or a number that the model gives is not finite.
    #[track_caller]
    pub fn run<M: Model>(&self) -> Vec<Vec<f64>> {
        let mut scored = Vec::with_capacity(self.lines.len());
        for line in &self.lines {
            let mut inputs = vec![f64::NAN; M::INPUTS.len()];
            for (name, value) in line.inputs.by_name() {
                match M::INPUTS.iter().position(|input| input == name) {
                    Some(index) => inputs[index] = value.unwrap_or(f64::NAN),
                    None => fail(&self.at(line, &format!("the model has no input `{name}`"))),
                }
            }
            let numbers = score::<M>(&inputs);
            if !numbers.iter().all(|number| number.is_finite()) {
                fail(&self.at(
                    line,
                    &format!("score and contributions must be finite: {numbers:?}"),
                ));
            }
            scored.push(numbers);
        }
        scored
    }

    /// Runs the trace and compares with what its lines expect.
    ///
    /// # Panics
    /// When anything differs, with the line, what was found and what was expected; and as
    /// [`ModelTrace::run`].
    #[track_caller]
    pub fn check<M: Model>(&self) {
        let names: Vec<&str> = [&["score"], M::REASONS].concat();
        let mut differences = Vec::new();
        for (line, found) in self.lines.iter().zip(self.run::<M>()) {
            let found = line.expect.differences(&names, &found);
            differences.extend(found.iter().map(|difference| self.at(line, difference)));
        }
        if !differences.is_empty() {
            fail(&differences.join("\n"));
        }
    }

    fn at(&self, line: &Line, message: &str) -> String {
        format!("{}:{}: {message}", self.path.display(), line.number)
    }
}
