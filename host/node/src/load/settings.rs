//! A pipeline's settings that stand for themselves: limits, thresholds, what is published. From
//! configuration to what the core and the sandbox run by; knows nothing of plugins.

use foreshore_core::{AmendPolicy, BreakerSettings, Outcome, Policy};
use foreshore_event::Span;
use foreshore_plugin::{Isolation, Limits, SandboxSettings};

use crate::config::pipeline::{Amend, IsolationConfig, OutcomeConfig};
use crate::config::values::{Bytes, Length};
use crate::config::{ConfigError, PipelineConfig};
use crate::load::Place;

/// Least processor time and memory of a compilation: what it takes before the component's size matters.
const COMPILE_TIME_MIN: Length = Length(Span::SECOND);
const COMPILE_MEMORY_MIN: Bytes = Bytes(128 << 20);

/// How every plugin of a pipeline is compiled and run.
pub(super) fn sandbox(
    at: &Place<'_>,
    key: &str,
    config: &PipelineConfig,
) -> Result<SandboxSettings, ConfigError> {
    let limits = &config.limits;
    if limits.compile_time.0 < COMPILE_TIME_MIN.0 {
        let found = limits.compile_time.0;
        let reason = format!(
            "{found} compiles nothing; give at least {}",
            COMPILE_TIME_MIN.0
        );
        return Err(at.wrong(format!("{key}.limits.compile_time"), reason));
    }
    if limits.compile_memory.0 < COMPILE_MEMORY_MIN.0 {
        let (found, least) = (limits.compile_memory.0, COMPILE_MEMORY_MIN.0);
        let reason = format!(
            "{found} bytes hold no compiler; give at least {}MiB",
            least >> 20
        );
        return Err(at.wrong(format!("{key}.limits.compile_memory"), reason));
    }
    Ok(SandboxSettings {
        limits: Limits {
            memory_bytes: limits.memory.0,
            call_time: limits.call_time.duration(),
            row_time: limits.row_time.duration(),
            state_bytes: limits.state.0,
            component_bytes: limits.component.0,
            compile_time: limits.compile_time.duration(),
            compile_memory_bytes: limits.compile_memory.0,
        },
        isolation: match limits.isolation {
            IsolationConfig::Warm => Isolation::Warm,
            IsolationConfig::PerCall => Isolation::PerCall,
        },
        purity_every: limits.purity_every,
    })
}

/// When a failing plugin is left alone.
pub(super) fn breaker(config: &PipelineConfig) -> BreakerSettings {
    BreakerSettings {
        failures: config.limits.breaker_failures,
        cooldown: config.limits.breaker_cooldown.0,
    }
}

/// Which changes of a decision are published.
pub(super) fn amend(
    at: &Place<'_>,
    key: &str,
    config: &PipelineConfig,
) -> Result<AmendPolicy, ConfigError> {
    match config.amend {
        Amend::Outcome => Ok(AmendPolicy::Outcome),
        Amend::All => Ok(AmendPolicy::All),
        Amend::ScoreDelta(delta) if delta.is_finite() && delta >= 0.0 => {
            Ok(AmendPolicy::ScoreDelta(delta))
        }
        Amend::ScoreDelta(delta) => {
            let reason = format!("{delta} is no distance; give a finite number, 0 or more");
            Err(at.wrong(format!("{key}.amend.score-delta"), reason))
        }
    }
}

/// Thresholds and fallback.
pub(super) fn policy(
    at: &Place<'_>,
    key: &str,
    config: &PipelineConfig,
) -> Result<Policy, ConfigError> {
    let decide = &config.decide;
    for (name, threshold) in [("review", decide.review), ("decline", decide.decline)] {
        if let Some(odd) = threshold.filter(|threshold| !threshold.is_finite()) {
            let reason = format!(
                "{odd} is reached by no score or by any; give a finite number, or leave it out for never"
            );
            return Err(at.wrong(format!("{key}.decide.{name}"), reason));
        }
    }
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
