//! Whether every answer still stands: what was acknowledged before a kill is what the node says afterwards.
//! Takes the decisions as they are in the end, and what was told; gives how many answers were compared.

use anyhow::{Context as _, ensure};

use crate::finals::Settled;
use crate::told::Told;
use crate::wire::Verdict;

/// Compares every first answer with the revision of its decision that it told of.
///
/// # Errors
/// When one is not there, or says something else.
pub fn still_stand(settled: &[Settled], told: &Told<'_>) -> anyhow::Result<usize> {
    let mut compared = 0;
    for settled in settled {
        let Some(word) = told.about(&settled.attempt) else {
            continue;
        };
        let (decision, said) = (&settled.decision, &word.first.said);
        let mut revisions = decision.revisions.iter();
        let kept = revisions
            .find(|kept| kept.revision == said.revision)
            .with_context(|| {
                let (decision, number) = (&decision.decision, said.revision);
                format!("revision {number} of {decision} was answered, and is lost")
            })?;
        ensure!(
            bits(kept.verdict) == bits(said.verdict)
                && kept.verdict.outcome == said.verdict.outcome,
            "revision {} of {} was answered as {:?}, and has come to be {:?}",
            said.revision,
            decision.decision,
            said.verdict,
            kept.verdict
        );
        compared += 1;
    }
    ensure!(
        compared == told.words().len(),
        "{} payments were answered, but only {compared} are there",
        told.words().len()
    );
    Ok(compared)
}

fn bits(verdict: Verdict) -> Option<u64> {
    verdict.score.map(f64::to_bits)
}
