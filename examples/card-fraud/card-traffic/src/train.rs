//! Trains the example's logistic model: from the feature rows of a replay and the truth about them to the
//! table of weights. Plain `f64` and software maths, so that the same rows give the same weights anywhere.

mod logistic;

/// How well scores tell fraud from the rest.
pub mod measure;

/// Feature rows, read from a replay's CSV.
pub mod rows;

mod scaling;

/// The table of weights as Rust source.
pub mod weights;

use rows::Rows;
use scaling::Scaling;

/// A trained model.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// Log-odds where every term is at its mean.
    pub intercept: f64,
    /// One term per input that tells something.
    pub terms: Vec<Term>,
}

/// What one input adds: `weight * (transformed - mean) / scale`, and nothing where it is missing.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    /// The input's name.
    pub name: String,
    /// How the input is brought to a common size.
    pub scaling: Scaling,
    /// Log-odds per scaled unit.
    pub weight: f64,
}

/// Training that did not come to an end.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// There is nothing to tell apart.
    #[error("found {frauds} frauds in {rows} rows, expected some of both; replay more traffic")]
    OneKind {
        /// Rows given.
        rows: usize,
        /// Frauds among them.
        frauds: usize,
    },
    /// The weights do not settle.
    #[error("the weights do not settle in {0} steps; use a larger penalty")]
    Unsettled(usize),
}

impl Model {
    /// Trains a model on the rows. `penalty` holds the weights small (L2, in the units of the summed log
    /// loss; 1 is a good start). Inputs that never change or are always missing are left out.
    ///
    /// # Errors
    /// When the rows hold only one kind, or the weights do not settle.
    pub fn train(rows: &Rows, penalty: f64) -> Result<Model, TrainError> {
        let frauds = rows.frauds.iter().filter(|fraud| **fraud).count();
        if frauds == 0 || frauds == rows.frauds.len() {
            return Err(TrainError::OneKind {
                rows: rows.frauds.len(),
                frauds,
            });
        }
        let columns: Vec<(usize, Scaling)> = (0..rows.names.len())
            .filter_map(|column| Some((column, Scaling::of(rows.column(column))?)))
            .collect();
        let scaled: Vec<Vec<f64>> = rows
            .inputs
            .iter()
            .map(|row| {
                columns
                    .iter()
                    .map(|(column, scaling)| scaling.apply(row[*column]))
                    .collect()
            })
            .collect();
        let fitted = logistic::fit(&scaled, &rows.frauds, penalty)?;
        let terms = (columns.into_iter().zip(fitted.weights))
            .map(|((column, scaling), weight)| Term {
                name: rows.names[column].clone(),
                scaling,
                weight,
            })
            .collect();
        Ok(Model {
            intercept: fitted.intercept,
            terms,
        })
    }

    /// The probabilities of fraud for rows that have at least the columns of this model's terms; a column
    /// that is not there counts as missing.
    pub fn scores(&self, rows: &Rows) -> Vec<f64> {
        let column = |term: &Term| rows.names.iter().position(|name| *name == term.name);
        let columns: Vec<Option<usize>> = self.terms.iter().map(column).collect();
        let score = |row: &Vec<f64>| {
            let terms = self.terms.iter().zip(&columns);
            let sum = terms.fold(self.intercept, |sum, (term, column)| {
                let input = column.map_or(f64::NAN, |column| row[column]);
                sum + term.weight * term.scaling.apply(input)
            });
            logistic::sigmoid(sum)
        };
        rows.inputs.iter().map(score).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    /// Rows of which fraud is decided by a model we know.
    fn planted(count: usize) -> Rows {
        let mut random = Random::new(3, "planted");
        let names = ["plain", "heavy", "constant", "noise", "gaps"].map(String::from);
        let mut rows = Rows {
            names: names.to_vec(),
            inputs: Vec::new(),
            frauds: Vec::new(),
        };
        for _ in 0..count {
            let (plain, tail, noise) = (random.normal(), random.normal(), random.normal());
            let gap = if random.chance(0.3) {
                f64::NAN
            } else {
                random.normal()
            };
            let heavy = libm::expm1(libm::fabs(3.0 + tail));
            let known = if gap.is_nan() { 0.0 } else { gap };
            let odds = -2.0 + 1.5 * (10.0 + 2.0 * plain - 10.0) / 2.0 - 0.8 * tail + 0.5 * known;
            rows.inputs
                .push(vec![10.0 + 2.0 * plain, heavy, 4.0, noise, gap]);
            rows.frauds.push(random.chance(logistic::sigmoid(odds)));
        }
        rows
    }

    #[test]
    fn training_recovers_a_planted_model() {
        let rows = planted(20_000);
        let model = Model::train(&rows, 1.0).unwrap();
        let found: Vec<(&str, bool, f64)> = (model.terms.iter())
            .map(|term| (term.name.as_str(), term.scaling.log1p, term.weight))
            .collect();
        let expected = [
            ("plain", false, 1.5),
            ("heavy", true, -0.8),
            ("noise", false, 0.0),
            ("gaps", false, 0.5),
        ];
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            assert_eq!((found.0, found.1), (expected.0, expected.1));
            assert!(
                (found.2 - expected.2).abs() < 0.08,
                "{found:?}, expected {expected:?}"
            );
        }
        assert!((model.intercept + 2.0).abs() < 0.08, "{}", model.intercept);
        assert_eq!(Model::train(&rows, 1.0).unwrap(), model);
    }

    #[test]
    fn a_column_that_is_not_there_counts_as_missing() {
        let rows = planted(2_000);
        let model = Model::train(&rows, 1.0).unwrap();
        let mut without = rows.clone();
        without.names[0] = "other".into();
        let mut missing = rows;
        missing.inputs.iter_mut().for_each(|row| row[0] = f64::NAN);
        assert_eq!(model.scores(&without), model.scores(&missing));
    }

    #[test]
    fn rows_of_one_kind_are_refused() {
        let mut rows = planted(50);
        rows.frauds.fill(false);
        let error = Model::train(&rows, 1.0).unwrap_err().to_string();
        assert!(error.starts_with("found 0 frauds in 50 rows, expected some of both"));
    }
}
