//! A small world for promises and power cuts: a pipeline of three instances over two keys, native plugins
//! that can trap and stall, and a reference.

/// What everything must finally come to.
pub mod reference;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, LazyLock};

use foreshore_core::manifest::{NamedField, NamedInstance, NamedModel};
use foreshore_core::{
    AmendPolicy, BreakerSettings, Instance, Layout, Manifest, Model, Outcome, Pipeline, Plugins,
    Policy,
};
use foreshore_event::{Draft, Event, Field, Kind, Schema, Span, Time, Unknown, Value, validate};
use foreshore_timeline::native::{Chain, FEATURES};
use foreshore_timeline::{Fault, Folder, Settings};

pub use self::reference::{Admitted, Final, final_of, reference};

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
    let manifest = manifest(&schema, &instances, &layout);
    let model = |name: &str| Model {
        name: name.into(),
        inputs: (0..width).collect(),
        reasons: vec!["r".into()],
    };
    Arc::new(Pipeline {
        name: "world".into(),
        manifest: Arc::new(manifest),
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

/// What names the numbers of this world.
pub fn manifest(schema: &Schema, instances: &[Instance], layout: &Layout) -> Manifest {
    let field = |field: &Field| NamedField {
        name: field.name.clone(),
        kind: field.kind.name().into(),
    };
    let instance = |instance: &Instance| {
        let mut hasher = DefaultHasher::new();
        let Settings {
            lateness,
            foreshore_max,
            ..
        } = instance.timeline;
        (&instance.name, lateness.0, foreshore_max).hash(&mut hasher);
        NamedInstance {
            name: instance.name.clone(),
            key: ["a", "b"][instance.key].into(),
            fold: format!("{:016x}", hasher.finish()),
        }
    };
    let instances: Vec<NamedInstance> = instances.iter().map(instance).collect();
    let model = |name: &str| NamedModel {
        name: name.into(),
        component: String::new(),
        reasons: vec!["r".into()],
    };
    Manifest {
        log: String::new(),
        pipeline: "world".into(),
        revision: instances.iter().map(|instance| &*instance.fold).collect(),
        types: schema.types().to_vec(),
        fields: schema.fields().iter().map(field).collect(),
        instances,
        models: vec![model("decides"), model("listens")],
        vector: layout.names().to_vec(),
    }
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

    /// No plugin misses its deadline any more.
    pub fn recover(&mut self) {
        self.chains.iter_mut().for_each(|chain| chain.timeouts = 0);
        self.model_timeouts = 0;
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

/// An event of the world.
pub fn event(id: usize, kind: &str, time: i64, a: Option<u8>, b: Option<u8>, amount: i64) -> Event {
    static SCHEMA: LazyLock<Schema> = LazyLock::new(schema);
    let schema = &*SCHEMA;
    let mut draft = Draft::new(schema);
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
    validate(schema, draft).unwrap()
}
