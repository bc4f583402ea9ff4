//! Logistic regression by Newton's method. Takes scaled rows without gaps and what each was, gives weights;
//! must not know what the columns are called.

use super::TrainError;

/// Newton settles in some ten steps where it settles at all.
const STEPS_MAX: usize = 100;

/// Weights that move less than this have settled.
const STEP_MIN: f64 = 1e-9;

/// A fitted regression.
pub struct Fitted {
    /// Log-odds of a row of zeros.
    pub intercept: f64,
    /// Log-odds per unit, column by column.
    pub weights: Vec<f64>,
}

/// The weights that make `outcomes` most likely, under `penalty` (L2, not on the intercept).
///
/// # Errors
/// When the weights do not settle.
pub fn fit(rows: &[Vec<f64>], outcomes: &[bool], penalty: f64) -> Result<Fitted, TrainError> {
    let width = rows.first().map_or(0, Vec::len) + 1;
    let mut weights = vec![0.0; width];
    let mut loss = loss_of(rows, outcomes, &weights, penalty);
    for _ in 0..STEPS_MAX {
        let mut step = newton(rows, outcomes, &weights, penalty);
        // A full step can overshoot far from the optimum; half of it, often enough, cannot.
        let (next, next_loss) = loop {
            let next: Vec<f64> = weights.iter().zip(&step).map(|(w, s)| w - s).collect();
            let next_loss = loss_of(rows, outcomes, &next, penalty);
            if next_loss <= loss || largest(&step) < STEP_MIN {
                break (next, next_loss);
            }
            step.iter_mut().for_each(|part| *part /= 2.0);
        };
        (weights, loss) = (next, next_loss);
        if largest(&step) < STEP_MIN {
            let intercept = weights.remove(0);
            return Ok(Fitted { intercept, weights });
        }
    }
    Err(TrainError::Unsettled(STEPS_MAX))
}

/// The logistic function.
pub fn sigmoid(odds: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-odds))
}

fn largest(step: &[f64]) -> f64 {
    step.iter()
        .fold(0.0, |largest, part| libm::fmax(largest, libm::fabs(*part)))
}

/// A row's log-odds; the intercept is the first weight.
fn odds(row: &[f64], weights: &[f64]) -> f64 {
    let products = row
        .iter()
        .zip(&weights[1..])
        .map(|(value, weight)| value * weight);
    weights[0] + products.sum::<f64>()
}

fn loss_of(rows: &[Vec<f64>], outcomes: &[bool], weights: &[f64], penalty: f64) -> f64 {
    let likelihood = |(row, outcome): (&Vec<f64>, &bool)| {
        let against = if *outcome {
            -odds(row, weights)
        } else {
            odds(row, weights)
        };
        // ln(1 + e^x) without overflow.
        libm::fmax(against, 0.0) + libm::log1p(libm::exp(-libm::fabs(against)))
    };
    let squares: f64 = weights[1..].iter().map(|weight| weight * weight).sum();
    rows.iter().zip(outcomes).map(likelihood).sum::<f64>() + penalty * squares / 2.0
}

/// The Newton step: the inverse curvature times the gradient.
fn newton(rows: &[Vec<f64>], outcomes: &[bool], weights: &[f64], penalty: f64) -> Vec<f64> {
    let width = weights.len();
    let mut gradient = vec![0.0; width];
    let mut curvature = vec![vec![0.0; width]; width];
    let mut with_one = vec![1.0; width];
    for (row, outcome) in rows.iter().zip(outcomes) {
        with_one[1..].copy_from_slice(row);
        let chance = sigmoid(odds(row, weights));
        let error = chance - f64::from(u8::from(*outcome));
        let spread = chance * (1.0 - chance);
        for (i, value) in with_one.iter().enumerate() {
            gradient[i] += error * value;
            for (sum, other) in curvature[i].iter_mut().zip(&with_one[..=i]) {
                *sum += spread * value * other;
            }
        }
    }
    for i in 0..width {
        let penalty = if i == 0 { 0.0 } else { penalty };
        gradient[i] += penalty * weights[i];
        // The ridge of 1e-9 keeps the curvature positive where there is no penalty.
        curvature[i][i] += penalty + 1e-9;
    }
    solve(curvature, gradient)
}

/// Solves `matrix * x = right` for a positive definite matrix of which the lower half is given (Cholesky).
fn solve(mut matrix: Vec<Vec<f64>>, mut right: Vec<f64>) -> Vec<f64> {
    let width = right.len();
    for i in 0..width {
        for j in 0..=i {
            let dot: f64 = (0..j).map(|k| matrix[i][k] * matrix[j][k]).sum();
            let rest = matrix[i][j] - dot;
            matrix[i][j] = if i == j {
                libm::sqrt(rest)
            } else {
                rest / matrix[j][j]
            };
        }
    }
    for i in 0..width {
        let dot: f64 = (0..i).map(|k| matrix[i][k] * right[k]).sum();
        right[i] = (right[i] - dot) / matrix[i][i];
    }
    for i in (0..width).rev() {
        let dot: f64 = (i + 1..width).map(|k| matrix[k][i] * right[k]).sum();
        right[i] = (right[i] - dot) / matrix[i][i];
    }
    right
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_of_equations_is_solved() {
        let matrix = vec![vec![4.0, 0.0], vec![2.0, 3.0]];
        let solution = solve(matrix, vec![10.0, 8.0]);
        assert!((solution[0] - 1.75).abs() < 1e-12 && (solution[1] - 1.5).abs() < 1e-12);
    }

    #[test]
    fn without_columns_the_intercept_is_the_share() {
        let rows = vec![Vec::new(); 4];
        let fitted = fit(&rows, &[true, false, false, false], 1.0).unwrap_or_else(|_| panic!());
        assert!((sigmoid(fitted.intercept) - 0.25).abs() < 1e-9);
    }

    #[test]
    fn a_penalty_keeps_separable_rows_finite() {
        let rows = vec![vec![-1.0], vec![1.0]];
        let fitted = fit(&rows, &[false, true], 1.0).unwrap_or_else(|_| panic!());
        assert!(fitted.weights[0] > 0.1 && fitted.weights[0] < 2.0);
    }
}
