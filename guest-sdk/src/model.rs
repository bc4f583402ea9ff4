//! A model plugin as its author writes it, and the one call the host makes of it: rows of inputs in, rows
//! of scores and contributions out. The same call natively and in a component.

use crate::fault::malformed;
use crate::state::writer::canonical;

/// A pure function from named inputs to a score with reasons.
pub trait Model {
    /// Names of the inputs: `event.<field>`, `<instance>.<feature>`, or a short name where it is unique.
    const INPUTS: &'static [&'static str];
    /// Names of the reasons.
    const REASONS: &'static [&'static str];

    /// The score of one row. `inputs` stand in the order of [`Model::INPUTS`], NaN means missing;
    /// `contributions` start at 0.0 in the order of [`Model::REASONS`]: how much each raised the score, in
    /// the model's own terms. All that is given back must be finite.
    fn score(inputs: &[f64], contributions: &mut [f64]) -> f64;
}

/// Scores row after row: per row the score, then its contributions.
///
/// # Panics
/// When `inputs` are not whole rows, or the model itself panics.
pub fn score<M: Model>(inputs: &[f64]) -> Vec<f64> {
    let rows = inputs.chunks_exact(M::INPUTS.len().max(1));
    if !rows.remainder().is_empty() {
        malformed("inputs", "not whole rows");
    }
    let mut scored = Vec::with_capacity(rows.len() * (1 + M::REASONS.len()));
    let mut contributions = vec![0.0; M::REASONS.len()];
    for row in rows {
        contributions.fill(0.0);
        scored.push(canonical(M::score(row, &mut contributions)));
        scored.extend(contributions.iter().copied().map(canonical));
    }
    scored
}

/// Makes a crate the component of one model plugin. Natively it does nothing.
#[macro_export]
macro_rules! export_model {
    ($model:ty) => {
        #[cfg(target_family = "wasm")]
        const _: () = {
            type Plugin = $crate::component::Exported<$model>;
    $crate::bindings::model::export!(Plugin with_types_in $crate::bindings::model);
        };
    };
}
