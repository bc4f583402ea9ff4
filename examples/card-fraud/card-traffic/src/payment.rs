//! A payment as it truly happened, before any device told of it: the ground truth. Knows nothing of clocks,
//! events or delivery.

use foreshore_event::Time;

/// One attempt to pay.
#[derive(Clone, Debug)]
pub struct Payment {
    /// When it truly happened.
    pub time: Time,
    /// Index of the customer whose card it is.
    pub customer: usize,
    /// Index of the terminal.
    pub terminal: usize,
    /// What was to be paid, in cents of a euro.
    pub cents: i64,
    /// Whether the card's bank let it pass.
    pub approved: bool,
    /// Set when it was not the customer who paid.
    pub fraud: Option<Fraud>,
}

/// Kinds of fraud.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fraud {
    /// One of many small attempts that find out which cards work.
    CardTesting,
    /// A stolen card, spent in a hurry.
    StolenCard,
    /// A card copied at a terminal and used there again.
    CompromisedTerminal,
}

impl Fraud {
    /// The kinds, in the order of their declaration.
    pub const ALL: [Fraud; 3] = [
        Fraud::CardTesting,
        Fraud::StolenCard,
        Fraud::CompromisedTerminal,
    ];

    /// What files and people call it.
    pub fn name(self) -> &'static str {
        match self {
            Fraud::CardTesting => "card-testing",
            Fraud::StolenCard => "stolen-card",
            Fraud::CompromisedTerminal => "compromised-terminal",
        }
    }
}

/// EUR to cents, at least one and at most 5,000 EUR: what a card's daily limit lets through.
pub fn cents(euros: f64) -> i64 {
    ((euros * 100.0) as i64).clamp(1, 500_000)
}
