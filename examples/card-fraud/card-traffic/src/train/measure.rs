//! How well scores tell fraud from the rest. Takes scores and what is true; knows nothing of models.

/// What a threshold does: who scores at least so much is looked at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AtThreshold {
    /// Share of the frauds that are looked at.
    pub recall: f64,
    /// Share of the honest that are looked at.
    pub false_positive_rate: f64,
    /// Share of frauds among what is looked at; NaN if nothing is.
    pub precision: f64,
}

/// The probability that a fraud scores higher than an honest one, equal scores counting half: the area
/// under the receiver operating curve. NaN if there are not both.
pub fn area_under_curve(scores: &[f64], frauds: &[bool]) -> f64 {
    let mut ranked: Vec<(f64, bool)> = scores.iter().copied().zip(frauds.iter().copied()).collect();
    ranked.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut honest, mut wins, mut fraud) = (0.0, 0.0, 0.0);
    for equal in ranked.chunk_by(|a, b| a.0 == b.0) {
        let frauds_here = equal.iter().filter(|(_, fraud)| *fraud).count() as f64;
        let honest_here = equal.len() as f64 - frauds_here;
        wins += frauds_here * (honest + honest_here / 2.0);
        honest += honest_here;
        fraud += frauds_here;
    }
    wins / (honest * fraud)
}

/// What this threshold does to these scores.
pub fn at_threshold(scores: &[f64], frauds: &[bool], threshold: f64) -> AtThreshold {
    let count = |wanted: bool, least: f64| {
        let rows = scores.iter().zip(frauds);
        rows.filter(|(score, fraud)| **fraud == wanted && **score >= least)
            .count() as f64
    };
    let (caught, disturbed) = (count(true, threshold), count(false, threshold));
    AtThreshold {
        recall: caught / count(true, f64::NEG_INFINITY),
        false_positive_rate: disturbed / count(false, f64::NEG_INFINITY),
        precision: caught / (caught + disturbed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCORES: [f64; 5] = [0.1, 0.4, 0.4, 0.8, 0.9];
    const FRAUDS: [bool; 5] = [false, false, true, false, true];

    #[test]
    fn the_area_counts_pairs_in_order() {
        // Of 6 pairs, 4 are in order and one is equal.
        assert!((area_under_curve(&SCORES, &FRAUDS) - 4.5 / 6.0).abs() < 1e-12);
        assert!(area_under_curve(&SCORES, &[false; 5]).is_nan());
    }

    #[test]
    fn a_threshold_catches_who_scores_at_least_that() {
        let found = at_threshold(&SCORES, &FRAUDS, 0.8);
        assert_eq!((found.recall, found.precision), (0.5, 0.5));
        assert!((found.false_positive_rate - 1.0 / 3.0).abs() < 1e-12);
    }
}
