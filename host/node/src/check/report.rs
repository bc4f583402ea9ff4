//! All that is known of a component: what it is, and what a trace showed. For people and, as JSON, for
//! programs.

use std::fmt;
use std::path::Path;

use foreshore_plugin::SandboxSettings;
use serde_json::{Value, json};

use crate::check::component::{Component, Plugin};
use crate::check::description::Description;
use crate::check::outcome::Outcome;
use crate::check::{folds, scores, timelines};

/// A checked component.
pub struct Report {
    /// The component.
    pub component: Component,
    /// What its trace showed, if it was given one.
    pub outcome: Option<Outcome>,
}

/// Checks a loaded component against a trace.
///
/// # Errors
/// When the trace cannot be read, or does not hold what the plugin reads.
pub fn check(
    component: Component,
    trace: Option<&Path>,
    settings: &SandboxSettings,
) -> anyhow::Result<Report> {
    let on = |trace: &Path| -> anyhow::Result<Outcome> {
        match &component.plugin {
            Plugin::Features(plugin) => {
                let timelines = timelines::read(trace, plugin.description())?;
                Ok(folds::check(plugin, &timelines, settings))
            }
            Plugin::Model(plugin) => {
                let cases = scores::read(trace, &plugin.description().inputs)?;
                Ok(scores::check(plugin, &cases, settings))
            }
        }
    };
    let outcome = trace.map(on).transpose()?;
    Ok(Report { component, outcome })
}

impl Report {
    /// How many things are wrong.
    pub fn findings(&self) -> usize {
        self.outcome
            .as_ref()
            .map_or(0, |outcome| outcome.findings.count)
    }

    /// The report for programs.
    pub fn json(&self) -> Value {
        json!({
            "world": self.component.world(),
            "bytes": self.component.bytes,
            "sha256": self.component.digest().to_string(),
            "description": Description(&self.component).json(),
            "trace": self.outcome,
        })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Description(&self.component))?;
        self.outcome
            .iter()
            .try_for_each(|outcome| write!(f, "{outcome}"))
    }
}
