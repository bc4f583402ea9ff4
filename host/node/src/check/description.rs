//! What a plugin says of itself: lines for people, a value for programs. Changes
//! nothing and judges nothing.

use std::fmt;

use foreshore_plugin::{FeatureDescription, ModelDescription};
use serde_json::{Value, json};

use crate::check::component::{Component, Plugin};

/// Shows a component: its world, its size, its digest, and what it says of itself.
pub struct Description<'a>(pub &'a Component);

impl Description<'_> {
    /// The same for programs.
    pub fn json(&self) -> Value {
        match &self.0.plugin {
            Plugin::Features(plugin) => features_json(plugin.description()),
            Plugin::Model(plugin) => {
                let ModelDescription { inputs, reasons } = plugin.description();
                json!({"inputs": inputs, "reasons": reasons})
            }
        }
    }
}

impl fmt::Display for Description<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Description(component) = self;
        writeln!(f, "  world    foreshore:plugin/{}@0.1.0", component.world())?;
        writeln!(f, "  size     {} bytes", component.bytes)?;
        writeln!(f, "  sha256   {}", component.digest())?;
        match &component.plugin {
            Plugin::Features(plugin) => features(plugin.description(), f),
            Plugin::Model(plugin) => {
                let ModelDescription { inputs, reasons } = plugin.description();
                inputs
                    .iter()
                    .try_for_each(|name| writeln!(f, "  input    {name}"))?;
                reasons
                    .iter()
                    .try_for_each(|name| writeln!(f, "  reason   {name}"))
            }
        }
    }
}

fn features(said: &FeatureDescription, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let unit = |unit: &Option<String>| {
        unit.as_ref()
            .map_or(String::new(), |unit| format!(" {unit}"))
    };
    writeln!(f, "  key      {}", said.key)?;
    writeln!(f, "  events   {}", said.events.join(", "))?;
    for field in &said.fields {
        writeln!(
            f,
            "  field    {}  {}{}",
            field.name,
            field.kind.name(),
            unit(&field.unit)
        )?;
    }
    for feature in &said.features {
        let unit = feature
            .unit
            .as_ref()
            .map_or(String::new(), |unit| format!(" in {unit}"));
        writeln!(f, "  feature  {}{unit}  {}", feature.name, feature.help)?;
    }
    let horizon = said
        .horizon
        .map_or("for ever".to_owned(), |horizon| horizon.to_string());
    writeln!(
        f,
        "  state    version {}, events matter {horizon}",
        said.state_version
    )
}

fn features_json(said: &FeatureDescription) -> Value {
    let fields = said.fields.iter();
    let fields = fields.map(|f| json!({"name": f.name, "kind": f.kind.name(), "unit": f.unit}));
    let features = said.features.iter();
    let features = features.map(|f| json!({"name": f.name, "help": f.help, "unit": f.unit}));
    json!({
        "key": said.key,
        "events": said.events,
        "fields": fields.collect::<Vec<_>>(),
        "features": features.collect::<Vec<_>>(),
        "state_version": said.state_version,
        "horizon_us": said.horizon.map(|horizon| horizon.0),
    })
}
