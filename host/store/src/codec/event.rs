//! An event that arrived and what became of it, to bytes and back.
//!
//! | type | what |
//! | --- | --- |
//! | byte | format, 1 |
//! | byte | flags: bit 0 a sequence, bit 1 late for an instance, bit 2 extra |
//! | byte | disposition, by code |
//! | i64 | arrival, microseconds since 1970-01-01T00:00:00Z |
//! | signed | arrival minus event time, microseconds |
//! | varint | event type, by index in the manifest |
//! | varint | sequence, if flagged |
//! | varint | instances it is late for, a bit each by index, if flagged |
//! | text | source |
//! | text | id |
//! | varint | count of numbers: the manifest's fields that are no text |
//! | numbers | these, in the manifest's order |
//! | varint | count of texts: the manifest's text fields |
//! | text? each | these, in the manifest's order |
//! | text | extra, if flagged |

use std::sync::Arc;

use foreshore_core::{Disposition, Record};
use foreshore_event::{Event, Row, Time};
use foreshore_timeline::Lsn;

use super::error::DecodeError;
use super::reader::Reader;
use super::reading::Reading;
use super::writer::Writer;

const WHAT: &str = "event record";
const FORMAT: u8 = 1;
const SEQUENCE: u8 = 1;
const LATE: u8 = 2;
const EXTRA: u8 = 4;

pub(super) fn encode(
    arrival: Time,
    disposition: Disposition,
    late: u64,
    event: &Event,
    out: &mut Writer<'_>,
) {
    let flag = |set: bool, flag: u8| if set { flag } else { 0 };
    out.byte(FORMAT);
    out.byte(
        flag(event.sequence().is_some(), SEQUENCE)
            | flag(late != 0, LATE)
            | flag(event.extra().is_some(), EXTRA),
    );
    out.word(disposition);
    out.i64(arrival.0);
    out.signed(arrival.0.wrapping_sub(event.time().0));
    out.varint(u64::from(event.kind().0));
    if let Some(sequence) = event.sequence() {
        out.varint(sequence);
    }
    if late != 0 {
        out.varint(late);
    }
    out.text(event.source());
    out.text(event.id());
    out.count(event.numbers().len());
    out.numbers(event.numbers());
    let texts = event.texts();
    out.count(texts.len());
    texts.for_each(|text| out.optional_text(text));
    if let Some(extra) = event.extra() {
        out.text(extra);
    }
}

pub(super) fn decode(lsn: Lsn, payload: &[u8], reading: &Reading) -> Result<Record, DecodeError> {
    let mut from = Reader::versioned(WHAT, FORMAT, payload)?;
    let flags = from.flags(SEQUENCE | LATE | EXTRA)?;
    let disposition = from.word()?;
    let arrival = Time(from.i64()?);
    let time = Time(arrival.0.wrapping_sub(from.signed()?));
    let written = from.index()?;
    let kind = reading.event_type(written).unwrap_or_else(|| {
        let types = reading.written.types.len();
        Err(from.damaged(format!(
            "event type {written}, but the manifest has {types}"
        )))
    })?;
    let sequence = (flags & SEQUENCE != 0).then(|| from.varint()).transpose()?;
    let late = (flags & LATE != 0).then(|| from.varint()).transpose()?;
    if late == Some(0) {
        return Err(from.damaged("late for no instance, and flagged as late"));
    }
    let source = from.text()?;
    let id = from.text()?;
    let count = row_count(&mut from, "numbers", reading.numbers.written())?;
    let numbers = from.numbers(count)?;
    let count = row_count(&mut from, "texts", reading.texts.written())?;
    let texts = (0..count).map(|_| from.optional_text());
    let texts = texts.collect::<Result<Vec<_>, _>>()?;
    let extra = (flags & EXTRA != 0).then(|| from.text()).transpose()?;
    from.end()?;
    let row = Row {
        time,
        sequence,
        kind,
        source,
        id,
        numbers: reading.numbers.place(numbers, f64::NAN),
        texts: reading.texts.place(texts, None),
        extra,
    };
    let event = Event::from_row(&reading.schema, row);
    Ok(Record::Event {
        lsn,
        arrival,
        disposition,
        late: late.unwrap_or_default(),
        event: Arc::new(event.map_err(|error| from.damaged(error.to_string()))?),
    })
}

/// How many slots the row has: as many as the manifest says, or it was written under another one.
fn row_count(from: &mut Reader<'_>, what: &str, expected: usize) -> Result<usize, DecodeError> {
    match from.index()? {
        found if found == expected => Ok(found),
        found => Err(from.damaged(format!("{found} {what}, but the manifest has {expected}"))),
    }
}
