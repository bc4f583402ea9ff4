//! What people want to know of a training: how well it would have done on what came after. Takes rows;
//! writes a short table; the weights themselves are written elsewhere.

use std::io::Write;

use card_traffic::train::Model;
use card_traffic::train::measure::{area_under_curve, at_threshold};
use card_traffic::train::rows::Rows;

/// Share of the rows, from the first, that the reported model is trained on; it is measured on the rest.
const TRAINED_SHARE: f64 = 0.7;

/// Trains on the earlier rows, and writes how that does on the later ones.
///
/// # Errors
/// When there is not enough to train on, or writing fails.
pub fn held_out(rows: Rows, penalty: f64, review: f64, to: &mut impl Write) -> anyhow::Result<()> {
    let (before, after) = rows.split(TRAINED_SHARE);
    let model = Model::train(&before, penalty)?;
    let scores = model.scores(&after);
    let frauds = after.frauds.iter().filter(|fraud| **fraud).count();
    writeln!(
        to,
        "trained on {} rows, measured on the {} after them, {frauds} of them fraud",
        before.inputs.len(),
        after.inputs.len()
    )?;
    writeln!(
        to,
        "area under curve {:.4}",
        area_under_curve(&scores, &after.frauds)
    )?;
    writeln!(
        to,
        "{:>10} {:>8} {:>16} {:>10}",
        "threshold", "recall", "false positives", "precision"
    )?;
    let mut thresholds = vec![0.02, 0.05, 0.1, 0.2, 0.5, 0.8, review];
    thresholds.sort_by(f64::total_cmp);
    thresholds.dedup();
    for threshold in thresholds {
        let found = at_threshold(&scores, &after.frauds, threshold);
        let mark = if threshold == review {
            "  <- review"
        } else {
            ""
        };
        writeln!(
            to,
            "{threshold:>10} {:>7.1}% {:>15.2}% {:>9.1}%{mark}",
            found.recall * 100.0,
            found.false_positive_rate * 100.0,
            found.precision * 100.0
        )?;
    }
    Ok(())
}
