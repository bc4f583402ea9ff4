//! What the core asks of plugins: a folder per feature plugin, a score per model. The node answers with
//! sandboxes, tests with plain Rust. Deadlines are the answerer's business: they need a clock.

use foreshore_timeline::{Fault, Folder};

/// A pipeline's plugins, by their index in it.
pub trait Plugins {
    /// The feature plugin of an instance.
    fn features(&mut self, instance: usize) -> &mut dyn Folder;

    /// Scores rows of inputs, row after row; gives per row the score, then one contribution per reason.
    ///
    /// A good answer holds exactly `1 + reasons` finite numbers per row.
    ///
    /// # Errors
    /// When the model failed or may not be called.
    fn score(&mut self, model: usize, inputs: &[f64]) -> Result<Vec<f64>, Fault>;
}
