//! Whether the arms say the same: what is faster and wrong is not faster. Payments in order, one after the other, to
//! the pipeline by hand and to the product; every score must have the same bits.

use anyhow::{Context as _, ensure};
use serde_json::Value;

use super::{Arms, Bench};
use crate::report::Section;

/// Payments that are compared.
const COMPARED: usize = 500;

/// Compares what the arms say.
pub(super) fn check(bench: &Bench, arms: &mut Arms, section: Section) -> anyhow::Result<Section> {
    let Some(node) = arms.foreshore.first_mut() else {
        return Ok(section);
    };
    for number in 0..COMPARED {
        let said = node.arm.score(&bench.rows)?;
        let expected = score(&said)?;
        for arm in &mut arms.handwritten {
            let found = score(&arm.score(&bench.rows)?)?;
            ensure!(
                found.to_bits() == expected.to_bits(),
                "payment {number}: {} says {found}, {} says {expected}",
                arm.name,
                node.arm.name
            );
        }
    }
    Ok(section.saying(format!(
        "{COMPARED} payments in order have the same score, to the last bit, by hand and from foreshore."
    )))
}

fn score(answer: &str) -> anyhow::Result<f64> {
    let answer: Value = serde_json::from_str(answer)?;
    answer["score"]
        .as_f64()
        .with_context(|| format!("no score in {answer}"))
}
