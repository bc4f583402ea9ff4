//! The weights of the model: written by `card-traffic train`, not by hand. One line per input; what the
//! columns mean is told at `Input`, where the score is made of them.

use crate::Input;

/// Log-odds of fraud where every input is at its mean.
pub const INTERCEPT: f64 = -7.387779;

/// The inputs, in the order in which the model takes them.
#[rustfmt::skip] // a table reads by columns
pub const INPUTS: [Input; 33] = [
    Input { name: "event.amount",                log1p: true,  mean:      3.219958, scale:      0.779351, weight: -2.693755 },
    Input { name: "event.online",                log1p: false, mean:      0.232758, scale:      0.422589, weight:  0.145008 },
    Input { name: "customer.attempts_10m",       log1p: true,  mean:      0.717909, scale:      0.099763, weight: -0.009760 },
    Input { name: "customer.attempts_1h",        log1p: true,  mean:      0.797593, scale:      0.199648, weight: -0.512515 },
    Input { name: "customer.attempts_1d",        log1p: false, mean:      3.747331, scale:      1.892438, weight: -0.354807 },
    Input { name: "customer.open_1h",            log1p: true,  mean:      0.703115, scale:      0.063201, weight:  0.094064 },
    Input { name: "customer.open_share_1d",      log1p: false, mean:      0.383677, scale:      0.242543, weight:  1.320207 },
    Input { name: "customer.completed_1d",       log1p: false, mean:      2.658363, scale:      1.829567, weight:  0.080354 },
    Input { name: "customer.spent_1h",           log1p: true,  mean:      0.710765, scale:      1.418916, weight:  0.850058 },
    Input { name: "customer.spent_1d",           log1p: true,  mean:      3.781707, scale:      1.551893, weight:  1.675910 },
    Input { name: "customer.spent_7d",           log1p: false, mean:    555.964493, scale:    430.878943, weight: -0.506460 },
    Input { name: "customer.mean_30d",           log1p: true,  mean:      3.423709, scale:      0.467761, weight:  0.820488 },
    Input { name: "customer.deviation_30d",      log1p: true,  mean:      2.988903, scale:      0.660817, weight:  2.829996 },
    Input { name: "customer.max_30d",            log1p: true,  mean:      4.517513, scale:      0.625683, weight: -1.475612 },
    Input { name: "customer.amount_ratio",       log1p: true,  mean:      0.648135, scale:      0.333888, weight:  3.467911 },
    Input { name: "customer.terminals_1d",       log1p: false, mean:      3.138069, scale:      1.484636, weight:  0.733514 },
    Input { name: "customer.terminals_7d",       log1p: false, mean:      9.830263, scale:      3.750114, weight:  1.120251 },
    Input { name: "customer.since_previous",     log1p: true,  mean:      9.313768, scale:      1.898456, weight:  0.557879 },
    Input { name: "customer.online_share_30d",   log1p: false, mean:      0.231883, scale:      0.147994, weight: -0.215288 },
    Input { name: "customer.country_changes_7d", log1p: false, mean:      9.919276, scale:      5.638323, weight: -0.593351 },
    Input { name: "customer.known_for",          log1p: false, mean: 1170176.875407, scale: 693757.858158, weight:  0.218167 },
    Input { name: "terminal.attempts_10m",       log1p: true,  mean:      0.756064, scale:      0.167753, weight:  0.557195 },
    Input { name: "terminal.attempts_1h",        log1p: true,  mean:      0.979795, scale:      0.319891, weight:  2.120672 },
    Input { name: "terminal.mean_tried_10m",     log1p: true,  mean:      3.232565, scale:      0.763335, weight: -0.678995 },
    Input { name: "terminal.open_share_1h",      log1p: false, mean:      0.716888, scale:      0.292922, weight:  1.523896 },
    Input { name: "terminal.customers_1h",       log1p: true,  mean:      0.959357, scale:      0.306423, weight: -1.311124 },
    Input { name: "terminal.customers_1d",       log1p: false, mean:      8.488986, scale:      3.811124, weight:  0.239052 },
    Input { name: "terminal.completed_1d",       log1p: false, mean:      8.582729, scale:      4.044717, weight: -0.424543 },
    Input { name: "terminal.mean_7d",            log1p: true,  mean:      3.426798, scale:      0.447462, weight: -0.187835 },
    Input { name: "terminal.turnover",           log1p: true,  mean:      7.231025, scale:      1.057859, weight:  0.123738 },
    Input { name: "terminal.frauds_28d",         log1p: true,  mean:      0.210910, scale:      0.500714, weight: -0.529376 },
    Input { name: "terminal.fraud_share_28d",    log1p: true,  mean:      0.002796, scale:      0.009344, weight:  0.589013 },
    Input { name: "terminal.since_fraud",        log1p: false, mean: 514418.284439, scale: 443226.187001, weight: -0.699635 },
];
