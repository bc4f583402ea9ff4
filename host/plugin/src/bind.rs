//! A feature plugin's needs against a pipeline's events: takes a description and a schema, gives where in
//! an event each need is found, or every need that is not met. Must not know how rows are laid out.

use foreshore_event::{Kind, Schema, Slot, TypeIndex, nearest};

use crate::describe::{FeatureDescription, FieldNeed};
use crate::faults::Faults;

/// Index of an event type that is none of the plugin's, and of a read.
pub(crate) const OTHER_TYPE: u16 = u16::MAX;

/// Where in a pipeline's events a plugin finds what it reads.
#[derive(Clone, Debug)]
pub struct FeatureBinding {
    /// Text slot of the field whose value names the timeline.
    pub key_slot: usize,
    /// Slots of the plugin's fields, in its order.
    pub(crate) fields: Vec<Slot>,
    /// The plugin's index of each of the pipeline's event types.
    pub(crate) types: Vec<u16>,
}

/// The needs of a plugin that a pipeline does not meet, as far as they fit into a message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the plugin does not fit the pipeline's events: {}", mismatches.join("; "))]
pub struct BindError {
    /// One line each: item, found, expected; where they are very many, how many more there are.
    pub mismatches: Vec<String>,
}

impl FeatureBinding {
    /// Finds a plugin's fields and event types in a schema.
    ///
    /// # Errors
    /// Lists the fields and types that are missing or are of another kind or unit.
    pub fn new(
        description: &FeatureDescription,
        schema: &Schema,
    ) -> Result<FeatureBinding, BindError> {
        let mut faults = Faults::default();
        let key_slot = key(&description.key, schema).unwrap_or_else(|mismatch| {
            faults.add(|| mismatch);
            0
        });
        let mut fields = Vec::with_capacity(description.fields.len());
        for need in &description.fields {
            match field(need, schema) {
                Ok(slot) => fields.push(slot),
                Err(mismatch) => faults.add(|| mismatch),
            }
        }
        let mut types = vec![OTHER_TYPE; schema.types().len()];
        for (name, index) in description.events.iter().zip(0..) {
            match schema.type_index(name) {
                Some(TypeIndex(at)) => types[usize::from(at)] = index,
                None => faults.add(|| missing("event type", name, schema.types())),
            }
        }
        let binding = FeatureBinding {
            key_slot,
            fields,
            types,
        };
        faults
            .none(binding)
            .map_err(|mismatches| BindError { mismatches })
    }

    /// Whether events of this type change the plugin's state.
    pub fn applies(&self, kind: TypeIndex) -> bool {
        self.type_index(kind) != OTHER_TYPE
    }

    /// The plugin's index of an event type.
    pub(crate) fn type_index(&self, kind: TypeIndex) -> u16 {
        let at = usize::from(kind.0);
        self.types.get(at).copied().unwrap_or(OTHER_TYPE)
    }
}

fn key(name: &str, schema: &Schema) -> Result<usize, String> {
    let Some(field) = schema.field(name) else {
        return Err(missing("key field", name, names(schema)));
    };
    match field.slot {
        Slot::Text(slot) => Ok(slot),
        Slot::Number(_) => Err(format!(
            "key field `{name}`: found kind {}, expected {}",
            field.kind.name(),
            Kind::Text.name()
        )),
    }
}

fn field(need: &FieldNeed, schema: &Schema) -> Result<Slot, String> {
    let FieldNeed { name, kind, unit } = need;
    let Some(field) = schema.field(name) else {
        return Err(missing("field", name, names(schema)));
    };
    if field.kind != *kind {
        let (found, expected) = (field.kind.name(), kind.name());
        return Err(format!(
            "field `{name}`: found kind {found}, expected {expected}"
        ));
    }
    if field.unit != *unit {
        let shown = |unit: &Option<String>| match unit {
            Some(unit) => format!("unit `{unit}`"),
            None => "no unit".to_owned(),
        };
        return Err(format!(
            "field `{name}`: found {}, expected {}",
            shown(&field.unit),
            shown(unit)
        ));
    }
    Ok(field.slot)
}

fn names(schema: &Schema) -> impl Iterator<Item = &String> {
    schema.fields().iter().map(|field| &field.name)
}

fn missing<'a>(what: &str, name: &str, among: impl IntoIterator<Item = &'a String>) -> String {
    let near = nearest(name, among.into_iter().map(String::as_str));
    let near = near.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
    format!("{what} `{name}`: the pipeline has none of that name{near}")
}

#[cfg(test)]
mod tests {
    use foreshore_event::{Field, Unknown};

    use super::*;

    fn schema() -> Schema {
        let mut amount = Field::new("amount", Kind::Number);
        amount.unit = Some("EUR".into());
        let fields = vec![
            amount,
            Field::new("customer", Kind::Text),
            Field::new("online", Kind::Boolean),
        ];
        let types = vec!["refused".into(), "payment.completed".into()];
        Schema::new(types, fields, Unknown::Reject).unwrap()
    }

    fn needs(
        key: &str,
        events: &[&str],
        fields: &[(&str, Kind, Option<&str>)],
    ) -> FeatureDescription {
        FeatureDescription {
            key: key.into(),
            events: events.iter().map(|&name| name.into()).collect(),
            fields: fields
                .iter()
                .map(|&(name, kind, unit)| FieldNeed {
                    name: name.into(),
                    kind,
                    unit: unit.map(Into::into),
                })
                .collect(),
            features: vec![],
            state_version: 1,
            horizon: None,
        }
    }

    #[test]
    fn a_plugin_that_fits_finds_its_key_its_fields_and_its_types() {
        let fields = [
            ("online", Kind::Boolean, None),
            ("amount", Kind::Number, Some("EUR")),
        ];
        let needs = needs("customer", &["payment.completed"], &fields);
        let binding = FeatureBinding::new(&needs, &schema()).unwrap();
        assert_eq!(binding.key_slot, 0);
        assert_eq!(binding.fields, [Slot::Number(1), Slot::Number(0)]);
        assert!(!binding.applies(TypeIndex(0)));
        assert!(binding.applies(TypeIndex(1)));
    }

    #[test]
    fn every_mismatch_is_told_at_once_with_the_nearest_name() {
        let fields = [
            ("online", Kind::Number, None),
            ("amount", Kind::Number, Some("USD")),
            ("colour", Kind::Text, None),
        ];
        let needs = needs("custommer", &["payment.complete"], &fields);
        let error = FeatureBinding::new(&needs, &schema()).unwrap_err();
        assert_eq!(
            error.mismatches,
            [
                "key field `custommer`: the pipeline has none of that name; did you mean `customer`?",
                "field `online`: found kind boolean, expected number",
                "field `amount`: found unit `EUR`, expected unit `USD`",
                "field `colour`: the pipeline has none of that name",
                "event type `payment.complete`: the pipeline has none of that name; did you mean `payment.completed`?",
            ]
        );
    }

    #[test]
    fn a_key_must_be_text() {
        let error = FeatureBinding::new(&needs("amount", &[], &[]), &schema()).unwrap_err();
        let expected = "the plugin does not fit the pipeline's events: \
                        key field `amount`: found kind number, expected text";
        assert_eq!(error.to_string(), expected);
    }
}
