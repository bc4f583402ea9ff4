//! What a pipeline is once configuration and plugins are resolved against each other: the core's only
//! settings. Plain data; the node fills it in.

use std::sync::Arc;

use foreshore_event::{Schema, Span, TypeIndex};
use foreshore_timeline::Role;

use crate::amendment::AmendPolicy;
use crate::breaker::BreakerSettings;
use crate::manifest::Manifest;
use crate::policy::Policy;
use crate::vector::Layout;

/// One feature plugin under one name: its timelines, one per value of its key field.
#[derive(Clone, Debug)]
pub struct Instance {
    /// Its name in the pipeline.
    pub name: String,
    /// The text slot of its key field.
    pub key: usize,
    /// Per event type: whether it changes the state.
    pub applies: Vec<bool>,
    /// Names of its features, in the order it yields them.
    pub features: Vec<String>,
    /// How its timelines behave.
    pub timeline: foreshore_timeline::Settings,
}

/// One model under one name.
#[derive(Clone, Debug)]
pub struct Model {
    /// Its name in the pipeline.
    pub name: String,
    /// Where in the vector its inputs stand, in the order it takes them.
    pub inputs: Vec<usize>,
    /// Names of its reasons, in the order it yields their contributions.
    pub reasons: Vec<String>,
}

/// The deployed whole.
#[derive(Clone, Debug)]
pub struct Pipeline {
    /// Its name.
    pub name: String,
    /// What its records need to be read; with the revision decisions name.
    pub manifest: Arc<Manifest>,
    /// What its events look like.
    pub schema: Arc<Schema>,
    /// Per event type: whether such an event gets a decision.
    pub scored: Vec<bool>,
    /// Its feature plugins.
    pub instances: Vec<Instance>,
    /// Its models; the first decides, the others are recorded.
    pub models: Vec<Model>,
    /// Where each number of a vector stands.
    pub layout: Layout,
    /// Thresholds and fallback.
    pub policy: Policy,
    /// Which changes of a decision are published.
    pub amend: AmendPolicy,
    /// How far ahead of its arrival an event may be.
    pub future_max: Span,
    /// Close what is older than this by the wall clock; none: never.
    pub close_after: Option<Span>,
    /// Most unfolded events of a timeline that ingestion leaves to later.
    pub lag_max: u64,
    /// Bytes of timelines and decisions above which idle ones give up their checkpoints, then leave memory.
    pub hot_bytes_max: usize,
    /// When a failing plugin is left alone.
    pub breaker: BreakerSettings,
}

impl Pipeline {
    /// Digest of configuration and components.
    pub fn revision(&self) -> &str {
        &self.manifest.revision
    }

    /// Whether events of this type get a decision.
    pub fn is_scored(&self, kind: TypeIndex) -> bool {
        self.scored
            .get(usize::from(kind.0))
            .copied()
            .unwrap_or(false)
    }
}

impl Instance {
    /// What such an event does in this instance's timelines; none if it has no place there.
    pub fn role(&self, kind: TypeIndex, scored: bool) -> Option<Role> {
        let role = Role {
            apply: self.applies(kind),
            emit: scored,
        };
        (role.apply || role.emit).then_some(role)
    }

    /// Whether events of this type change the state.
    pub fn applies(&self, kind: TypeIndex) -> bool {
        self.applies
            .get(usize::from(kind.0))
            .copied()
            .unwrap_or(false)
    }
}
