//! How much of a pipeline's log is kept: from configuration to what retention runs by, with the keys at fault
//! where they do not hold together. Drops nothing.

use foreshore_event::Span;
use foreshore_store::retention::Retention;

use crate::config::{ConfigError, PipelineConfig};
use crate::load::Place;

/// How much of the log is kept.
pub(super) fn retention(
    at: &Place<'_>,
    key: &str,
    config: &PipelineConfig,
) -> Result<Retention, ConfigError> {
    let lateness = config.features.iter().map(|(name, written)| {
        let key = format!("features.{name}.lateness");
        (key, written.lateness.0)
    });
    let promised: Vec<(String, Span)> = [
        ("decision_retention", config.decision_retention.0),
        ("identity_retention", config.identity_retention.0),
    ]
    .into_iter()
    .map(|(key, length)| (key.to_owned(), length))
    .chain(lateness)
    .collect();
    let age = config.log_retention.map(|length| length.0);
    if let Some(age) = age
        && let Some((longer, length)) = promised.iter().find(|(_, length)| *length > age)
    {
        let reason = format!(
            "{age} is shorter than {longer} = {length}, which needs the log for that long; raise log_retention, \
             or lower {longer}"
        );
        return Err(at.wrong(format!("{key}.log_retention"), reason));
    }
    let ahead = config.future_max.0;
    // Closed that late after its arrival, an event's place is decided by lateness alone.
    let at_least = promised
        .iter()
        .map(|(_, length)| length.0.saturating_add(ahead.0));
    Ok(Retention {
        age,
        bytes: config.log_bytes.map(|bytes| bytes.0 as u64),
        at_least: Span(at_least.max().unwrap_or(0)),
        ahead,
    })
}
