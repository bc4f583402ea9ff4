//! The TOML file, and what can be checked of it without other files. Whatever it says, it is refused with a
//! place, or holds: every number in it means what whoever reads it takes it to mean.

use std::path::Path;

use foreshore::config::pipeline::Amend;
use foreshore::config::{Config, ConfigError, PipelineConfig, parse};
use foreshore::load::{check, storage};

use crate::memory::within;

/// Parses and checks a file's text.
pub fn run(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else {
        return;
    };
    let file = Path::new("node.toml");
    // A table costs some hundred bytes, and can be written in three.
    let read = within((1 << 20) + 1_000 * text.len(), || {
        let config = parse(file, text)?;
        check(file, &config)?;
        Ok(config)
    });
    match read {
        Ok(config) => holds(file, &config),
        Err(error) => is_told(&error, text),
    }
}

/// An error names the file and the place.
fn is_told(error: &ConfigError, text: &str) {
    let told = error.to_string();
    assert!(told.starts_with("node.toml:"), "{told}");
    match error {
        ConfigError::Unreadable { .. } => panic!("no file is read: {told}"),
        ConfigError::Malformed { line, reason, .. } => {
            let lines = 1 + text.matches('\n').count();
            assert!((1..=lines).contains(line), "{told}");
            assert!(!reason.is_empty(), "{told}");
        }
        ConfigError::Wrong { key, reason, .. } => {
            assert!(!key.is_empty() && !reason.is_empty(), "{told}");
        }
    }
}

fn holds(file: &Path, config: &Config) {
    for (name, pipeline) in &config.pipelines {
        storage(file, config, name);
        finite(pipeline);
        assert!(pipeline.future_max.0.0 >= 0);
        assert!(!pipeline.scored.is_empty());
    }
}

/// No threshold is a number that no score can be held against.
fn finite(pipeline: &PipelineConfig) {
    let decide = &pipeline.decide;
    let delta = match pipeline.amend {
        Amend::ScoreDelta(delta) => Some(delta),
        Amend::Outcome | Amend::All => None,
    };
    assert!(delta.is_none_or(|delta| delta >= 0.0), "{delta:?}");
    let bounds = pipeline
        .fields
        .values()
        .flat_map(|field| [field.min, field.max]);
    let thresholds = [decide.review, decide.decline, delta];
    let mut numbers = bounds.chain(thresholds).flatten();
    assert!(numbers.all(f64::is_finite), "{pipeline:?}");
    if let (Some(review), Some(decline)) = (decide.review, decide.decline) {
        assert!(review <= decline);
    }
}
