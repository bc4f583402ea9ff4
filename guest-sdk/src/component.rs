//! A plugin as a component: answers the host's calls from what the author wrote. Built for wasm only; the
//! calls themselves are `features::fold` and `model::score`.

use std::marker::PhantomData;

use crate::bindings::{features as features_world, model as model_world};
use crate::features::{self, Features};
use crate::fields::{Fields, Kind};
use crate::model::{self, Model};
use crate::vector::Vector;

use features_world::exports::foreshore::plugin::features as features_export;
use features_world::exports::foreshore::plugin::types;
use model_world::exports::foreshore::plugin::model as model_export;

/// The exports of plugin `T`.
#[derive(Debug)]
pub struct Exported<T>(PhantomData<T>);

impl<F: Features> features_export::Guest for Exported<F> {
    fn describe() -> features_export::Description {
        features_export::Description {
            key: F::KEY.to_owned(),
            events: owned(F::EVENTS),
            fields: <F::Event<'_> as Fields>::FIELDS
                .iter()
                .map(|field| types::Field {
                    name: field.name.to_owned(),
                    kind: field.kind.into(),
                    unit: field.unit.map(str::to_owned),
                })
                .collect(),
            features: F::Vector::FEATURES
                .iter()
                .map(|feature| types::Feature {
                    name: feature.name.to_owned(),
                    help: feature.help.to_owned(),
                    unit: feature.unit.map(str::to_owned),
                })
                .collect(),
            state_version: F::STATE_VERSION,
            horizon: F::HORIZON.map(|span| span.0.unsigned_abs()),
        }
    }

    fn fold(state: Vec<u8>, rows: Vec<u8>) -> features_export::Folded {
        let features::Folded { features, states } = features::fold::<F>(&state, &rows);
        features_export::Folded { features, states }
    }
}

impl<M: Model> model_export::Guest for Exported<M> {
    fn describe() -> model_export::Description {
        model_export::Description {
            inputs: owned(M::INPUTS),
            reasons: owned(M::REASONS),
        }
    }

    fn score(inputs: Vec<f64>) -> Vec<f64> {
        model::score::<M>(&inputs)
    }
}

impl From<Kind> for types::Kind {
    fn from(kind: Kind) -> types::Kind {
        match kind {
            Kind::Number => types::Kind::Number,
            Kind::Integer => types::Kind::Integer,
            Kind::Boolean => types::Kind::Boolean,
            Kind::Text => types::Kind::Text,
        }
    }
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}
