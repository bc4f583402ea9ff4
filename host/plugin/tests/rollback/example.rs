//! The example's plugins, natively and as the components of `target/plugins`, and generated traffic as the events
//! of their timelines. Must not know what is done with them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use card_traffic::{Settings, Traffic};
use customer_spending::Customer;
use foreshore_event::{Event, Schema, decode, validate};
use foreshore_guest::features::{Features, fold};
use foreshore_plugin::{
    Engine, FeatureBinding, FeaturePlugin, Limits, NativeFolder, SandboxSettings,
};
use foreshore_timeline::Folder;
use terminal_risk::Terminal;

/// One plugin, both ways.
pub struct Example {
    pub name: &'static str,
    pub binding: FeatureBinding,
    pub native: Box<dyn Folder>,
    pub component: Box<dyn Folder>,
}

/// Every example plugin. A new one is a line here.
pub fn examples(schema: &Schema, engine: &Engine) -> Vec<Example> {
    vec![
        example::<Customer>("customer-spending", schema, engine),
        example::<Terminal>("terminal-risk", schema, engine),
    ]
}

fn example<F: Features + 'static>(name: &'static str, schema: &Schema, engine: &Engine) -> Example {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/plugins");
    let file = file.join(format!("{name}.wasm"));
    let bytes = fs::read(&file)
        .unwrap_or_else(|error| panic!("{}: {error}; run cargo xtask plugins", file.display()));
    let settings = SandboxSettings {
        // No busy machine makes it late.
        limits: Limits {
            call_time: Duration::from_secs(60),
            ..Limits::default()
        },
        ..SandboxSettings::default()
    };
    let plugin = FeaturePlugin::load(engine, &bytes, &settings.limits).unwrap();
    let binding = FeatureBinding::new(plugin.description(), schema).unwrap();
    let width = plugin.description().features.len();
    let call = |state: &[u8], rows: &[u8]| {
        let folded = fold::<F>(state, rows);
        (folded.features, folded.states)
    };
    Example {
        name,
        native: Box::new(NativeFolder::new(binding.clone(), width, call)),
        component: Box::new(plugin.sandbox(binding.clone(), settings)),
        binding,
    }
}

/// Some days of a seed's traffic, in order.
pub fn events(schema: &Schema, seed: u64) -> Vec<Arc<Event>> {
    let settings = Settings {
        seed,
        ..Settings::small()
    };
    let traffic = Traffic::generate(&settings);
    let event = |event: &card_traffic::Event| {
        let json = event.to_string();
        let draft = decode(schema, json.as_bytes()).unwrap();
        Arc::new(validate(schema, draft).unwrap())
    };
    traffic.sorted().into_iter().map(event).collect()
}

impl Example {
    /// The events of each of its timelines, in order.
    pub fn timelines(&self, events: &[Arc<Event>]) -> Vec<Vec<Arc<Event>>> {
        let mut timelines: BTreeMap<&str, Vec<Arc<Event>>> = BTreeMap::new();
        for event in events {
            if let Some(key) = event.text(self.binding.key_slot)
                && (self.applies(event) || is_scored(event))
            {
                timelines.entry(key).or_default().push(event.clone());
            }
        }
        timelines.into_values().collect()
    }

    /// Whether it changes the state.
    pub fn applies(&self, event: &Event) -> bool {
        self.binding.applies(event.kind())
    }
}

/// Whether its features are asked for.
pub fn is_scored(event: &Event) -> bool {
    event.kind().0 == 0
}
