//! Stage 6 of the path: a score to an outcome by the pipeline's thresholds, and what to answer when there
//! is no score. Knows nothing of models.

/// What to do about the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Let it pass.
    Approve,
    /// Have somebody look at it.
    Review,
    /// Refuse it.
    Decline,
}

impl Outcome {
    /// Its name on the wire and in configuration.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Approve => "approve",
            Outcome::Review => "review",
            Outcome::Decline => "decline",
        }
    }
}

/// Thresholds and fallback.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Policy {
    /// Scores from here on are reviewed; none: never.
    pub review: Option<f64>,
    /// Scores from here on are declined; none: never.
    pub decline: Option<f64>,
    /// The outcome when a plugin gave no answer.
    pub fallback: Outcome,
    /// Most reasons of an answer.
    pub reasons_max: usize,
}

impl Policy {
    /// The outcome of a score; without one, the fallback.
    pub fn outcome(&self, score: Option<f64>) -> Outcome {
        let reaches =
            |threshold: Option<f64>, score: f64| threshold.is_some_and(|from| score >= from);
        match score {
            None => self.fallback,
            Some(score) if reaches(self.decline, score) => Outcome::Decline,
            Some(score) if reaches(self.review, score) => Outcome::Review,
            Some(_) => Outcome::Approve,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threshold_itself_is_reached() {
        let policy = Policy {
            review: Some(0.5),
            decline: Some(0.9),
            fallback: Outcome::Review,
            reasons_max: 3,
        };
        let outcomes =
            [0.4999, 0.5, 0.8999, 0.9, 1.0].map(|score| policy.outcome(Some(score)).name());
        assert_eq!(
            outcomes,
            ["approve", "review", "review", "decline", "decline"]
        );
        assert_eq!(policy.outcome(None), Outcome::Review);
    }
}
