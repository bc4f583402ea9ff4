//! Model plugins: loading and scoring. Takes a component and rows of inputs; gives scores with their
//! reasons' contributions. Must not know where inputs come from or what a score decides.

use std::sync::Arc;
use std::time::Instant;

use foreshore_timeline::Fault;

use crate::bindings::model as wit;
use crate::describe::ModelDescription;
use crate::digest::Digest;
use crate::engine::Engine;
use crate::limits::Limits;
use crate::load::Loaded;
use crate::refusal::LoadError;
use crate::sandbox::{Answer, Counters, Sandbox, SandboxSettings, Size};

/// A model plugin, checked, compiled and described. Shared by all sandboxes of it.
#[derive(Clone)]
pub struct ModelPlugin {
    loaded: Loaded<wit::ModelPlugin>,
    description: Arc<ModelDescription>,
}

impl ModelPlugin {
    /// Loads a component: checks it against the world, compiles it, and asks what it is.
    ///
    /// # Errors
    /// When it is not a model plugin of this version, cannot be compiled, or describes itself wrongly.
    pub fn load(engine: &Engine, bytes: &[u8], limits: &Limits) -> Result<ModelPlugin, LoadError> {
        let (loaded, said) = Loaded::new(
            engine,
            bytes,
            limits,
            |exports: &wit::ModelPlugin, store| {
                exports.foreshore_plugin_model().call_describe(store)
            },
        )?;
        let description = ModelDescription::new(said).map_err(LoadError::Description)?;
        Ok(ModelPlugin {
            loaded,
            description: Arc::new(description),
        })
    }

    /// What it says of itself.
    pub fn description(&self) -> &ModelDescription {
        &self.description
    }

    /// Digest of its bytes.
    pub fn digest(&self) -> &Digest {
        self.loaded.digest()
    }

    /// A sandbox of it, for one thread. Instances are made when first needed.
    pub fn sandbox(&self, settings: SandboxSettings) -> ModelSandbox {
        ModelSandbox {
            description: Arc::clone(&self.description),
            sandbox: self.loaded.sandbox(settings),
        }
    }
}

/// Scores rows in a sandbox.
pub struct ModelSandbox {
    description: Arc<ModelDescription>,
    sandbox: Sandbox<wit::ModelPlugin>,
}

/// Scores and contributions, row after row.
struct Scores(Vec<f64>);

impl ModelSandbox {
    /// When the request that the next calls are part of must be answered; none: only their own limits hold.
    pub fn set_deadline(&mut self, deadline: Option<Instant>) {
        self.sandbox.deadline = deadline;
    }

    /// What it has done so far.
    pub fn counters(&self) -> Counters {
        self.sandbox.counters
    }

    /// Scores rows of inputs, row after row, each as long as the description's `inputs`; NaN is missing.
    /// Gives, row after row, the score and then one contribution per reason.
    ///
    /// # Errors
    /// When the plugin failed, or returned something other than that many finite numbers.
    pub fn score(&mut self, inputs: &[f64]) -> Result<Vec<f64>, Fault> {
        let rows = inputs.len() / self.description.inputs.len();
        let wanted = rows * (1 + self.description.reasons.len());
        // One row more than asked for, so that a long answer is answered with what is wrong with it.
        let bytes = (wanted + 1 + self.description.reasons.len()) * size_of::<f64>();
        let size = Size { rows, bytes };
        let scores = self.sandbox.call(size, |exports, store| {
            let scores = exports.foreshore_plugin_model().call_score(store, inputs)?;
            finite(scores, wanted).map_err(wasmtime::Error::msg)
        });
        scores.map(|Scores(numbers)| numbers)
    }
}

fn finite(numbers: Vec<f64>, wanted: usize) -> Result<Scores, String> {
    if numbers.len() != wanted {
        let found = numbers.len();
        return Err(format!(
            "returned {found} numbers, expected {wanted} (per row a score and a contribution per reason)"
        ));
    }
    match numbers.iter().position(|number| !number.is_finite()) {
        Some(at) => Err(format!(
            "returned a number that is not finite at index {at}, expected scores and contributions"
        )),
        None => Ok(Scores(numbers)),
    }
}

impl Answer for Scores {
    fn difference(&self, other: &Scores) -> Option<String> {
        let mut pairs = self.0.iter().zip(&other.0).enumerate();
        let (at, (ours, theirs)) = pairs.find(|(_, (a, b))| a.to_bits() != b.to_bits())?;
        Some(format!("number {at} of its answer {ours} and {theirs}"))
    }
}
