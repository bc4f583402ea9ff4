//! A small world for the promises: a pipeline of three instances over two keys, native plugins that can
//! trap and stall, and a reference that sorts and folds by hand, without any of the code under test.

use std::collections::BTreeMap;
use std::sync::Arc;

use foreshore_core::{
    AmendPolicy, BreakerSettings, Core, Decision, Instance, Layout, Model, Outcome, Pipeline,
    Plugins, Policy,
};
use foreshore_event::{Draft, Event, Field, Kind, Schema, Span, Time, Unknown, Value, validate};
use foreshore_timeline::native::{Chain, FEATURES};
use foreshore_timeline::{Fault, Flags, Folder, Row, Settings};

/// Wall-clock time of the first arrival: an hour after the last event, so that none is in the future.
pub const ARRIVAL: Time = Time(3_600_000_000);

/// Instances of the world: two over key `a`, of which one folds only half the types, and one over `b`.
pub const INSTANCES: usize = 3;

pub fn schema() -> Schema {
    let fields = vec![
        Field::new("a", Kind::Text),
        Field::new("b", Kind::Text),
        Field::new("amount", Kind::Number),
    ];
    Schema::new(vec!["try".into(), "done".into()], fields, Unknown::Reject).unwrap()
}

pub fn pipeline(lateness: Span, amend: AmendPolicy) -> Arc<Pipeline> {
    let schema = schema();
    let features: Vec<String> = ["low", "count", "time"].map(String::from).into();
    let instance = |name: &str, key: usize, applies: [bool; 2]| Instance {
        name: name.into(),
        key,
        applies: applies.into(),
        features: features.clone(),
        timeline: Settings {
            lateness,
            foreshore_max: 10_000,
            checkpoint_bytes_max: 300,
        },
    };
    let instances = vec![
        instance("whole", 0, [true, true]),
        instance("other", 0, [false, true]),
        instance("second", 1, [true, true]),
    ];
    let named = instances
        .iter()
        .map(|i| (i.name.as_str(), i.features.as_slice()));
    let layout = Layout::new(&schema, named);
    let width = layout.width();
    let model = |name: &str| Model {
        name: name.into(),
        inputs: (0..width).collect(),
        reasons: vec!["r".into()],
    };
    Arc::new(Pipeline {
        name: "world".into(),
        revision: "1".into(),
        schema: Arc::new(schema),
        scored: vec![true, false],
        instances,
        models: vec![model("decides"), model("listens")],
        layout,
        policy: Policy {
            review: Some(0.4),
            decline: Some(0.7),
            fallback: Outcome::Review,
            reasons_max: 1,
        },
        amend,
        future_max: Span(0),
        close_after: None,
        lag_max: 20,
        hot_bytes_max: 4_000,
        breaker: BreakerSettings {
            failures: 3,
            cooldown: Span(1_000_000),
        },
    })
}

/// Native plugins: a chain per instance, and models that mix their inputs.
pub struct World {
    pub chains: Vec<Chain>,
    /// Miss the deadline of this many of the next model calls.
    pub model_timeouts: u32,
}

impl World {
    pub fn new(trap_every: u64) -> World {
        let chain = Chain {
            trap_every,
            ..Chain::default()
        };
        World {
            chains: vec![chain; INSTANCES],
            model_timeouts: 0,
        }
    }
}

impl Plugins for World {
    fn features(&mut self, instance: usize) -> &mut dyn Folder {
        &mut self.chains[instance]
    }

    fn score(&mut self, model: usize, inputs: &[f64]) -> Result<Vec<f64>, Fault> {
        if self.model_timeouts > 0 {
            self.model_timeouts -= 1;
            return Err(Fault::Timeout("told to".into()));
        }
        let rows = inputs.chunks_exact(1 + FEATURES * INSTANCES);
        Ok(rows.flat_map(|row| [mix(model, row), row[0]]).collect())
    }
}

/// A score that depends on every bit of its inputs.
fn mix(model: usize, row: &[f64]) -> f64 {
    let digest = row.iter().fold(model as u64, |digest, number| {
        (digest ^ number.to_bits())
            .wrapping_mul(0x9E37_79B9_7F4A_7C15)
            .rotate_left(23)
    });
    (digest >> 11) as f64 / (1_u64 << 53) as f64
}

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

pub fn final_of(decision: &Decision) -> Final {
    let last = decision.current().unwrap();
    Final {
        vector: bits(&last.vector),
        scores: last
            .scores
            .iter()
            .map(|score| score.map(f64::to_bits))
            .collect(),
        outcome: last.outcome,
    }
}

pub fn finals(core: &mut Core) -> BTreeMap<String, Final> {
    let decisions = core.drain_decisions();
    decisions
        .iter()
        .map(|decision| (decision.event.id().to_owned(), final_of(decision)))
        .collect()
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

/// An event of the world.
pub fn event(id: usize, kind: &str, time: i64, a: Option<u8>, b: Option<u8>, amount: i64) -> Event {
    let schema = schema();
    let mut draft = Draft::new(&schema);
    draft.source = Some(format!("s{}", id % 3).into());
    draft.id = Some(format!("e{id}").into());
    draft.kind = Some(kind.to_owned().into());
    draft.time = Some(Time(time * 1_000_000).to_string().into());
    for (name, key) in [("a", a), ("b", b)] {
        if let Some(key) = key {
            draft.set(
                schema.field(name).unwrap(),
                Value::Text(format!("{name}{key}").into()),
            );
        }
    }
    draft.set(
        schema.field("amount").unwrap(),
        Value::Integer(amount.into()),
    );
    validate(&schema, draft).unwrap()
}
