//! A trace's events as timelines: one per key, each in its total order. The schema is what the plugin's
//! description asks for, and the types that the trace has. Must not call the plugin.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use foreshore_event::{Event, Field, Kind, Schema, Unknown, decode, validate};
use foreshore_plugin::{FeatureBinding, FeatureDescription};
use serde_json::Value;

use crate::check::numbers::Numbers;
use crate::check::trace::{self, Line};

/// An event of a trace.
pub struct Step {
    /// Its line, from 1.
    pub line: usize,
    /// The event.
    pub event: Event,
    /// Whether it changes the state.
    pub apply: bool,
    /// The features expected as of it.
    pub expect: Numbers,
}

/// The events of a trace, by key.
pub struct Timelines {
    /// Where in an event the plugin finds what it reads.
    pub binding: FeatureBinding,
    /// The events of each key, in their total order.
    pub by_key: BTreeMap<String, Vec<Step>>,
    /// Lines without a key that expect features all the same.
    pub keyless: Vec<usize>,
    /// All events.
    pub events: usize,
}

/// Reads a trace for a feature plugin.
///
/// # Errors
/// When the file cannot be read, a line is no event, or two have the same source and id.
pub fn read(path: &Path, said: &FeatureDescription) -> anyhow::Result<Timelines> {
    let lines = trace::read(path)?;
    let schema = schema(said, &lines)?;
    let binding = FeatureBinding::new(said, &schema)?;
    let (mut by_key, mut keyless) = (BTreeMap::<String, Vec<Step>>::new(), Vec::new());
    let mut seen = HashSet::new();
    for line in &lines {
        let wrong = |reason: String| trace::at(path, line.number, &reason);
        let event = event(&schema, line).map_err(wrong)?;
        if !seen.insert(event.identity()) {
            let (source, id) = (event.source(), event.id());
            return Err(wrong(format!(
                "`{source}` has told of `{id}` before; give it an id of its own"
            )));
        }
        let expect = Numbers::of(&line.object, "expect").map_err(wrong)?;
        match event.text(binding.key_slot).map(str::to_owned) {
            Some(key) => by_key.entry(key).or_default().push(Step {
                line: line.number,
                apply: binding.applies(event.kind()),
                event,
                expect,
            }),
            None if !expect.is_empty() => keyless.push(line.number),
            None => {}
        }
    }
    for timeline in by_key.values_mut() {
        timeline.sort_by(|a, b| a.event.order_key().cmp(&b.event.order_key()));
    }
    Ok(Timelines {
        binding,
        by_key,
        keyless,
        events: lines.len(),
    })
}

/// A schema with all that the plugin asks for, and nothing that would get in a trace's way.
fn schema(said: &FeatureDescription, lines: &[Line]) -> anyhow::Result<Schema> {
    let mut types = said.events.clone();
    for name in lines
        .iter()
        .filter_map(|line| line.object.get("type")?.as_str())
    {
        if !types.iter().any(|known| known == name) {
            types.push(name.to_owned());
        }
    }
    let needs = said.fields.iter();
    let mut fields: Vec<Field> = needs
        .map(|need| Field {
            unit: need.unit.clone(),
            ..Field::new(&need.name, need.kind)
        })
        .collect();
    if !fields.iter().any(|field| field.name == said.key) {
        fields.push(Field::new(&said.key, Kind::Text));
    }
    fields
        .iter_mut()
        .for_each(|field| field.text_bytes_max = usize::MAX);
    Ok(Schema::new(types, fields, Unknown::Ignore)?)
}

fn event(schema: &Schema, line: &Line) -> Result<Event, String> {
    if !matches!(line.object.get("data"), Some(Value::Object(_))) {
        return Err("no object `data` with the event's fields".to_owned());
    }
    let draft = decode(schema, line.text.as_bytes()).map_err(|error| error.to_string())?;
    validate(schema, draft).map_err(|invalid| invalid.to_string())
}
