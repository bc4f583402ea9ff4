//! A town of cards and terminals, as large as asked: its pipeline, its plugins in plain Rust, and its events by
//! number. The shape is the card example's; what is folded does not matter here, only how large it is.

use std::ops::Range;
use std::sync::Arc;

use foreshore_core::manifest::{NamedField, NamedInstance};
use foreshore_core::{
    AmendPolicy, BreakerSettings, Input, Instance, Layout, Manifest, Model, Outcome, Pipeline,
    Plugins, Policy,
};
use foreshore_event::{Draft, Event, Field, Kind, Schema, Span, Time, Unknown, Value, validate};
use foreshore_timeline::{Fault, Folded, Folder, Row, Settings};

/// Timelines per terminal: the others are customers'.
const PER_TERMINAL: u64 = 100;

/// Days over which the events are spread, however many.
const DAYS: i64 = 28;

/// A day, in microseconds.
const DAY: i64 = 86_400_000_000;

/// When the first event happens.
const START: Time = Time(1_772_323_200_000_000);

/// Bytes of a timeline's state.
pub const STATE: usize = 1 << 10;

/// Features of a plugin.
const FEATURES: usize = 16;

/// A prime: multiples of it visit every customer once, in no order.
const STEP: u64 = 7_368_787;

/// The settings of both plugins' timelines, as the example has them.
const TIMELINE: Settings = Settings {
    lateness: Span(DAY),
    foreshore_max: 10_000,
    checkpoint_bytes_max: 64 << 10,
};

/// A town.
#[derive(Clone, Debug)]
pub struct Town {
    /// Its timelines.
    pub timelines: u64,
    /// Events of its history.
    pub events: u64,
    schema: Arc<Schema>,
}

impl Town {
    /// A town with so many timelines and events.
    pub fn new(timelines: u64, events: u64) -> Town {
        let mut fields = vec![Field::new("amount", Kind::Number)];
        fields.extend(["customer", "terminal", "payment"].map(|name| Field::new(name, Kind::Text)));
        let types = ["payment.attempted", "payment.completed"].map(String::from);
        let schema = Schema::new(types.into(), fields, Unknown::Reject).unwrap();
        Town {
            timelines,
            events,
            schema: Arc::new(schema),
        }
    }

    pub fn terminals(&self) -> u64 {
        self.timelines / PER_TERMINAL
    }

    pub fn customers(&self) -> u64 {
        self.timelines - self.terminals()
    }

    pub fn customer(number: u64) -> String {
        format!("customer-{number:07}")
    }

    pub fn terminal(number: u64) -> String {
        format!("terminal-{number:05}")
    }

    /// When an event happens, and arrives.
    pub fn time(&self, number: u64) -> Time {
        let share = u128::from(number) * (DAYS * DAY) as u128 / u128::from(self.events);
        Time(START.0 + share as i64)
    }

    /// Everything that is sent: each payment is attempted, which is scored, and then completed.
    pub fn inputs(&self, numbers: Range<u64>) -> impl Iterator<Item = (Time, Input)> {
        numbers.map(|number| match number % 2 {
            0 => (
                self.time(number),
                Input::Score(self.event(number, "payment.attempted")),
            ),
            _ => (
                self.time(number),
                Input::Ingest(self.event(number, "payment.completed")),
            ),
        })
    }

    fn event(&self, number: u64, kind: &str) -> Event {
        let payment = number / 2;
        let customer = Town::customer(payment.wrapping_mul(STEP) % self.customers());
        let terminal = Town::terminal(mix(payment) % self.terminals());
        let mut draft = Draft::new(&self.schema);
        draft.source = Some(terminal.clone().into());
        draft.id = Some(format!("{}-{payment:08}", &kind[8..9]).into());
        draft.kind = Some(kind.into());
        draft.time = Some(self.time(number).to_string().into());
        let texts = [
            ("customer", customer),
            ("terminal", terminal),
            ("payment", format!("p-{payment:08}")),
        ];
        for (name, text) in texts {
            draft.set(self.schema.field(name).unwrap(), Value::Text(text.into()));
        }
        let amount = Value::Number((mix(number) % 10_000) as f64 / 100.0);
        draft.set(self.schema.field("amount").unwrap(), amount);
        validate(&self.schema, draft).unwrap()
    }

    /// What is run, with so many bytes for timelines in memory.
    pub fn pipeline(&self, hot_bytes_max: usize) -> Arc<Pipeline> {
        let features: Vec<String> = (0..FEATURES).map(|number| format!("f{number}")).collect();
        let instances = ["customer", "terminal"].map(|name| Instance {
            name: name.into(),
            key: ["customer", "terminal"]
                .iter()
                .position(|key| *key == name)
                .unwrap(),
            applies: vec![true, true],
            features: features.clone(),
            timeline: TIMELINE,
        });
        let named = instances.iter().map(|i| (i.name.as_str(), &*i.features));
        let layout = Layout::new(&self.schema, named);
        Arc::new(Pipeline {
            name: "town".into(),
            manifest: Arc::new(self.manifest(&layout)),
            schema: self.schema.clone(),
            scored: vec![true, false],
            instances: instances.into(),
            models: vec![Model {
                name: "model".into(),
                inputs: (0..layout.width()).collect(),
                reasons: vec!["r".into(); 3],
            }],
            layout,
            policy: Policy {
                review: Some(0.5),
                decline: Some(0.8),
                fallback: Outcome::Review,
                reasons_max: 3,
            },
            amend: AmendPolicy::Outcome,
            future_max: Span(0),
            close_after: None,
            lag_max: 1_000,
            hot_bytes_max,
            breaker: BreakerSettings {
                failures: 5,
                cooldown: Span(10_000_000),
            },
        })
    }

    fn manifest(&self, layout: &Layout) -> Manifest {
        let instance = |(at, name): (usize, &str)| NamedInstance {
            name: name.into(),
            key: name.into(),
            fold: format!("{:08x}", 0x00aa_0000 + at),
        };
        let fields = self.schema.fields().iter().map(|field| NamedField {
            name: field.name.clone(),
            kind: field.kind.name().into(),
        });
        Manifest {
            pipeline: "town".into(),
            revision: "one".into(),
            types: self.schema.types().to_vec(),
            fields: fields.collect(),
            instances: ["customer", "terminal"]
                .into_iter()
                .enumerate()
                .map(instance)
                .collect(),
            vector: layout.names().to_vec(),
            ..Manifest::default()
        }
    }
}

/// The plugins of the town.
pub struct Workshop(Folding);

impl Workshop {
    pub fn new() -> Workshop {
        Workshop(Folding)
    }
}

impl Plugins for Workshop {
    fn features(&mut self, _: usize) -> &mut dyn Folder {
        &mut self.0
    }

    fn score(&mut self, _: usize, inputs: &[f64]) -> Result<Vec<f64>, Fault> {
        let rows = inputs.chunks_exact(1 + 2 * FEATURES);
        Ok(rows
            .flat_map(|row| [row[1] / (1_u64 << 32) as f64, row[0], row[1], row[2]])
            .collect())
    }
}

/// A state is one word of digest, drawn out to [`STATE`] bytes that do not compress.
struct Folding;

impl Folder for Folding {
    fn features(&self) -> usize {
        FEATURES
    }

    fn fold(&mut self, state: &[u8], rows: &[Row<'_>]) -> Result<Folded, Fault> {
        let first = state
            .first_chunk()
            .map_or(0, |word| u64::from_le_bytes(*word));
        let (mut digest, mut folded) = (first, Folded::default());
        for row in rows {
            if let Some(event) = row.event.filter(|_| row.flags.apply) {
                digest = mix(digest ^ event.digest().0 as u64);
            }
            if row.flags.emit {
                let features =
                    (0..FEATURES as u64).map(|number| (mix(digest ^ number) >> 32) as f64);
                folded.features.extend(features);
            }
            if row.flags.mark {
                let words = (0..STATE as u64 / 8).map(|number| match number {
                    0 => digest,
                    _ => mix(digest ^ number),
                });
                let bytes: Vec<u8> = words.flat_map(u64::to_le_bytes).collect();
                folded.states.push(bytes.into());
            }
        }
        Ok(folded)
    }
}

/// The finaliser of SplitMix64.
pub fn mix(word: u64) -> u64 {
    let mut mixed = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
