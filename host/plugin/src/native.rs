//! A feature plugin's own code, linked natively and called through the very bytes its component would get:
//! for measuring what the sandbox costs, and for proving that both give the same bits. No isolation at all.

use foreshore_timeline::{Fault, Folded, Folder, Row};

use crate::bind::FeatureBinding;
use crate::layout::{Encoder, Expected};

/// Folds rows with a function of `(state, rows)` that gives features and states, laid out as in
/// `docs/PLUGIN-ABI.md`.
pub struct NativeFolder<C> {
    call: C,
    binding: FeatureBinding,
    features: usize,
    encoder: Encoder,
}

impl<C: FnMut(&[u8], &[u8]) -> (Vec<f64>, Vec<u8>)> NativeFolder<C> {
    /// A folder of so many features whose rows are bound like the component's.
    pub fn new(binding: FeatureBinding, features: usize, call: C) -> NativeFolder<C> {
        NativeFolder {
            call,
            binding,
            features,
            encoder: Encoder::default(),
        }
    }
}

impl<C: FnMut(&[u8], &[u8]) -> (Vec<f64>, Vec<u8>)> Folder for NativeFolder<C> {
    fn features(&self) -> usize {
        self.features
    }

    fn fold(&mut self, state: &[u8], rows: &[Row<'_>]) -> Result<Folded, Fault> {
        let expected = Expected::new(rows, self.features, usize::MAX);
        let encoded = self.encoder.encode(&self.binding, rows);
        let (features, states) = (self.call)(state, encoded);
        expected.take(features, &states).map_err(Fault::Trap)
    }
}
