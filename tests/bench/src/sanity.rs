//! Whether what came out can be true: ratios between arms of one run, within wide bounds, never a time. A bench that
//! measured nothing, or its own client, is found here.

use anyhow::ensure;

use crate::figure::Figures;
use crate::parts::ratio;

/// What one arm must be of another: arm, other, least, most.
const RATIOS: [(&str, &str, f64, f64); 5] = [
    // Nothing that does the work is faster than what does none of it, but for the noise of short rounds.
    ("handwritten", "floor", 0.01, 1.2),
    ("foreshore", "floor", 0.01, 1.2),
    ("foreshore", "handwritten", 0.02, 2.0),
    ("foreshore, 200 trees", "floor", 0.01, 1.2),
    // A fresh instance for every call is never a gain.
    ("foreshore, per call", "foreshore", 0.02, 1.2),
];

/// Most answers that may be anything but good, in percent.
const NOT_GOOD: f64 = 1.0;

/// Checks what was measured, with so many times as wide bounds; what was not is not missed.
pub fn check(figures: &Figures, slack: f64) -> anyhow::Result<()> {
    for figure in figures.iter() {
        let all = figure
            .rounds
            .iter()
            .all(|value| value.is_finite() && *value >= 0.0);
        ensure!(all, "not a figure: {figure:?}");
    }
    for part in ["ceiling", "latency"] {
        for figure in figures.of(part, "not good, %") {
            let worst = figure.spread().most;
            ensure!(
                worst <= NOT_GOOD,
                "{worst} % of the answers were not good: {figure:?}"
            );
        }
    }
    for figure in figures.of("deploys", "dropped") {
        let most = figure.spread().most;
        ensure!(most == 0.0, "{most} requests were dropped by deploys");
    }
    for (arm, other, least, most) in RATIOS {
        if let Some((_, ratio)) = ratio(figures, arm, other) {
            ensure!(
                (least / slack..=most * slack).contains(&ratio.median),
                "{arm} over {other} is {ratio}, expected {least} to {most}, or {slack} times as far"
            );
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(floor: f64, foreshore: f64) -> Figures {
        let mut figures = Figures::default();
        for (arm, value) in [("floor", floor), ("foreshore", foreshore)] {
            figures.note("ceiling", arm, 64.0, "answers/s", value);
        }
        figures
    }

    #[test]
    fn what_does_the_work_is_not_faster_than_what_does_none_of_it() {
        assert!(check(&figures(100.0, 50.0), 1.0).is_ok());
        assert!(check(&figures(100.0, 150.0), 1.0).is_err());
        assert!(check(&figures(100.0, 150.0), 2.0).is_ok());
        assert!(check(&figures(100.0, 0.1), 1.0).is_err());
    }

    #[test]
    fn what_is_no_number_is_found() {
        assert!(check(&figures(100.0, f64::NAN), 1.0).is_err());
    }
}
