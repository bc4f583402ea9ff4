//! What reading a log takes beside its bytes: the manifest they were written under, and where each type
//! and field of it stands in the reader's schema, by name. Takes no bytes; must not know record layouts.

use std::sync::Arc;

use foreshore_core::Manifest;
use foreshore_core::manifest::NamedField;
use foreshore_event::{Field, Kind, Schema, Slot, TypeIndex, Unknown};

use super::error::DecodeError;

/// The type of an event that is only mentioned, and whose type the reader's pipeline no longer has. The
/// index is beyond every schema's types: ask `types().get()`, not `type_name()`.
pub const TYPE_GONE: TypeIndex = TypeIndex(u16::MAX);

/// Kinds by the names manifests use.
const KINDS: [Kind; 4] = [Kind::Number, Kind::Integer, Kind::Boolean, Kind::Text];

/// How records written under one manifest become records of one schema. Fields that were added since are
/// missing, those removed are dropped, and one whose kind has changed is missing too.
#[derive(Clone, Debug)]
pub struct Reading {
    /// What the records were written under.
    pub(super) written: Arc<Manifest>,
    /// What the reader's events look like.
    pub(super) schema: Arc<Schema>,
    pub(super) numbers: Slots,
    pub(super) texts: Slots,
    /// For every written type the reader's.
    types: Box<[Option<TypeIndex>]>,
}

impl Reading {
    /// Records written under this manifest, for a reader of this schema.
    ///
    /// # Errors
    /// When the manifest has a kind of field this build does not know.
    pub fn new(written: Arc<Manifest>, schema: &Arc<Schema>) -> Result<Reading, DecodeError> {
        let (mut numbers, mut texts) = (Vec::new(), Vec::new());
        for (field, kind) in written.fields.iter().zip(kinds(&written)?) {
            let same = schema.field(&field.name).filter(|found| found.kind == kind);
            let slots = match kind {
                Kind::Text => &mut texts,
                _ => &mut numbers,
            };
            slots.push(same.map(|found| match found.slot {
                Slot::Number(at) | Slot::Text(at) => at,
            }));
        }
        let types = written.types.iter().map(|name| schema.type_index(name));
        Ok(Reading {
            types: types.collect(),
            numbers: Slots::new(numbers, schema.numbers()),
            texts: Slots::new(texts, schema.texts()),
            schema: schema.clone(),
            written,
        })
    }

    /// Records written under this manifest as they were written: for tools that have only the log.
    ///
    /// # Errors
    /// When the manifest has a kind of field this build does not know, or lists what no schema can.
    pub fn alone(written: Arc<Manifest>) -> Result<Reading, DecodeError> {
        let named = written.fields.iter().zip(kinds(&written)?);
        let fields = named
            .map(|(field, kind)| Field::new(&field.name, kind))
            .collect();
        let schema = Schema::new(written.types.clone(), fields, Unknown::Keep);
        let schema = schema.map_err(|error| unreadable(&written, error.to_string()))?;
        Reading::new(written, &Arc::new(schema))
    }

    /// What the records were written under.
    pub fn written(&self) -> &Arc<Manifest> {
        &self.written
    }

    /// The reader's type for a written one: none if the manifest has no such type.
    pub(super) fn event_type(&self, written: usize) -> Option<Result<TypeIndex, DecodeError>> {
        let gone = || DecodeError::Gone(self.written.types[written].clone());
        self.types.get(written).map(|found| found.ok_or_else(gone))
    }

    /// The reader's type for the written one of an event that is only mentioned.
    pub(super) fn mentioned_type(&self, written: usize) -> Option<TypeIndex> {
        match self.types.get(written) {
            Some(found) => Some(found.unwrap_or(TYPE_GONE)),
            None => (written == usize::from(TYPE_GONE.0)).then_some(TYPE_GONE),
        }
    }
}

fn kinds(written: &Manifest) -> Result<Vec<Kind>, DecodeError> {
    let kind = |name: &str| KINDS.into_iter().find(|kind| kind.name() == name);
    let of_field = |field: &NamedField| {
        let unknown = || {
            format!(
                "field `{}` is of the unknown kind `{}`",
                field.name, field.kind
            )
        };
        kind(&field.kind).ok_or_else(|| unreadable(written, unknown()))
    };
    written.fields.iter().map(of_field).collect()
}

fn unreadable(written: &Manifest, found: String) -> DecodeError {
    DecodeError::Manifest {
        pipeline: written.pipeline.clone(),
        found,
    }
}

/// Where the slots of a written row went.
#[derive(Clone, Debug)]
pub(super) struct Slots {
    /// For every written slot the reader's.
    to: Box<[Option<usize>]>,
    /// How many the reader has.
    reader: usize,
    /// Whether every slot stayed where it was.
    same: bool,
}

impl Slots {
    fn new(to: Vec<Option<usize>>, reader: usize) -> Slots {
        let same = to.iter().copied().eq((0..reader).map(Some));
        let to = to.into_boxed_slice();
        Slots { to, reader, same }
    }

    /// How many slots a written row has.
    pub(super) fn written(&self) -> usize {
        self.to.len()
    }

    /// The values of a written row, in the reader's slots; `missing` where it has none.
    pub(super) fn place<T: Clone>(&self, values: Vec<T>, missing: T) -> Vec<T> {
        if self.same {
            return values;
        }
        let mut placed = vec![missing; self.reader];
        for (value, to) in values.into_iter().zip(&self.to) {
            if let Some(slot) = to.and_then(|to| placed.get_mut(to)) {
                *slot = value;
            }
        }
        placed
    }
}
