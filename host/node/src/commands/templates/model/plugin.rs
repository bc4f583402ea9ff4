//! Scores a payment by a single number: the larger, the riskier.
use foreshore_guest::prelude::*;

pub struct Risk;

impl Model for Risk {
    const INPUTS: &'static [&'static str] = &["model-input"];
    const REASONS: &'static [&'static str] = &["spending"];
    fn score(inputs: &[f64], contributions: &mut [f64]) -> f64 {
        // Missing is NaN, and the larger of it and zero is zero.
        contributions[0] = inputs[0].max(0.0) / 100.0;
        math::sigmoid(contributions[0] - 5.0)
    }
}
export_model!(Risk);
