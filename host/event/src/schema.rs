//! What a pipeline's events look like: their types, and their fields with kind, unit and bounds. Built
//! once from configuration; decode and validate read it. Knows nothing of files or of plugins.

use hashbrown::HashMap;

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A finite `f64`.
    Number,
    /// A whole number of magnitude at most 2^53.
    Integer,
    /// True or false, carried as 1.0 or 0.0.
    Boolean,
    /// UTF-8 text.
    Text,
}

impl Kind {
    /// The kind's name in configuration, messages and the plugin contract.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Number => "number",
            Kind::Integer => "integer",
            Kind::Boolean => "boolean",
            Kind::Text => "text",
        }
    }
}

/// Where a field stands in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// Index among the row's numbers.
    Number(usize),
    /// Index among the row's texts.
    Text(usize),
}

/// Index of an event type in its schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypeIndex(pub u16);

/// Events of which types must carry a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Required {
    /// None need it.
    Never,
    /// All of them.
    Always,
    /// Those of these types.
    For(Vec<TypeIndex>),
}

/// One field of a pipeline's events.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Its name in `data`.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// The unit its numbers are in, as text.
    pub unit: Option<String>,
    /// Which events must carry it.
    pub required: Required,
    /// Smallest value allowed.
    pub min: Option<f64>,
    /// Largest value allowed.
    pub max: Option<f64>,
    /// The only texts allowed, if any are listed.
    pub allowed: Vec<String>,
    /// Longest text allowed, in bytes.
    pub text_bytes_max: usize,
    /// Where it stands in a row; set by [`Schema::new`].
    pub slot: Slot,
}

impl Field {
    /// A field without unit or bounds, to be refined.
    pub fn new(name: impl Into<String>, kind: Kind) -> Field {
        Field {
            name: name.into(),
            kind,
            unit: None,
            required: Required::Never,
            min: None,
            max: None,
            allowed: Vec::new(),
            text_bytes_max: TEXT_BYTES_MAX,
            slot: Slot::Number(0),
        }
    }
}

/// Longest text of a field that sets no bound of its own: ids and names fit, documents do not.
pub const TEXT_BYTES_MAX: usize = 256;

/// Most fields of a schema: decoders keep one bit per field to notice a key given twice.
pub const FIELDS_MAX: usize = 128;

/// How much JSON an event may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JsonBounds {
    /// Longest event, in bytes.
    pub bytes_max: usize,
    /// Deepest nesting of what is passed over or kept unread: an attribute or a field the schema does not list.
    pub depth_max: usize,
}

impl Default for JsonBounds {
    /// What an event needs, with room: texts of 256 bytes in 128 fields come to half of it.
    fn default() -> JsonBounds {
        JsonBounds {
            bytes_max: 64 << 10,
            depth_max: 32,
        }
    }
}

/// What becomes of data fields the schema does not list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unknown {
    /// Kept with the event, as text no plugin sees.
    Keep,
    /// Dropped.
    Ignore,
    /// The event is invalid.
    #[default]
    Reject,
}

/// The types and fields of a pipeline's events.
#[derive(Clone, Debug)]
pub struct Schema {
    types: Vec<String>,
    fields: Vec<Field>,
    by_name: HashMap<String, usize>,
    /// What becomes of data fields not listed.
    pub unknown: Unknown,
    /// How much JSON an event may be; set by who wants other bounds.
    pub bounds: JsonBounds,
    numbers: usize,
    texts: usize,
}

/// A list of types or fields that no schema can have.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// A name twice in one list.
    #[error("{what} `{name}` is listed twice; keep one")]
    Twice {
        /// "event type" or "field".
        what: &'static str,
        /// The name.
        name: String,
    },
    /// More fields than a decoder can tell apart.
    #[error("{0} fields; at most 128 are possible")]
    TooManyFields(usize),
    /// More types than an index can name.
    #[error("{0} event types; at most 65534 are possible")]
    TooManyTypes(usize),
}

impl Schema {
    /// A schema of these event types and fields; gives each field its slot.
    ///
    /// # Errors
    /// When a name stands twice in one of the lists, or there are more than 65,534 types or 128 fields.
    pub fn new(
        types: Vec<String>,
        mut fields: Vec<Field>,
        unknown: Unknown,
    ) -> Result<Schema, SchemaError> {
        if types.len() >= usize::from(u16::MAX) {
            return Err(SchemaError::TooManyTypes(types.len()));
        }
        if fields.len() > FIELDS_MAX {
            return Err(SchemaError::TooManyFields(fields.len()));
        }
        for (at, name) in types.iter().enumerate() {
            if types[..at].contains(name) {
                return Err(SchemaError::Twice {
                    what: "event type",
                    name: name.clone(),
                });
            }
        }
        let (mut numbers, mut texts) = (0, 0);
        let mut by_name = HashMap::new();
        for (at, field) in fields.iter_mut().enumerate() {
            let (counter, slot): (_, fn(usize) -> Slot) = match field.kind {
                Kind::Text => (&mut texts, Slot::Text),
                _ => (&mut numbers, Slot::Number),
            };
            field.slot = slot(*counter);
            *counter += 1;
            if by_name.insert(field.name.clone(), at).is_some() {
                return Err(SchemaError::Twice {
                    what: "field",
                    name: field.name.clone(),
                });
            }
        }
        Ok(Schema {
            types,
            fields,
            by_name,
            unknown,
            bounds: JsonBounds::default(),
            numbers,
            texts,
        })
    }

    /// The fields, in the order they were listed.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The field of this name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.by_name.get(name).map(|&at| &self.fields[at])
    }

    /// The field of this name and its index among the fields.
    pub(crate) fn position(&self, name: &str) -> Option<(usize, &Field)> {
        self.by_name.get(name).map(|&at| (at, &self.fields[at]))
    }

    /// What to say of a data field that is not listed.
    pub fn unknown_field(&self, name: &str) -> String {
        let names = self.fields.iter().map(|field| field.name.as_str());
        match nearest(name, names) {
            Some(near) => format!("not a field of this pipeline; did you mean `{near}`?"),
            None => "not a field of this pipeline".to_owned(),
        }
    }

    /// The event types, in index order.
    pub fn types(&self) -> &[String] {
        &self.types
    }

    /// The index of the event type of this name.
    pub fn type_index(&self, name: &str) -> Option<TypeIndex> {
        let at = self.types.iter().position(|t| t == name)?;
        u16::try_from(at).ok().map(TypeIndex)
    }

    /// The name of an event type.
    ///
    /// # Panics
    /// When the index is another schema's.
    pub fn type_name(&self, index: TypeIndex) -> &str {
        &self.types[usize::from(index.0)]
    }

    /// How many numbers a row holds.
    pub fn numbers(&self) -> usize {
        self.numbers
    }

    /// How many texts a row holds.
    pub fn texts(&self) -> usize {
        self.texts
    }
}

/// Longest name that is compared with others.
const NAME_BYTES_COMPARED: usize = 128;

/// The name most like `name` among `candidates`, if any is like it at all.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Nothing that long is a slip of any name, and likeness takes time with the length.
    if name.len() > NAME_BYTES_COMPARED {
        return None;
    }
    candidates
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_texts_are_counted_apart() {
        let fields = vec![
            Field::new("amount", Kind::Number),
            Field::new("card", Kind::Text),
            Field::new("online", Kind::Boolean),
        ];
        let schema = Schema::new(vec!["paid".into()], fields, Unknown::Reject).unwrap();
        let slot = |name| schema.field(name).map(|field| field.slot);
        assert_eq!(slot("amount"), Some(Slot::Number(0)));
        assert_eq!(slot("card"), Some(Slot::Text(0)));
        assert_eq!(slot("online"), Some(Slot::Number(1)));
        assert_eq!(slot("colour"), None);
    }

    #[test]
    fn a_name_listed_twice_is_refused() {
        let twice = vec![
            Field::new("card", Kind::Text),
            Field::new("card", Kind::Number),
        ];
        let error = Schema::new(vec![], twice, Unknown::Keep)
            .unwrap_err()
            .to_string();
        assert_eq!(error, "field `card` is listed twice; keep one");
        let error = Schema::new(vec!["a".into(), "a".into()], vec![], Unknown::Keep).unwrap_err();
        assert_eq!(
            error.to_string(),
            "event type `a` is listed twice; keep one"
        );
    }
}
