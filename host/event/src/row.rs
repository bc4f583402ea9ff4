//! An event from its stored parts, as it was when it arrived. Refuses what no event looks like; bounds,
//! allowed values and required fields may have changed since and are not asked again. Must not know
//! where the parts were stored.

use std::borrow::Cow;

use crate::draft::Draft;
use crate::event::Event;
use crate::schema::{Schema, TypeIndex};
use crate::time::Time;
use crate::validate::{Invalid, check_name};

/// The parts of an event, laid out by a schema.
#[derive(Clone, Debug, PartialEq)]
pub struct Row<'a> {
    /// When it happened.
    pub time: Time,
    /// The source's own counter.
    pub sequence: Option<u64>,
    /// Its type.
    pub kind: TypeIndex,
    /// Who emitted it.
    pub source: &'a str,
    /// Its id within the source.
    pub id: &'a str,
    /// Its numbers, by slot; missing ones are `f64::NAN`.
    pub numbers: Vec<f64>,
    /// Its texts, by slot.
    pub texts: Vec<Option<&'a str>>,
    /// Data fields the schema does not list, as a JSON object.
    pub extra: Option<&'a str>,
}

/// Why parts make no event.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RowError {
    /// More or fewer slots than the schema has.
    #[error("{found} {what}, expected {expected} by the schema: it is another schema's row")]
    Slots {
        /// "numbers" or "texts".
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many the schema has.
        expected: usize,
    },
    /// A type the schema does not have.
    #[error("event type {found}, but the schema has {types}: it is another schema's row")]
    Type {
        /// The index.
        found: u16,
        /// How many types there are.
        types: usize,
    },
    /// A source or id no event has.
    #[error(transparent)]
    Name(#[from] Invalid),
    /// A number no event holds.
    #[error(
        "number {slot} has the bits {bits:#018x}; an event holds finite numbers, no negative zero, \
         and one NaN for what is missing"
    )]
    Number {
        /// Its slot.
        slot: usize,
        /// Its bits.
        bits: u64,
    },
    /// More text than an event can hold.
    #[error("{0} bytes of text; an event holds less than 4 GiB")]
    TooLong(usize),
}

impl Event {
    /// The event these parts are of; identity and digest are computed anew.
    ///
    /// # Errors
    /// When the row is another schema's, or holds what no event does.
    pub fn from_row(schema: &Schema, row: Row<'_>) -> Result<Event, RowError> {
        check_slots("numbers", row.numbers.len(), schema.numbers())?;
        check_slots("texts", row.texts.len(), schema.texts())?;
        if usize::from(row.kind.0) >= schema.types().len() {
            return Err(RowError::Type {
                found: row.kind.0,
                types: schema.types().len(),
            });
        }
        check_name("source", Some(row.source))?;
        check_name("id", Some(row.id))?;
        check_numbers(&row.numbers)?;
        check_length(&row)?;
        let draft = Draft {
            source: Some(Cow::Borrowed(row.source)),
            id: Some(Cow::Borrowed(row.id)),
            kind: None,
            time: None,
            sequence: row.sequence,
            extra: row.extra.map(str::to_owned),
            numbers: row.numbers,
            texts: row
                .texts
                .into_iter()
                .map(|text| text.map(Cow::Borrowed))
                .collect(),
            fault: None,
        };
        Ok(Event::new(schema, row.kind, row.time, draft))
    }
}

fn check_slots(what: &'static str, found: usize, expected: usize) -> Result<(), RowError> {
    match found == expected {
        true => Ok(()),
        false => Err(RowError::Slots {
            what,
            found,
            expected,
        }),
    }
}

fn check_numbers(numbers: &[f64]) -> Result<(), RowError> {
    let odd = |number: &f64| {
        let bits = number.to_bits();
        !number.is_finite() && bits != f64::NAN.to_bits() || bits == (-0.0_f64).to_bits()
    };
    match numbers.iter().position(odd) {
        None => Ok(()),
        Some(slot) => Err(RowError::Number {
            slot,
            bits: numbers[slot].to_bits(),
        }),
    }
}

fn check_length(row: &Row<'_>) -> Result<(), RowError> {
    let texts: usize = row.texts.iter().flatten().map(|text| text.len()).sum();
    let bytes = row.source.len() + row.id.len() + texts;
    match u32::try_from(bytes) {
        Ok(_) => Ok(()),
        Err(_) => Err(RowError::TooLong(bytes)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Field, Kind, Unknown};
    use crate::{Draft, Value, validate};

    fn schema() -> Schema {
        let fields = vec![
            Field::new("amount", Kind::Number),
            Field::new("card", Kind::Text),
            Field::new("note", Kind::Text),
        ];
        Schema::new(vec!["paid".into()], fields, Unknown::Keep).unwrap()
    }

    fn row() -> Row<'static> {
        Row {
            time: Time(7),
            sequence: Some(3),
            kind: TypeIndex(0),
            source: "till",
            id: "1",
            numbers: vec![2.5],
            texts: vec![Some("c1"), None],
            extra: Some("{\"a\":1}"),
        }
    }

    #[test]
    fn an_event_from_its_parts_is_the_event_that_arrived() {
        let schema = schema();
        let mut draft = Draft::new(&schema);
        draft.source = Some("till".into());
        draft.id = Some("1".into());
        draft.kind = Some("paid".into());
        draft.time = Some("1970-01-01T00:00:00.000007Z".into());
        draft.sequence = Some(3);
        draft.extra = Some("{\"a\":1}".into());
        draft.set(&schema.fields()[0], Value::Number(2.5));
        draft.set(&schema.fields()[1], Value::Text("c1".into()));
        let arrived = validate(&schema, draft).unwrap();
        assert_eq!(Event::from_row(&schema, row()), Ok(arrived));
    }

    #[test]
    fn the_parts_of_an_event_are_its_parts_again() {
        let event = Event::from_row(&schema(), row()).unwrap();
        assert_eq!(event.texts().collect::<Vec<_>>(), [Some("c1"), None]);
        assert_eq!(event.numbers(), [2.5]);
    }

    #[test]
    fn what_no_event_looks_like_is_refused() {
        let refused = |change: fn(&mut Row<'static>)| {
            let mut row = row();
            change(&mut row);
            Event::from_row(&schema(), row).unwrap_err().to_string()
        };
        assert_eq!(
            refused(|row| row.numbers.push(1.0)),
            "2 numbers, expected 1 by the schema: it is another schema's row"
        );
        assert_eq!(
            refused(|row| row.kind = TypeIndex(1)),
            "event type 1, but the schema has 1: it is another schema's row"
        );
        assert!(refused(|row| row.id = "").starts_with("id: empty"));
        assert!(refused(|row| row.source = "a\nb").starts_with("source: "));
        for odd in [-0.0, f64::INFINITY, f64::from_bits(0x7FF8_0000_0000_0001)] {
            let mut row = row();
            row.numbers[0] = odd;
            let error = Event::from_row(&schema(), row).unwrap_err();
            let bits = odd.to_bits();
            assert_eq!(error, RowError::Number { slot: 0, bits });
        }
    }
}
