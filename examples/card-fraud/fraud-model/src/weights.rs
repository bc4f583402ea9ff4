//! The weights of the model: written by `card-traffic train`, not by hand. One line per input; what the
//! columns mean is told at `Input`, where the score is made of them.

use crate::Input;

/// Log-odds of fraud where every input is at its mean.
pub const INTERCEPT: f64 = -6.001318;

/// The inputs, in the order in which the model takes them.
#[rustfmt::skip] // a table reads by columns
pub const INPUTS: [Input; 32] = [
    Input { name: "event.amount",                log1p: true,  mean:      3.277873, scale:      0.767343, weight: -1.419289 },
    Input { name: "customer.attempts_10m",       log1p: true,  mean:      0.719652, scale:      0.103180, weight: -0.317834 },
    Input { name: "customer.attempts_1h",        log1p: true,  mean:      0.802489, scale:      0.206286, weight: -0.103747 },
    Input { name: "customer.attempts_1d",        log1p: false, mean:      3.803225, scale:      1.932587, weight:  0.137807 },
    Input { name: "customer.open_1h",            log1p: true,  mean:      0.704028, scale:      0.066430, weight: -0.005955 },
    Input { name: "customer.open_share_1d",      log1p: false, mean:      0.378230, scale:      0.237733, weight:  1.177528 },
    Input { name: "customer.completed_1d",       log1p: false, mean:      2.709340, scale:      1.871181, weight: -0.124725 },
    Input { name: "customer.spent_1h",           log1p: true,  mean:      0.748447, scale:      1.463703, weight:  0.411679 },
    Input { name: "customer.spent_1d",           log1p: true,  mean:      3.881797, scale:      1.533262, weight:  1.136264 },
    Input { name: "customer.spent_7d",           log1p: false, mean:    583.469745, scale:    404.366609, weight:  0.133830 },
    Input { name: "customer.mean_30d",           log1p: false, mean:     34.637259, scale:     16.314778, weight:  0.216722 },
    Input { name: "customer.deviation_30d",      log1p: false, mean:     24.086811, scale:     14.154805, weight: -0.003918 },
    Input { name: "customer.max_30d",            log1p: true,  mean:      4.597788, scale:      0.616483, weight:  0.566376 },
    Input { name: "customer.amount_ratio",       log1p: true,  mean:      0.650553, scale:      0.334485, weight:  1.904589 },
    Input { name: "customer.terminals_1d",       log1p: false, mean:      3.181399, scale:      1.514885, weight:  0.351041 },
    Input { name: "customer.terminals_7d",       log1p: false, mean:      9.985107, scale:      3.825836, weight:  0.444265 },
    Input { name: "customer.since_previous",     log1p: true,  mean:      9.282226, scale:      1.911246, weight:  0.027863 },
    Input { name: "customer.online_share_30d",   log1p: false, mean:      0.230336, scale:      0.146318, weight: -0.403336 },
    Input { name: "customer.country_changes_7d", log1p: false, mean:      9.829716, scale:      5.713267, weight: -0.230213 },
    Input { name: "customer.known_for",          log1p: false, mean: 1174811.471639, scale: 699245.416292, weight: -0.776721 },
    Input { name: "terminal.attempts_10m",       log1p: true,  mean:      0.758704, scale:      0.171086, weight:  0.611458 },
    Input { name: "terminal.attempts_1h",        log1p: false, mean:      1.817591, scale:      1.043653, weight:  0.993605 },
    Input { name: "terminal.mean_tried_10m",     log1p: true,  mean:      3.292980, scale:      0.749971, weight: -0.183253 },
    Input { name: "terminal.open_share_1h",      log1p: false, mean:      0.716707, scale:      0.292604, weight:  0.755882 },
    Input { name: "terminal.customers_1h",       log1p: true,  mean:      0.958236, scale:      0.306994, weight: -0.853099 },
    Input { name: "terminal.customers_1d",       log1p: false, mean:      8.569546, scale:      3.845459, weight: -0.474780 },
    Input { name: "terminal.completed_1d",       log1p: false, mean:      8.658817, scale:      4.043153, weight:  0.591400 },
    Input { name: "terminal.mean_7d",            log1p: false, mean:     34.659846, scale:     15.134240, weight: -0.319405 },
    Input { name: "terminal.turnover",           log1p: false, mean:   2070.895274, scale:   1465.523958, weight:  0.447141 },
    Input { name: "terminal.frauds_28d",         log1p: true,  mean:      0.235632, scale:      0.597320, weight:  0.382896 },
    Input { name: "terminal.fraud_share_28d",    log1p: true,  mean:      0.003816, scale:      0.016631, weight:  0.150233 },
    Input { name: "terminal.since_fraud",        log1p: false, mean: 358324.363326, scale: 336790.824030, weight: -0.328382 },
];
