//! The example's model from generated traffic: the features that the plugins give, the truth about every
//! payment, and the weights that follow. Takes nothing, rewrites `weights.rs`; must not know any feature.

use std::fs;

use anyhow::{Context, Result};

use crate::plugins::build_plugins;
use crate::root;
use crate::run::cargo;

/// Another world than the demo's, so that the demo meets a model that has never seen its frauds.
const SEED: u64 = 1;

/// The threshold that the report marks: `review` in card-fraud.toml.
const REVIEW: f64 = 0.05;

/// Where the events, the truth and the feature rows go.
const FOLDER: &str = "target/train";

/// The crate that generates the traffic and fits the weights.
const CARD_TRAFFIC: &str = "run --locked --release -p card-traffic --";

/// Builds the plugins, replays the traffic through them, and fits the model.
pub(crate) fn train() -> Result<()> {
    build_plugins()?;
    fs::create_dir_all(root().join(FOLDER)).with_context(|| format!("create {FOLDER}"))?;
    let (events, truth) = (
        format!("{FOLDER}/events.ndjson"),
        format!("{FOLDER}/truth.csv"),
    );
    let rows = format!("{FOLDER}/rows.csv");
    let lines = [
        format!("{CARD_TRAFFIC} events --admitted --seed {SEED} --out {events}"),
        format!("{CARD_TRAFFIC} truth --seed {SEED} --out {truth}"),
        format!(
            "run --locked --release -p foreshore -- replay \
             --config examples/card-fraud/card-fraud.toml --events {events} --out {rows}"
        ),
        format!(
            "{CARD_TRAFFIC} train --rows {rows} --truth {truth} \
             --review {REVIEW} --out examples/card-fraud/fraud-model/src/weights.rs"
        ),
    ];
    lines.iter().try_for_each(|line| cargo(line, &[]))
}
