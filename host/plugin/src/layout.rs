//! Rows to bytes and bytes to states, exactly as `docs/PLUGIN-ABI.md` draws them. Every length a guest
//! gave is checked before it is believed. Must not know how a plugin is called.

use foreshore_event::{Event, Slot};
use foreshore_timeline::{Flags, Folded, Row, State};

use crate::bind::{FeatureBinding, OTHER_TYPE};

/// Bytes of a row before its fields.
const ROW_HEAD_BYTES: usize = 16;

/// Bytes of a field.
const FIELD_BYTES: usize = 8;

/// Length of a text that is missing.
const MISSING_TEXT: u32 = u32::MAX;

/// Rows as bytes; its buffers are used again by the next call.
#[derive(Default)]
pub(crate) struct Encoder {
    bytes: Vec<u8>,
    arena: Vec<u8>,
}

impl Encoder {
    /// The bytes of these rows.
    pub(crate) fn encode(&mut self, binding: &FeatureBinding, rows: &[Row<'_>]) -> &[u8] {
        self.bytes.clear();
        self.arena.clear();
        let stride = ROW_HEAD_BYTES + FIELD_BYTES * binding.fields.len();
        self.bytes.reserve(8 + rows.len() * stride);
        // At most 256 rows of at most 128 fields; texts are bounded by the bodies they came in.
        self.put(&(rows.len() as u32).to_le_bytes());
        self.put(&(stride as u32).to_le_bytes());
        for row in rows {
            self.row(binding, row);
        }
        self.bytes.extend_from_slice(&self.arena);
        &self.bytes
    }

    fn row(&mut self, binding: &FeatureBinding, row: &Row<'_>) {
        let kind = row
            .event
            .map_or(OTHER_TYPE, |event| binding.type_index(event.kind()));
        self.put(&row.time.0.to_le_bytes());
        self.put(&kind.to_le_bytes());
        self.put(&[flag_bits(row.flags), 0, 0, 0, 0, 0]);
        for slot in &binding.fields {
            match slot {
                Slot::Number(at) => self.number(row.event, *at),
                Slot::Text(at) => self.text(row.event, *at),
            }
        }
    }

    fn number(&mut self, event: Option<&Event>, at: usize) {
        let number = event.and_then(|event| event.numbers().get(at)).copied();
        self.put(&one_nan(number.unwrap_or(f64::NAN)).to_le_bytes());
    }

    fn text(&mut self, event: Option<&Event>, at: usize) {
        let (offset, length) = match event.and_then(|event| event.text(at)) {
            Some(text) => {
                let offset = self.arena.len() as u32;
                self.arena.extend_from_slice(text.as_bytes());
                (offset, text.len() as u32)
            }
            None => (0, MISSING_TEXT),
        };
        self.put(&offset.to_le_bytes());
        self.put(&length.to_le_bytes());
    }

    fn put(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }
}

fn flag_bits(flags: Flags) -> u8 {
    u8::from(flags.apply) | u8::from(flags.emit) << 1 | u8::from(flags.mark) << 2
}

/// A missing number has one bit pattern, whoever computed it.
fn one_nan(number: f64) -> f64 {
    if number.is_nan() { f64::NAN } else { number }
}

/// What a fold call must give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Expected {
    /// Rows flagged `emit`.
    emits: usize,
    /// Rows flagged `mark`.
    marks: usize,
    /// Features of a row.
    features: usize,
    /// Most bytes of one state.
    state_bytes: usize,
}

impl Expected {
    /// What these rows ask of a plugin with so many features.
    pub(crate) fn new(rows: &[Row<'_>], features: usize, state_bytes: usize) -> Expected {
        let count = |wanted: fn(&Flags) -> bool| rows.iter().filter(|r| wanted(&r.flags)).count();
        Expected {
            emits: count(|flags| flags.emit),
            marks: count(|flags| flags.mark),
            features,
            state_bytes,
        }
    }

    /// Most bytes of an honest answer; one more state than asked for, so that a long answer is answered
    /// with what is wrong with it.
    pub(crate) fn bytes(&self) -> usize {
        let numbers = (self.emits + 1) * self.features * size_of::<f64>();
        numbers.saturating_add((self.marks + 1).saturating_mul(self.state_bytes.saturating_add(4)))
    }

    /// Checks an answer and takes it apart.
    ///
    /// # Errors
    /// Says what was returned and what was expected.
    pub(crate) fn take(&self, features: Vec<f64>, states: &[u8]) -> Result<Folded, String> {
        Ok(Folded {
            features: self.take_features(features)?,
            states: self.take_states(states)?,
        })
    }

    fn take_features(&self, mut features: Vec<f64>) -> Result<Vec<f64>, String> {
        let (found, wanted) = (features.len(), self.emits * self.features);
        if found != wanted {
            let (emits, each) = (self.emits, self.features);
            return Err(format!(
                "returned {found} features, expected {wanted} ({emits} rows of {each})"
            ));
        }
        for (at, number) in features.iter_mut().enumerate() {
            if number.is_infinite() {
                let (row, feature) = (at / self.features, at % self.features);
                return Err(format!(
                    "returned {number} as feature {feature} of emitted row {row}, expected a finite number or NaN"
                ));
            }
            *number = one_nan(*number);
        }
        Ok(features)
    }

    fn take_states(&self, mut bytes: &[u8]) -> Result<Vec<State>, String> {
        let mut states = Vec::with_capacity(self.marks);
        for nth in 0..self.marks {
            let Some((length, rest)) = bytes.split_first_chunk::<4>() else {
                return Err(format!(
                    "returned {nth} states, expected {} (one per marked row)",
                    self.marks
                ));
            };
            let length = u32::from_le_bytes(*length) as usize;
            if length > self.state_bytes {
                return Err(format!(
                    "returned a state of {length} bytes, expected at most {}",
                    self.state_bytes
                ));
            }
            let Some((state, rest)) = rest.split_at_checked(length) else {
                return Err(format!(
                    "returned a state of {length} bytes of which {} are there",
                    rest.len()
                ));
            };
            states.push(State::from(state));
            bytes = rest;
        }
        if !bytes.is_empty() {
            return Err(format!(
                "returned {} bytes after the last of {} states, expected none",
                bytes.len(),
                self.marks
            ));
        }
        Ok(states)
    }
}

#[cfg(test)]
mod tests {
    use foreshore_event::{Field, Kind, Schema, Time, Unknown, decode, validate};

    use super::*;
    use crate::describe::{FeatureDescription, FieldNeed};

    /// The page whose test vectors these are.
    const PAGE: &str = include_str!("../../../docs/PLUGIN-ABI.md");

    /// Sixteen bytes a line, as the page shows them.
    fn dump(bytes: &[u8]) -> String {
        let lines = bytes.chunks(16).zip(0..);
        let lines = lines.map(|(line, nth)| {
            let bytes: String = line.iter().map(|byte| format!(" {byte:02x}")).collect();
            format!("{:04x} {bytes}\n", 16 * nth)
        });
        lines.collect()
    }

    fn schema() -> Schema {
        let fields = vec![
            Field::new("card", Kind::Text),
            Field::new("amount", Kind::Number),
        ];
        let types = vec!["paid".into(), "refused".into()];
        Schema::new(types, fields, Unknown::Reject).unwrap()
    }

    fn event(kind: &str, data: &str) -> Event {
        let json = format!(
            r#"{{"id":"1","source":"s","type":"{kind}","time":"2026-03-01T12:00:00Z","data":{data}}}"#
        );
        let schema = schema();
        validate(&schema, decode(&schema, json.as_bytes()).unwrap()).unwrap()
    }

    fn binding() -> FeatureBinding {
        let need = |name: &str, kind| FieldNeed {
            name: name.into(),
            kind,
            unit: None,
        };
        let description = FeatureDescription {
            key: "card".into(),
            events: vec!["paid".into()],
            fields: vec![need("amount", Kind::Number), need("card", Kind::Text)],
            features: vec![],
            state_version: 1,
            horizon: None,
        };
        FeatureBinding::new(&description, &schema()).unwrap()
    }

    fn flags(apply: bool, emit: bool, mark: bool) -> Flags {
        Flags { apply, emit, mark }
    }

    #[test]
    fn rows_are_the_bytes_that_the_page_shows() {
        let paid = event("paid", r#"{"amount":12.5,"card":"c1"}"#);
        let refused = event("refused", r#"{"card":"é"}"#);
        let row = |event, time, flags| Row { event, time, flags };
        let time = paid.time();
        let rows = [
            row(Some(&paid), time, flags(true, false, true)),
            row(Some(&refused), time, flags(false, true, false)),
            row(None, Time(time.0 + 1), flags(false, true, false)),
        ];
        let mut encoder = Encoder::default();
        let dump = dump(encoder.encode(&binding(), &rows));
        assert!(PAGE.contains(&dump), "not on the page:\n{dump}");
        // The second time over, nothing of the first is left in the buffers.
        let first = encoder.encode(&binding(), &rows).to_vec();
        assert_eq!(encoder.encode(&binding(), &rows), first);
    }

    #[test]
    fn states_are_read_from_the_bytes_that_the_page_shows() {
        let bytes = b"\x03\0\0\0abc\0\0\0\0";
        assert!(PAGE.contains(&dump(bytes)), "{}", dump(bytes));
        let row = Row {
            event: None,
            time: Time(0),
            flags: flags(false, true, true),
        };
        let expected = Expected::new(&[row, row], 1, 8);
        let folded = expected.take(vec![1.0, f64::NAN], bytes).unwrap();
        let states: Vec<&[u8]> = folded.states.iter().map(AsRef::as_ref).collect();
        assert_eq!(states, [b"abc".as_slice(), b""]);
        let features = folded.features.iter().map(|number| number.to_le_bytes());
        let features = dump(&features.collect::<Vec<_>>().concat());
        assert!(PAGE.contains(&features), "{features}");
    }
}
