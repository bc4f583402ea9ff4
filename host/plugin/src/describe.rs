//! What plugins say of themselves, checked: names that are names, none twice, bounded counts. Takes the
//! values `describe` returned; must not know any pipeline.

use std::collections::HashSet;

use foreshore_event::{FIELDS_MAX, Kind, Span};

use crate::bindings::features::exports::foreshore::plugin::features as wit;
use crate::bindings::features::exports::foreshore::plugin::types;
use crate::bindings::model::exports::foreshore::plugin::model;
use crate::faults::{Faults, shown};

/// Longest name, in bytes.
const NAME_BYTES_MAX: usize = 128;

/// Longest help line, in bytes.
const HELP_BYTES_MAX: usize = 1024;

/// Most event types, as the contract says: the index 0xFFFF means any other.
const EVENTS_MAX: usize = 65_534;

/// Most features of a plugin: 256 rows of them are 2 MiB.
const FEATURES_MAX: usize = 1024;

/// Most inputs of a model.
const INPUTS_MAX: usize = 4096;

/// Most reasons of a model.
const REASONS_MAX: usize = 256;

/// A field a feature plugin reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldNeed {
    /// The pipeline's name of it.
    pub name: String,
    /// What it must hold.
    pub kind: Kind,
    /// The unit its numbers must be in.
    pub unit: Option<String>,
}

/// A number a feature plugin yields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeatureSpec {
    /// Its name within the plugin.
    pub name: String,
    /// One line for people.
    pub help: String,
    /// The unit of the number.
    pub unit: Option<String>,
}

/// What a feature plugin is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeatureDescription {
    /// The text field whose value names the timeline.
    pub key: String,
    /// Types of the events that change the state.
    pub events: Vec<String>,
    /// Fields it reads, in the order of a row.
    pub fields: Vec<FieldNeed>,
    /// What it yields, in order; at least one.
    pub features: Vec<FeatureSpec>,
    /// Version of the state's encoding.
    pub state_version: u32,
    /// How far back an event still matters; none: for ever.
    pub horizon: Option<Span>,
}

/// What a model plugin is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelDescription {
    /// Names of its inputs, in order; at least one.
    pub inputs: Vec<String>,
    /// Names of its reasons, in order.
    pub reasons: Vec<String>,
}

impl FeatureDescription {
    /// Checks what a feature plugin returned.
    ///
    /// # Errors
    /// Lists everything that cannot be.
    pub(crate) fn new(said: wit::Description) -> Result<FeatureDescription, Vec<String>> {
        let mut faults = Faults::default();
        faults.name("key", &said.key);
        faults.names("event type", &said.events, 0..=EVENTS_MAX);
        let fields: Vec<FieldNeed> = said.fields.into_iter().map(FieldNeed::from).collect();
        faults.names("field", fields.iter().map(|f| &f.name), 0..=FIELDS_MAX);
        let features: Vec<FeatureSpec> = said.features.into_iter().map(FeatureSpec::from).collect();
        faults.names(
            "feature",
            features.iter().map(|f| &f.name),
            1..=FEATURES_MAX,
        );
        for feature in &features {
            faults.feature(feature);
        }
        for unit in units(&fields, &features) {
            faults.name("unit", unit);
        }
        let horizon = said.horizon.map(|micros| {
            i64::try_from(micros).map(Span).unwrap_or_else(|_| {
                faults.add(|| {
                    format!(
                        "horizon of {micros} us is longer than time itself; leave it out for ever"
                    )
                });
                Span::default()
            })
        });
        faults.none(FeatureDescription {
            key: said.key,
            events: said.events,
            fields,
            features,
            state_version: said.state_version,
            horizon,
        })
    }
}

impl ModelDescription {
    /// Checks what a model plugin returned.
    ///
    /// # Errors
    /// Lists everything that cannot be.
    pub(crate) fn new(said: model::Description) -> Result<ModelDescription, Vec<String>> {
        let mut faults = Faults::default();
        faults.names("input", &said.inputs, 1..=INPUTS_MAX);
        faults.names("reason", &said.reasons, 0..=REASONS_MAX);
        faults.none(ModelDescription {
            inputs: said.inputs,
            reasons: said.reasons,
        })
    }
}

impl From<types::Field> for FieldNeed {
    fn from(field: types::Field) -> FieldNeed {
        FieldNeed {
            name: field.name,
            kind: match field.kind {
                types::Kind::Number => Kind::Number,
                types::Kind::Integer => Kind::Integer,
                types::Kind::Boolean => Kind::Boolean,
                types::Kind::Text => Kind::Text,
            },
            unit: field.unit,
        }
    }
}

impl From<types::Feature> for FeatureSpec {
    fn from(feature: types::Feature) -> FeatureSpec {
        FeatureSpec {
            name: feature.name,
            help: feature.help,
            unit: feature.unit,
        }
    }
}

fn units<'a>(
    fields: &'a [FieldNeed],
    features: &'a [FeatureSpec],
) -> impl Iterator<Item = &'a String> {
    let fields = fields.iter().filter_map(|field| field.unit.as_ref());
    fields.chain(features.iter().filter_map(|feature| feature.unit.as_ref()))
}

/// The checks of a description's parts.
impl Faults {
    fn names<'a>(
        &mut self,
        what: &str,
        names: impl IntoIterator<Item = &'a String>,
        count: std::ops::RangeInclusive<usize>,
    ) {
        let mut seen = HashSet::new();
        let mut found = 0_usize;
        for name in names {
            found += 1;
            self.name(what, name);
            if !seen.insert(name) {
                self.add(|| format!("{what} {} is listed twice; keep one", shown(name)));
            }
        }
        if !count.contains(&found) {
            let (least, most) = (count.start(), count.end());
            self.add(|| format!("{found} {what}s, expected {least} to {most}"));
        }
    }

    /// A name is a short line without blanks at its ends.
    fn name(&mut self, what: &str, name: &str) {
        let sound = (1..=NAME_BYTES_MAX).contains(&name.len())
            && name.trim() == name
            && !name.contains(char::is_control);
        if !sound {
            self.add(|| {
                format!(
                    "{what} {} is not a name; give 1 to {NAME_BYTES_MAX} bytes on one line, no blanks at the ends",
                    shown(name)
                )
            });
        }
    }

    fn feature(&mut self, feature: &FeatureSpec) {
        let FeatureSpec { name, help, .. } = feature;
        let starts = name.starts_with(|c: char| c.is_ascii_lowercase());
        let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if !starts || !name.chars().all(letters) {
            self.add(|| {
                format!(
                    "feature {} must start with a lower case letter and go on with those, digits and underscores",
                    shown(name)
                )
            });
        }
        if help.len() > HELP_BYTES_MAX || help.contains(char::is_control) {
            self.add(|| {
                format!(
                    "help of feature {} must be one line of at most {HELP_BYTES_MAX} bytes",
                    shown(name)
                )
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_wrong_with_a_description_is_told_at_once() {
        let feature = |name: &str| types::Feature {
            name: name.into(),
            help: "two\nlines".into(),
            unit: None,
        };
        let said = wit::Description {
            key: String::new(),
            events: vec!["paid".into(), "paid".into()],
            fields: vec![types::Field {
                name: "amount ".into(),
                kind: types::Kind::Number,
                unit: None,
            }],
            features: vec![feature("Mean")],
            state_version: 1,
            horizon: Some(u64::MAX),
        };
        let faults = FeatureDescription::new(said).unwrap_err();
        let expected = [
            "key \"\" is not a name",
            "event type \"paid\" is listed twice",
            "field \"amount \" is not a name",
            "feature \"Mean\" must start",
            "help of feature \"Mean\" must be one line",
            "horizon of 18446744073709551615 us",
        ];
        assert_eq!(faults.len(), expected.len(), "{faults:#?}");
        for (fault, start) in faults.iter().zip(expected) {
            assert!(fault.starts_with(start), "{fault}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_in_a_few_words_however_much_it_is() {
        let said = model::Description {
            inputs: vec!["é".repeat(1_000); 10_000],
            reasons: vec![String::new(); 10_000],
        };
        let faults = ModelDescription::new(said).unwrap_err();
        assert!(faults.join("; ").len() < 10_000);
        assert!(
            faults.iter().any(|fault| fault.ends_with(" more")),
            "{faults:?}"
        );
    }

    #[test]
    fn a_plugin_without_features_and_a_model_without_inputs_say_nothing_useful() {
        let said = wit::Description {
            key: "card".into(),
            events: vec![],
            fields: vec![],
            features: vec![],
            state_version: 0,
            horizon: None,
        };
        let faults = FeatureDescription::new(said).unwrap_err();
        assert_eq!(faults, ["0 features, expected 1 to 1024"]);
        let said = model::Description {
            inputs: vec![],
            reasons: vec![],
        };
        let faults = ModelDescription::new(said).unwrap_err();
        assert_eq!(faults, ["0 inputs, expected 1 to 4096"]);
    }
}
