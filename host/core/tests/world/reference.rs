//! Sorts, then folds by hand, without any of the code under test: what everything must finally come to.

use std::collections::BTreeMap;
use std::sync::Arc;

use foreshore_core::{Decision, Outcome, Pipeline, Plugins, Revision};
use foreshore_event::Event;
use foreshore_timeline::{Flags, Folder, Row};

use super::World;

/// What a scored event finally comes to: its vector and its outcome, to the bit.
#[derive(Clone, Debug, PartialEq)]
pub struct Final {
    pub vector: Vec<u64>,
    pub scores: Vec<Option<u64>>,
    pub outcome: Outcome,
}

pub fn bits(numbers: &[f64]) -> Vec<u64> {
    numbers.iter().map(|number| number.to_bits()).collect()
}

impl Final {
    /// What a revision says.
    pub fn of(revision: &Revision) -> Final {
        let scores = revision.scores.iter();
        Final {
            vector: bits(&revision.vector),
            scores: scores.map(|score| score.map(f64::to_bits)).collect(),
            outcome: revision.outcome,
        }
    }
}

pub fn final_of(decision: &Decision) -> Final {
    Final::of(decision.current().unwrap())
}

/// One event and the instances that did not take it.
pub type Admitted = (Arc<Event>, Vec<usize>);

/// The final word about every scored event, by its id.
pub type Finals = BTreeMap<String, Final>;

/// The state of every timeline, by instance and key.
pub type States = BTreeMap<(usize, String), Vec<u8>>;

/// Sorts, then folds by hand: what everything must finally come to.
pub fn reference(
    pipeline: &Pipeline,
    admitted: &[Admitted],
    world: &mut World,
) -> (Finals, States) {
    let mut sorted: Vec<&Admitted> = admitted.iter().collect();
    sorted.sort_by(|x, y| x.0.order_key().cmp(&y.0.order_key()));
    let mut states = States::new();
    let mut finals = Finals::new();
    for (event, late_for) in sorted {
        let scored = pipeline.is_scored(event.kind());
        let mut vector = pipeline.layout.vector(event).into_vec();
        let mut trapped = false;
        for (index, instance) in pipeline.instances.iter().enumerate() {
            let apply = instance.applies(event.kind());
            let Some(key) = event.text(instance.key).filter(|_| apply || scored) else {
                continue;
            };
            if late_for.contains(&index) {
                continue;
            }
            let state = states.entry((index, key.to_owned())).or_default();
            let flags = Flags {
                apply,
                emit: scored,
                mark: true,
            };
            let row = Row {
                event: Some(event),
                time: event.time(),
                flags,
            };
            match world.chains[index].fold(state, &[row]) {
                Ok(folded) => {
                    *state = folded.states[0].to_vec();
                    if scored {
                        vector[pipeline.layout.features(index)].copy_from_slice(&folded.features);
                    }
                }
                Err(_) => trapped = true,
            }
        }
        if scored {
            let scores: Vec<Option<f64>> = (0..pipeline.models.len())
                .map(|model| (!trapped).then(|| world.score(model, &vector).unwrap()[0]))
                .collect();
            let outcome = pipeline.policy.outcome(scores[0]);
            let scores = scores
                .into_iter()
                .map(|score| score.map(f64::to_bits))
                .collect();
            finals.insert(
                event.id().to_owned(),
                Final {
                    vector: bits(&vector),
                    scores,
                    outcome,
                },
            );
        }
    }
    (finals, states)
}
