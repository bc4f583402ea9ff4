//! Feature plugins: loading and folding. Takes a component and a pipeline's binding; gives a folder for
//! timelines. Must not know timelines, watermarks or when a fold is due.

use std::sync::Arc;
use std::time::Instant;

use foreshore_timeline::{Fault, Folded, Folder, Row};

use crate::bind::FeatureBinding;
use crate::bindings::features as wit;
use crate::describe::FeatureDescription;
use crate::digest::Digest;
use crate::engine::Engine;
use crate::layout::{Encoder, Expected};
use crate::limits::Limits;
use crate::load::Loaded;
use crate::refusal::LoadError;
use crate::sandbox::{Answer, Counters, Sandbox, SandboxSettings, Size};

/// A feature plugin, checked, compiled and described. Shared by all sandboxes of it.
#[derive(Clone)]
pub struct FeaturePlugin {
    loaded: Loaded<wit::FeaturePlugin>,
    description: Arc<FeatureDescription>,
}

impl FeaturePlugin {
    /// Loads a component: checks it against the world, compiles it, and asks what it is.
    ///
    /// # Errors
    /// When it is not a feature plugin of this version, cannot be compiled, or describes itself wrongly.
    pub fn load(
        engine: &Engine,
        bytes: &[u8],
        limits: &Limits,
    ) -> Result<FeaturePlugin, LoadError> {
        let (loaded, said) = Loaded::new(
            engine,
            bytes,
            limits,
            |exports: &wit::FeaturePlugin, store| {
                exports.foreshore_plugin_features().call_describe(store)
            },
        )?;
        let description = FeatureDescription::new(said).map_err(LoadError::Description)?;
        Ok(FeaturePlugin {
            loaded,
            description: Arc::new(description),
        })
    }

    /// What it says of itself.
    pub fn description(&self) -> &FeatureDescription {
        &self.description
    }

    /// Digest of its bytes.
    pub fn digest(&self) -> &Digest {
        self.loaded.digest()
    }

    /// A sandbox of it for one pipeline's events, for one thread. Instances are made when first needed.
    pub fn sandbox(&self, binding: FeatureBinding, settings: SandboxSettings) -> FeatureSandbox {
        FeatureSandbox {
            binding,
            features: self.description.features.len(),
            encoder: Encoder::default(),
            sandbox: self.loaded.sandbox(settings),
        }
    }
}

/// Folds rows in a sandbox.
pub struct FeatureSandbox {
    binding: FeatureBinding,
    features: usize,
    encoder: Encoder,
    sandbox: Sandbox<wit::FeaturePlugin>,
}

impl FeatureSandbox {
    /// When the request that the next calls are part of must be answered; none: only their own limits hold.
    pub fn set_deadline(&mut self, deadline: Option<Instant>) {
        self.sandbox.deadline = deadline;
    }

    /// What it has done so far.
    pub fn counters(&self) -> Counters {
        self.sandbox.counters
    }
}

impl Folder for FeatureSandbox {
    fn features(&self) -> usize {
        self.features
    }

    fn fold(&mut self, state: &[u8], rows: &[Row<'_>]) -> Result<Folded, Fault> {
        let expected = Expected::new(rows, self.features, self.sandbox.limits().state_bytes);
        let size = Size {
            rows: rows.len(),
            bytes: expected.bytes(),
        };
        let encoded = self.encoder.encode(&self.binding, rows);
        self.sandbox.call(size, |exports, store| {
            let plugin = exports.foreshore_plugin_features();
            let folded = plugin.call_fold(store, state, encoded)?;
            expected
                .take(folded.features, &folded.states)
                .map_err(wasmtime::Error::msg)
        })
    }
}

impl Answer for Folded {
    fn difference(&self, other: &Folded) -> Option<String> {
        let feature = self.features.iter().zip(&other.features);
        if let Some(at) = feature
            .clone()
            .position(|(a, b)| a.to_bits() != b.to_bits())
        {
            let (ours, theirs) = (self.features.get(at)?, other.features.get(at)?);
            return Some(format!("number {at} of its features {ours} and {theirs}"));
        }
        let mut states = self.states.iter().zip(&other.states);
        let at = states.position(|(a, b)| a != b)?;
        Some(format!("state {at}"))
    }
}
