//! The weights of the model: written by `card-traffic train`, not by hand. One line per input; what the
//! columns mean is told at `Input`, where the score is made of them.

use crate::Input;

/// Log-odds of fraud where every input is at its mean.
pub const INTERCEPT: f64 = -5.500000;

/// The inputs, in the order in which the model takes them.
#[rustfmt::skip] // a table reads by columns
pub const INPUTS: [Input; 12] = [
    Input { name: "event.amount",                 log1p: true,  mean:      3.300000, scale:      0.900000, weight:  0.450000 },
    Input { name: "customer.attempts_10m",        log1p: false, mean:      1.050000, scale:      0.300000, weight:  0.250000 },
    Input { name: "customer.open_1h",             log1p: false, mean:      1.050000, scale:      0.300000, weight:  0.300000 },
    Input { name: "customer.spent_1d",            log1p: true,  mean:      2.500000, scale:      2.000000, weight:  0.150000 },
    Input { name: "customer.amount_ratio",        log1p: true,  mean:      0.700000, scale:      0.400000, weight:  0.500000 },
    Input { name: "customer.terminals_1d",        log1p: false, mean:      1.500000, scale:      0.900000, weight:  0.250000 },
    Input { name: "customer.country_changes_7d",  log1p: true,  mean:      0.100000, scale:      0.300000, weight:  0.400000 },
    Input { name: "customer.known_for",           log1p: true,  mean:     12.500000, scale:      3.000000, weight: -0.200000 },
    Input { name: "terminal.attempts_10m",        log1p: true,  mean:      0.900000, scale:      0.500000, weight:  0.600000 },
    Input { name: "terminal.open_share_1h",       log1p: false, mean:      0.500000, scale:      0.350000, weight:  0.400000 },
    Input { name: "terminal.frauds_28d",          log1p: true,  mean:      0.600000, scale:      0.700000, weight:  0.450000 },
    Input { name: "terminal.fraud_share_28d",     log1p: false, mean:      0.012000, scale:      0.030000, weight:  0.350000 },
];
