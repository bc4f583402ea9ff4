//! The states, and what folds and scores them: the example's own plugins, linked as the Rust they are. Takes events
//! in the order they come; gives decisions. Must not know HTTP or the log.

use anyhow::Context as _;
use customer_spending::{Customer, Spending};
use foreshore_guest::{Event as Folded, Features, Model, Time, Vector};
use fraud_model::FraudModel;
use hashbrown::HashMap;
use serde::Serialize;
use terminal_risk::{Risk, Terminal};

use super::event::{Event, Kind};

/// Scores from here on are reviewed, and declined.
const REVIEW: f64 = 0.05;
const DECLINE: f64 = 0.8;

/// Most reasons of a decision.
const REASONS_MAX: usize = 3;

/// Everything that is known.
pub struct Scoring {
    customers: HashMap<String, Kept<Customer>>,
    terminals: HashMap<String, Kept<Terminal>>,
    /// Where each input of the model stands among the numbers.
    inputs_at: Vec<usize>,
    numbers: Vec<f64>,
    inputs: Vec<f64>,
}

/// What was decided about an event.
#[derive(Serialize)]
pub struct Decision {
    pub score: f64,
    pub outcome: &'static str,
    pub reasons: Vec<Reason>,
}

#[derive(Serialize)]
pub struct Reason {
    pub name: &'static str,
    pub contribution: f64,
}

/// A state, and the time up to which it is folded: what comes late counts as of then.
#[derive(Default)]
struct Kept<S> {
    state: S,
    time: Time,
}

impl<S> Kept<S> {
    fn advance(&mut self, time: Time) -> Time {
        self.time = self.time.max(time);
        self.time
    }
}

impl Scoring {
    /// Nothing is known yet.
    pub fn new() -> anyhow::Result<Scoring> {
        let event = ["event.amount", "event.online"].map(str::to_owned);
        let of = |instance: &str, features: &[foreshore_guest::Feature]| {
            let names = features
                .iter()
                .map(|feature| format!("{instance}.{}", feature.name));
            names.collect::<Vec<_>>()
        };
        let mut names = event.to_vec();
        names.extend(of("customer", Spending::FEATURES));
        names.extend(of("terminal", Risk::FEATURES));
        let place = |input: &&str| {
            let found = names.iter().position(|name| name == input);
            found.with_context(|| format!("no number is called {input}"))
        };
        let inputs_at = FraudModel::INPUTS
            .iter()
            .map(place)
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Scoring {
            customers: HashMap::new(),
            terminals: HashMap::new(),
            inputs: Vec::with_capacity(inputs_at.len()),
            inputs_at,
            numbers: Vec::with_capacity(names.len()),
        })
    }

    /// Folds an event.
    pub fn fold(&mut self, event: &Event<'_>) {
        if event.kind != Kind::Reported {
            self.customer(event);
        }
        self.terminal(event);
    }

    /// Folds an event, and decides about it.
    pub fn score(&mut self, event: &Event<'_>) -> Decision {
        let customer = self.customer(event);
        let spending = customer.state.features(customer.time);
        let terminal = self.terminal(event);
        let risk = terminal.state.features(terminal.time);
        self.numbers.clear();
        self.numbers.push(event.data.amount.unwrap_or(f64::NAN));
        self.numbers
            .push(event.data.online.map_or(f64::NAN, f64::from));
        spending.write(&mut self.numbers);
        risk.write(&mut self.numbers);
        self.inputs.clear();
        let inputs = self.inputs_at.iter().map(|at| self.numbers[*at]);
        self.inputs.extend(inputs);
        let mut contributions = [0.0; FraudModel::REASONS.len()];
        let score = FraudModel::score(&self.inputs, &mut contributions);
        Decision {
            score,
            outcome: match score {
                score if score >= DECLINE => "decline",
                score if score >= REVIEW => "review",
                _ => "approve",
            },
            reasons: reasons(&contributions),
        }
    }

    fn customer(&mut self, event: &Event<'_>) -> &Kept<Customer> {
        let kept = kept(&mut self.customers, &event.data.customer);
        let time = kept.advance(event.time);
        kept.state.fold(&Folded {
            time,
            kind: name(event.kind),
            fields: customer_spending::Payment {
                amount: event.data.amount.unwrap_or(f64::NAN),
                terminal: Some(&event.data.terminal),
                country: event.data.country.as_deref(),
                online: event.data.online.unwrap_or_default(),
            },
        });
        kept
    }

    fn terminal(&mut self, event: &Event<'_>) -> &Kept<Terminal> {
        let kept = kept(&mut self.terminals, &event.data.terminal);
        let time = kept.advance(event.time);
        kept.state.fold(&Folded {
            time,
            kind: name(event.kind),
            fields: terminal_risk::Payment {
                amount: event.data.amount.unwrap_or(f64::NAN),
                customer: Some(&event.data.customer),
                fraud: event.data.fraud.unwrap_or_default(),
            },
        });
        kept
    }
}

/// The state of a key.
fn kept<'a, S: Default>(states: &'a mut HashMap<String, S>, key: &str) -> &'a mut S {
    states.entry_ref(key).or_default()
}

fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Attempted => "payment.attempted",
        Kind::Completed => "payment.completed",
        Kind::Reported => "fraud.reported",
    }
}

/// What raised the score most.
fn reasons(contributions: &[f64]) -> Vec<Reason> {
    let named = FraudModel::REASONS.iter().zip(contributions);
    let raising = named.filter(|(_, contribution)| **contribution > 0.0);
    let mut reasons: Vec<Reason> = raising
        .map(|(name, contribution)| Reason {
            name,
            contribution: *contribution,
        })
        .collect();
    reasons.sort_by(|a, b| b.contribution.total_cmp(&a.contribution));
    reasons.truncate(REASONS_MAX);
    reasons
}
