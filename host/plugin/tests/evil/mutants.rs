//! Plugins that nobody wrote: mutants of real ones, and modules made up from seeds. Each is refused or answered
//! within its limits, and the healthy one beside it does not notice. Must not know what any of them does.

use std::fs;
use std::ops::Range;
use std::path::Path;
use std::time::{Duration, Instant};

use arbitrary::Unstructured;
use foreshore_event::{Event, Field, Kind, Schema, Unknown, decode, validate};
use foreshore_plugin::{FeatureBinding, FeaturePlugin, ModelPlugin, SandboxSettings};
use foreshore_proof::Proof;
use foreshore_timeline::{Fault, Folder};
use wasm_mutate::WasmMutate;
use wasm_smith::{Config, Module};

use crate::SUITE;
use crate::beside::{Beside, patient, strict};
use crate::guests::{counter, features, model, model_module};
use crate::pipeline::row;

/// Longest that anything may take to be refused or answered, on a busy machine: what is more is a hang.
const HANG: Duration = Duration::from_secs(60);

/// Mutations that are tried before one is given up.
const TRIES: usize = 16;

/// Small and known random numbers: the mutants of a seed are the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.next() as u8).collect()
    }
}

/// What became of it.
#[derive(Clone, Copy, PartialEq)]
enum Fate {
    Refused,
    Answered,
    Faulty,
}

impl Fate {
    fn of<T>(answer: &Result<T, Fault>) -> Fate {
        match answer {
            Ok(_) => Fate::Answered,
            Err(_) => Fate::Faulty,
        }
    }

    fn told(self) -> &'static str {
        match self {
            Fate::Refused => "refused",
            Fate::Answered => "answered",
            Fate::Faulty => "trapped or stopped",
        }
    }
}

/// Loads a component, calls it twice if it is one, and tells what became of it.
fn fate(beside: &mut Beside, bytes: &[u8], settings: &SandboxSettings) -> Fate {
    let limits = &settings.limits;
    let started = Instant::now();
    let fate = match FeaturePlugin::load(&beside.engine, bytes, limits) {
        Ok(plugin) => folded(&plugin, settings),
        Err(_) => match ModelPlugin::load(&beside.engine, bytes, limits) {
            Ok(plugin) => {
                let inputs = vec![1.5; plugin.description().inputs.len()];
                let mut model = plugin.sandbox(settings.clone());
                drop(model.score(&inputs));
                Fate::of(&model.score(&inputs))
            }
            Err(_) => Fate::Refused,
        },
    };
    let took = started.elapsed();
    assert!(took < HANG, "took {took:?}");
    beside.healthy_still_answers();
    fate
}

/// Folds an event of whatever pipeline the plugin wants.
fn folded(plugin: &FeaturePlugin, settings: &SandboxSettings) -> Fate {
    let Some(event) = event(plugin) else {
        return Fate::Refused;
    };
    let (schema, event) = event;
    let Ok(binding) = FeatureBinding::new(plugin.description(), &schema) else {
        return Fate::Refused;
    };
    let mut sandbox = plugin.sandbox(binding, settings.clone());
    let state = match sandbox.fold(&[], &[row(&event, "aem")]) {
        Ok(folded) => folded.states[0].to_vec(),
        Err(_) => Vec::new(),
    };
    Fate::of(&sandbox.fold(&state, &[row(&event, "ae"), row(&event, "em")]))
}

/// An event with every field the plugin reads; none if there cannot be one.
fn event(plugin: &FeaturePlugin) -> Option<(Schema, Event)> {
    let description = plugin.description();
    let mut fields = Vec::new();
    let mut data = serde_json::Map::new();
    for need in &description.fields {
        let mut field = Field::new(&need.name, need.kind);
        field.unit.clone_from(&need.unit);
        fields.push(field);
        let value = match need.kind {
            Kind::Number => 12.5.into(),
            Kind::Integer => 3.into(),
            Kind::Boolean => true.into(),
            Kind::Text => "c1".into(),
        };
        data.insert(need.name.clone(), value);
    }
    if !data.contains_key(&description.key) {
        fields.push(Field::new(&description.key, Kind::Text));
        data.insert(description.key.clone(), "c1".into());
    }
    let kind = description.events.first().cloned().unwrap_or("paid".into());
    let json = serde_json::json!({
        "id": "1", "source": "till", "type": kind, "time": "2026-03-01T12:00:00Z", "data": data,
    });
    let schema = Schema::new(vec![kind], fields, Unknown::Reject).ok()?;
    let json = json.to_string();
    let event = decode(&schema, json.as_bytes()).ok()?;
    let event = validate(&schema, event).ok()?;
    Some((schema, event))
}

/// The plugins of the examples, where they are built, and the guests of these tests: what mutants come from.
fn parents() -> Vec<Vec<u8>> {
    let plugins = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/plugins");
    let built = [
        "customer-spending",
        "terminal-risk",
        "fraud-model",
        "tally-model",
    ];
    let mut parents = vec![features(&counter("")), model("unreachable")];
    for name in built {
        let file = plugins.join(format!("{name}.wasm"));
        let read = fs::read(&file).unwrap_or_else(|error| {
            panic!(
                "read {}: {error}; `cargo xtask plugins` builds it",
                file.display()
            )
        });
        parents.push(read);
    }
    parents
}

/// A core module in a component: where its section begins, and its own bytes.
#[derive(Clone)]
struct Place {
    section: usize,
    content: Range<usize>,
}

/// The core modules of a component that is whole.
fn modules(component: &[u8]) -> Vec<Place> {
    let mut modules = Vec::new();
    let mut at = 8;
    while at < component.len() {
        let section = at;
        let (length, start) = number(component, at + 1);
        let content = start..start + length;
        at = content.end;
        // The section of a core module.
        if component[section] == 1 {
            modules.push(Place { section, content });
        }
    }
    modules
}

/// A LEB128 number, and where it ends.
fn number(bytes: &[u8], mut at: usize) -> (usize, usize) {
    let (mut number, mut shift) = (0, 0);
    loop {
        let byte = bytes[at];
        at += 1;
        number |= usize::from(byte & 0x7f) << shift;
        shift += 7;
        if byte & 0x80 == 0 {
            return (number, at);
        }
    }
}

/// A component with another module in place of one of its own.
fn with_module(component: &[u8], place: &Place, module: &[u8]) -> Vec<u8> {
    let mut changed = component[..=place.section].to_vec();
    let mut length = module.len();
    loop {
        let low = (length & 0x7f) as u8;
        length >>= 7;
        changed.push(if length == 0 { low } else { low | 0x80 });
        if length == 0 {
            break;
        }
    }
    changed.extend_from_slice(module);
    changed.extend_from_slice(&component[place.content.end..]);
    changed
}

/// A module changed by the mutation of a seed; none if that one cannot be made here.
fn mutated(module: &[u8], seed: u64) -> Option<Vec<u8>> {
    let mut mutate = WasmMutate::default();
    mutate.seed(seed).fuel(1_000).preserve_semantics(false);
    mutate.run(module).ok()?.next()?.ok()
}

/// A component with its largest module changed by one mutation after another; none if none could be made.
fn mutant(component: &[u8], random: &mut Random) -> Option<Vec<u8>> {
    let modules = modules(component);
    let place = modules.iter().max_by_key(|place| place.content.len())?;
    let mut module = component[place.content.clone()].to_vec();
    for _ in 0..=random.below(3) {
        module = (0..TRIES).find_map(|_| mutated(&module, random.next()))?;
    }
    Some(with_module(component, place, &module))
}

/// A component whose bytes are changed without regard to what they mean.
fn damaged(component: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = component.to_vec();
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len());
        match random.below(4) {
            0 => bytes[at] = random.next() as u8,
            1 => bytes[at] ^= 1 << random.below(8),
            2 => drop(bytes.remove(at)),
            _ => bytes.insert(at, random.next() as u8),
        }
    }
    bytes
}

#[test]
fn mutants_of_real_plugins_are_refused_or_answered_within_their_limits() {
    let name = "mutants_of_real_plugins_are_refused_or_answered_within_their_limits";
    let mut proof = Proof::new("plugins", SUITE, name);
    let parents = parents();
    let mut beside = Beside::new();
    proof.seeds(250, |proof, seed| {
        let mut random = Random(seed);
        let parent = &parents[random.below(parents.len())];
        let meant = match random.below(4) {
            0 => None,
            _ => mutant(parent, &mut random),
        };
        proof.count("by wasm-mutate", meant.is_some().into());
        let bytes = meant.unwrap_or_else(|| damaged(parent, &mut random));
        proof.count(fate(&mut beside, &bytes, &strict()).told(), 1);
    });
    proof.count("host crashes", 0);
}

/// A model whose `score`, allocation and memory are those of its first module, and whose `describe` is an
/// honest one's.
fn around_made_up() -> Vec<u8> {
    let honest = model_module("unreachable").replacen("(module", "(core module $said", 1);
    let text = format!(
        r#"(component
          (core module $made {MADE_UP})
          {honest}
          (core instance $made (instantiate $made))
          (core instance $said (instantiate $said))
          (type $description (record (field "inputs" (list string)) (field "reasons" (list string))))
          (func $describe (result $description) (canon lift
            (core func $said "foreshore:plugin/model@0.1.0#describe") (memory (core memory $said "memory"))))
          (func $score (param "inputs" (list f64)) (result (list f64)) (canon lift
            (core func $made "score") (memory (core memory $made "memory"))
            (realloc (core func $made "realloc"))
            (post-return (core func $made "post"))))
          (component $interface
            (type $record (record (field "inputs" (list string)) (field "reasons" (list string))))
            (import "type-description" (type $description (eq $record)))
            (import "describe" (func $describe (result $description)))
            (import "score" (func $score (param "inputs" (list f64)) (result (list f64))))
            (export $told "description" (type $record))
            (export "describe" (func $describe) (func (result $told)))
            (export "score" (func $score)))
          (instance $model (instantiate $interface
            (with "type-description" (type $description))
            (with "describe" (func $describe))
            (with "score" (func $score))))
          (export "foreshore:plugin/model@0.1.0" (instance $model)))"#
    );
    wat::parse_str(text).unwrap()
}

/// What a made up module exports.
const MADE_UP: &str = r#"
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable)
    (func (export "score") (param i32 i32) (result i32) unreachable)
    (func (export "post") (param i32) unreachable)"#;

/// A module made up from a seed.
fn made_up(random: &mut Random) -> Option<Vec<u8>> {
    let entropy = random.bytes(2_048);
    let config = Config {
        exports: Some(wat::parse_str(format!("(module {MADE_UP})")).unwrap()),
        allow_start_export: random.below(8) == 0,
        exceptions_enabled: false,
        gc_enabled: false,
        max_imports: 0,
        // That of the exports is one more.
        max_memories: usize::from(random.below(16) == 0),
        max_memory32_bytes: 8 << 20,
        max_table_elements: 10_000,
        memory64_enabled: false,
        reference_types_enabled: random.below(16) == 0,
        relaxed_simd_enabled: false,
        tail_call_enabled: false,
        threads_enabled: false,
        ..Config::default()
    };
    let module = Module::new(config, &mut Unstructured::new(&entropy)).ok()?;
    Some(module.to_bytes())
}

#[test]
fn modules_made_up_from_seeds_are_refused_or_answered_within_their_limits() {
    let name = "modules_made_up_from_seeds_are_refused_or_answered_within_their_limits";
    let mut proof = Proof::new("plugins", SUITE, name);
    let around = around_made_up();
    let first = modules(&around).remove(0);
    let mut beside = Beside::new();
    proof.seeds(750, |proof, seed| {
        let mut random = Random(seed);
        match made_up(&mut random) {
            Some(module) => {
                let bytes = with_module(&around, &first, &module);
                proof.count(fate(&mut beside, &bytes, &strict()).told(), 1);
            }
            None => proof.count("not made", 1),
        }
    });
    proof.count("host crashes", 0);
}

#[test]
fn a_module_put_in_place_of_another_leaves_the_rest_of_the_component_as_it_was() {
    let bytes = features(&counter(""));
    let largest = modules(&bytes)
        .into_iter()
        .max_by_key(|place| place.content.len());
    let largest = largest.unwrap();
    let same = with_module(&bytes, &largest, &bytes[largest.content.clone()]);
    let mut beside = Beside::new();
    assert!(fate(&mut beside, &same, &patient()) == Fate::Answered);
    let around = around_made_up();
    assert!(fate(&mut beside, &around, &patient()) == Fate::Faulty);
}
