//! A pipeline's settings that stand for themselves: limits, thresholds, what is published. From
//! configuration to what the core and the sandbox run by; knows nothing of plugins.

use foreshore_core::{AmendPolicy, BreakerSettings, Outcome, Policy};
use foreshore_plugin::{Isolation, Limits, SandboxSettings};

use crate::config::pipeline::{Amend, IsolationConfig, OutcomeConfig};
use crate::config::{ConfigError, PipelineConfig};
use crate::load::Place;

/// How every plugin of a pipeline is run.
pub(super) fn sandbox(config: &PipelineConfig) -> SandboxSettings {
    let limits = &config.limits;
    SandboxSettings {
        limits: Limits {
            memory_bytes: limits.memory.0,
            call_time: limits.call_time.duration(),
            row_time: limits.row_time.duration(),
            state_bytes: limits.state.0,
            component_bytes: limits.component.0,
        },
        isolation: match limits.isolation {
            IsolationConfig::Warm => Isolation::Warm,
            IsolationConfig::PerCall => Isolation::PerCall,
        },
        purity_every: limits.purity_every,
    }
}

/// When a failing plugin is left alone.
pub(super) fn breaker(config: &PipelineConfig) -> BreakerSettings {
    BreakerSettings {
        failures: config.limits.breaker_failures,
        cooldown: config.limits.breaker_cooldown.0,
    }
}

/// Which changes of a decision are published.
pub(super) fn amend(config: &PipelineConfig) -> AmendPolicy {
    match config.amend {
        Amend::Outcome => AmendPolicy::Outcome,
        Amend::All => AmendPolicy::All,
        Amend::ScoreDelta(delta) => AmendPolicy::ScoreDelta(delta),
    }
}

/// Thresholds and fallback.
pub(super) fn policy(
    at: &Place<'_>,
    key: &str,
    config: &PipelineConfig,
) -> Result<Policy, ConfigError> {
    let decide = &config.decide;
    if let (Some(review), Some(decline)) = (decide.review, decide.decline)
        && review > decline
    {
        let reason =
            format!("{review} is above decline = {decline}: nothing would ever be reviewed");
        return Err(at.wrong(format!("{key}.decide.review"), reason));
    }
    Ok(Policy {
        review: decide.review,
        decline: decide.decline,
        fallback: match decide.fallback {
            OutcomeConfig::Approve => Outcome::Approve,
            OutcomeConfig::Review => Outcome::Review,
            OutcomeConfig::Decline => Outcome::Decline,
        },
        reasons_max: decide.reasons_max,
    })
}
