//! The event: one immutable typed row, shared by every timeline it stands in. Made by `validate` when
//! it arrives and by `row` when it is read back. Knows its own order and identity, not what became of it.

use crate::draft::Draft;
use crate::identity::{Digest, FieldValue, Identity};
use crate::order::OrderKey;
use crate::schema::{Schema, Slot, TypeIndex};
use crate::time::Time;

/// Start of a text that is missing.
const MISSING: u32 = u32::MAX;

/// One thing a device did, checked against its pipeline's schema.
#[derive(Debug, PartialEq)]
pub struct Event {
    time: Time,
    sequence: Option<u64>,
    kind: TypeIndex,
    identity: Identity,
    digest: Digest,
    numbers: Box<[f64]>,
    /// Source, id and the text fields, back to back.
    arena: Box<str>,
    /// Start and end in the arena: of the source, of the id, then of each text field.
    texts: Box<[(u32, u32)]>,
    extra: Option<Box<str>>,
}

impl Event {
    /// The event a checked draft describes.
    pub(crate) fn new(schema: &Schema, kind: TypeIndex, time: Time, draft: Draft<'_>) -> Event {
        let content = Content {
            schema,
            kind: schema.type_name(kind),
            time,
            sequence: draft.sequence,
            draft: &draft,
            extra: draft.extra.as_deref(),
        };
        let digest = Digest::of(&content);
        let source = draft.source.as_deref().unwrap_or_default();
        let id = draft.id.as_deref().unwrap_or_default();
        let mut arena = String::with_capacity(64);
        let mut texts = Vec::with_capacity(2 + draft.texts.len());
        let named = [Some(source), Some(id)];
        for text in named
            .into_iter()
            .chain(draft.texts.iter().map(|text| text.as_deref()))
        {
            // An arena is bounded by the body it came from, far below 4 GiB.
            let start = arena.len() as u32;
            arena.push_str(text.unwrap_or_default());
            texts.push((
                if text.is_some() { start } else { MISSING },
                arena.len() as u32,
            ));
        }
        Event {
            time,
            sequence: draft.sequence,
            kind,
            identity: Identity::of(source, id),
            digest,
            numbers: draft.numbers.into_boxed_slice(),
            arena: arena.into_boxed_str(),
            texts: texts.into_boxed_slice(),
            extra: draft.extra.map(String::into_boxed_str),
        }
    }

    /// When it happened, by its device's clock.
    pub fn time(&self) -> Time {
        self.time
    }

    /// The source's own counter.
    pub fn sequence(&self) -> Option<u64> {
        self.sequence
    }

    /// Its type, as an index into the schema's types.
    pub fn kind(&self) -> TypeIndex {
        self.kind
    }

    /// Who emitted it.
    pub fn source(&self) -> &str {
        self.arena_text(0).unwrap_or_default()
    }

    /// Its id, unique within the source.
    pub fn id(&self) -> &str {
        self.arena_text(1).unwrap_or_default()
    }

    /// Digest of source and id.
    pub fn identity(&self) -> Identity {
        self.identity
    }

    /// Digest of what it says.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Its place in the total order.
    pub fn order_key(&self) -> OrderKey<'_> {
        OrderKey {
            time: self.time,
            sequence: self.sequence,
            source: self.source(),
            id: self.id(),
        }
    }

    /// The numbers of its row, in slot order; missing ones are NaN.
    pub fn numbers(&self) -> &[f64] {
        &self.numbers
    }

    /// The text of a slot; none if it is missing.
    ///
    /// # Panics
    /// When the slot is another schema's.
    pub fn text(&self, slot: usize) -> Option<&str> {
        self.arena_text(2 + slot)
    }

    /// The texts of its row, in slot order; none where one is missing.
    pub fn texts(&self) -> impl ExactSizeIterator<Item = Option<&str>> {
        (2..self.texts.len()).map(|at| self.arena_text(at))
    }

    /// Data fields the schema does not list, as a JSON object, where the pipeline keeps them.
    pub fn extra(&self) -> Option<&str> {
        self.extra.as_deref()
    }

    /// Bytes this event takes in memory.
    pub fn bytes(&self) -> usize {
        size_of::<Event>()
            + self.numbers.len() * 8
            + self.arena.len()
            + self.texts.len() * 8
            + self.extra.as_ref().map_or(0, |extra| extra.len())
    }

    fn arena_text(&self, at: usize) -> Option<&str> {
        let (start, end) = self.texts[at];
        (start != MISSING).then(|| &self.arena[start as usize..end as usize])
    }
}

/// What counts towards an event's digest.
pub(crate) struct Content<'a> {
    pub(crate) schema: &'a Schema,
    pub(crate) kind: &'a str,
    pub(crate) time: Time,
    pub(crate) sequence: Option<u64>,
    pub(crate) draft: &'a Draft<'a>,
    pub(crate) extra: Option<&'a str>,
}

impl Content<'_> {
    /// The value in a slot.
    pub(crate) fn value(&self, slot: Slot) -> FieldValue<'_> {
        match slot {
            Slot::Number(at) if self.draft.numbers[at].is_nan() => FieldValue::Missing,
            Slot::Number(at) => FieldValue::Number(self.draft.numbers[at]),
            Slot::Text(at) => match &self.draft.texts[at] {
                Some(text) => FieldValue::Text(text),
                None => FieldValue::Missing,
            },
        }
    }
}
