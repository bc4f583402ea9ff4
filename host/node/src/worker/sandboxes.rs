//! The plugins of one pipeline as the core calls them: a sandbox per instance and per model, under one
//! deadline per request. Owned by the pipeline's thread.

use std::time::Instant;

use foreshore_core::Plugins;
use foreshore_plugin::{Counters, FeatureSandbox, ModelSandbox};
use foreshore_timeline::{Fault, Folder};

/// A pipeline's sandboxes, in the order of its instances and models.
pub struct Sandboxes {
    /// One per feature plugin instance.
    pub features: Vec<FeatureSandbox>,
    /// One per model; the first decides.
    pub models: Vec<ModelSandbox>,
}

impl Sandboxes {
    /// Sets the time by which every call must have answered; none: calls have their own limits only.
    pub fn set_deadline(&mut self, deadline: Option<Instant>) {
        self.features
            .iter_mut()
            .for_each(|sandbox| sandbox.set_deadline(deadline));
        self.models
            .iter_mut()
            .for_each(|sandbox| sandbox.set_deadline(deadline));
    }

    /// What the feature plugins have done.
    pub fn feature_counters(&self) -> impl Iterator<Item = Counters> {
        self.features.iter().map(FeatureSandbox::counters)
    }

    /// What the models have done.
    pub fn model_counters(&self) -> impl Iterator<Item = Counters> {
        self.models.iter().map(ModelSandbox::counters)
    }
}

impl Plugins for Sandboxes {
    fn features(&mut self, instance: usize) -> &mut dyn Folder {
        &mut self.features[instance]
    }

    fn score(&mut self, model: usize, inputs: &[f64]) -> Result<Vec<f64>, Fault> {
        self.models[model].score(inputs)
    }
}
