//! Who an event is and what it says: two 128-bit digests (BLAKE3, truncated). A source cannot forge
//! another's identity, and equal digests mean equal content. Knows nothing of the index they are kept in.

use crate::event::Content;

/// Digest of `(source, id)`: which event this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Identity(pub u128);

/// Digest of an event's typed content: what it says. Fields count by name, so a pipeline that gains a
/// field still recognises the events it saw before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Digest(pub u128);

impl Identity {
    /// The identity of `id` within `source`.
    pub fn of(source: &str, id: &str) -> Identity {
        let mut hasher = Hasher::new();
        hasher.text(source);
        hasher.text(id);
        Identity(hasher.finish())
    }
}

impl Digest {
    /// The digest of a typed row. Missing fields do not count.
    pub(crate) fn of(content: &Content<'_>) -> Digest {
        let mut hasher = Hasher::new();
        hasher.text(content.kind);
        hasher.bytes(&content.time.0.to_le_bytes());
        hasher.bytes(
            &content
                .sequence
                .map_or(0, |s| s.wrapping_add(1))
                .to_le_bytes(),
        );
        for field in content.schema.fields() {
            match content.value(field.slot) {
                FieldValue::Number(number) => {
                    hasher.text(&field.name);
                    hasher.bytes(&number.to_bits().to_le_bytes());
                }
                FieldValue::Text(text) => {
                    hasher.text(&field.name);
                    hasher.text(text);
                }
                FieldValue::Missing => {}
            }
        }
        hasher.text(content.extra.unwrap_or_default());
        Digest(hasher.finish())
    }
}

/// A field's value as it counts towards a digest.
pub(crate) enum FieldValue<'a> {
    /// A number, an integer or a boolean.
    Number(f64),
    /// A text.
    Text(&'a str),
    /// Nothing.
    Missing,
}

/// Length-prefixed parts, gathered and hashed at once: short inputs are one compression.
struct Hasher(Vec<u8>);

impl Hasher {
    fn new() -> Hasher {
        // Most events say less than this.
        Hasher(Vec::with_capacity(512))
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn text(&mut self, text: &str) {
        self.bytes(&(text.len() as u64).to_le_bytes());
        self.bytes(text.as_bytes());
    }

    fn finish(self) -> u128 {
        let mut half = [0; 16];
        half.copy_from_slice(&blake3::hash(&self.0).as_bytes()[..16]);
        u128::from_le_bytes(half)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_tells_where_the_source_ends() {
        assert_ne!(Identity::of("ab", "c"), Identity::of("a", "bc"));
        assert_eq!(Identity::of("ab", "c"), Identity::of("ab", "c"));
    }
}
