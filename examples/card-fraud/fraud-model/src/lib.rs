//! How likely a payment is fraud: a logistic model over the event, its customer and its terminal. What raised
//! the score is told in log-odds, summed up under names that a person can act on.

mod weights;

use foreshore_guest::prelude::*;

use weights::{INPUTS, INTERCEPT};

/// One input of the model: how it is brought to a common size, and what it then weighs.
pub struct Input {
    /// Its name in the pipeline.
    pub name: &'static str,
    /// Whether `ln(1 + x)` is taken first, to tame a long tail.
    pub log1p: bool,
    /// Mean of what is then there, over the training.
    pub mean: f64,
    /// Its standard deviation.
    pub scale: f64,
    /// Log-odds of fraud per standard deviation.
    pub weight: f64,
}

/// The model itself; it has no state.
pub struct FraudModel;

/// Scaled inputs count up to this many standard deviations: far beyond all that was trained on, and finite.
const SCALED_MAX: f64 = 50.0;

impl Model for FraudModel {
    const INPUTS: &'static [&'static str] = &names();
    const REASONS: &'static [&'static str] = &[
        "amount",
        "card-testing",
        "location",
        "novelty",
        "spending-pattern",
        "terminal-risk",
    ];

    fn score(inputs: &[f64], contributions: &mut [f64]) -> f64 {
        for ((input, &value), reason) in INPUTS.iter().zip(inputs).zip(REASON_OF) {
            contributions[reason as usize] += input.log_odds(value);
        }
        math::sigmoid(INTERCEPT + contributions.iter().sum::<f64>())
    }
}

impl Input {
    /// How much a value raises the log-odds of fraud; a missing one not at all, as if it were the mean.
    fn log_odds(&self, value: f64) -> f64 {
        if value.is_nan() {
            return 0.0;
        }
        let tamed = match self.log1p {
            true => math::ln_1p(value.max(0.0)),
            false => value,
        };
        let scaled = (tamed - self.mean) / self.scale;
        self.weight * scaled.clamp(-SCALED_MAX, SCALED_MAX)
    }
}

/// Under which name an input's contribution is told, in the order of `REASONS`.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Reason {
    Amount,
    CardTesting,
    Location,
    Novelty,
    SpendingPattern,
    TerminalRisk,
}

/// The reason of every input, found once at compile time.
const REASON_OF: [Reason; INPUTS.len()] = {
    let mut reasons = [Reason::SpendingPattern; INPUTS.len()];
    let mut index = 0;
    while index < INPUTS.len() {
        reasons[index] = reason_of(INPUTS[index].name);
        index += 1;
    }
    reasons
};

/// Which reason an input speaks for. Training decides which inputs there are; a new one goes by whose it is.
const fn reason_of(input: &str) -> Reason {
    match input.as_bytes() {
        b"event.amount" | b"customer.amount_ratio" | b"customer.max_30d" => Reason::Amount,
        b"customer.attempts_10m" | b"customer.attempts_1h" | b"customer.open_1h" => {
            Reason::CardTesting
        }
        b"terminal.attempts_10m" | b"terminal.attempts_1h" | b"terminal.mean_tried_10m" => {
            Reason::CardTesting
        }
        b"terminal.open_share_1h" | b"terminal.customers_1h" => Reason::CardTesting,
        b"event.online" | b"customer.online_share_30d" | b"customer.country_changes_7d" => {
            Reason::Location
        }
        b"customer.terminals_1d" | b"customer.terminals_7d" => Reason::Location,
        b"customer.known_for" | b"customer.since_previous" => Reason::Novelty,
        [b't', b'e', b'r', b'm', b'i', b'n', b'a', b'l', b'.', ..] => Reason::TerminalRisk,
        _ => Reason::SpendingPattern,
    }
}

/// The inputs' names, as the contract asks for them.
const fn names() -> [&'static str; INPUTS.len()] {
    let mut names = [""; INPUTS.len()];
    let mut index = 0;
    while index < INPUTS.len() {
        names[index] = INPUTS[index].name;
        index += 1;
    }
    names
}

export_model!(FraudModel);

#[cfg(test)]
mod tests {
    use super::*;

    fn at_the_mean() -> Vec<f64> {
        let mean = |input: &Input| match input.log1p {
            true => math::exp(input.mean) - 1.0,
            false => input.mean,
        };
        INPUTS.iter().map(mean).collect()
    }

    #[test]
    fn the_score_is_the_intercept_and_what_the_reasons_add() {
        for inputs in [vec![1.0; INPUTS.len()], vec![f64::MAX; INPUTS.len()]] {
            let mut contributions = [0.0; FraudModel::REASONS.len()];
            let score = FraudModel::score(&inputs, &mut contributions);
            assert_eq!(
                score,
                math::sigmoid(INTERCEPT + contributions.iter().sum::<f64>())
            );
            assert!((0.0..=1.0).contains(&score));
        }
    }

    #[test]
    fn missing_inputs_and_mean_inputs_add_nothing() {
        for inputs in [vec![f64::NAN; INPUTS.len()], at_the_mean()] {
            let mut contributions = [0.0; FraudModel::REASONS.len()];
            let score = FraudModel::score(&inputs, &mut contributions);
            assert!((score - math::sigmoid(INTERCEPT)).abs() < 1e-9);
            assert!(contributions.iter().all(|part| part.abs() < 1e-6));
        }
    }

    #[test]
    fn an_input_without_a_reason_of_its_own_goes_by_whose_it_is() {
        assert_eq!(reason_of("terminal.turnover"), Reason::TerminalRisk);
        assert_eq!(reason_of("customer.spent_7d"), Reason::SpendingPattern);
        assert_eq!(
            FraudModel::REASONS[Reason::CardTesting as usize],
            "card-testing"
        );
        assert_eq!(
            FraudModel::REASONS[Reason::TerminalRisk as usize],
            "terminal-risk"
        );
    }
}
