//! A block's lines or records to events of a schema, by the same checks as on the wire. What is not an event
//! is told with its line; must not know threads or files.

use std::borrow::Cow;

use anyhow::bail;
use csv::{ByteRecord, StringRecord};
use foreshore_event::{
    Draft, Event, Field, Invalid, Kind, Schema, Unknown, Value, decode, validate,
};

use crate::replay::block::Block;

/// An event and where it stood.
#[derive(Debug)]
pub struct Line {
    /// Its line in the file, from 1.
    pub number: u64,
    /// The event.
    pub event: Event,
}

/// A line that is no event of the pipeline.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct Fault {
    /// The line, from 1.
    pub line: u64,
    /// The field at fault, and what is wrong with it.
    pub reason: String,
}

/// What a block held.
#[derive(Debug, Default)]
pub struct Batch {
    /// Its events, in the file's order.
    pub events: Vec<Line>,
    /// Its other lines.
    pub faults: Vec<Fault>,
}

/// What a column of a CSV holds.
#[derive(Clone, Debug)]
enum Column<'a> {
    Source,
    Id,
    Type,
    Time,
    Sequence,
    Field(&'a Field),
    /// A field the pipeline does not list, and does not mind.
    Unlisted,
}

/// Decodes blocks of one archive.
#[derive(Clone)]
pub struct Decoder<'a> {
    schema: &'a Schema,
    columns: Vec<Column<'a>>,
}

impl<'a> Decoder<'a> {
    /// A decoder of events of this schema; a CSV's header says what its columns hold.
    ///
    /// # Errors
    /// When the header lacks an attribute, or names a column twice or one that the schema rejects.
    pub fn new(schema: &'a Schema, header: Option<&StringRecord>) -> anyhow::Result<Decoder<'a>> {
        let Some(header) = header else {
            return Ok(Decoder {
                schema,
                columns: Vec::new(),
            });
        };
        for needed in ["source", "id", "type", "time"] {
            if !header.iter().any(|name| name == needed) {
                bail!(
                    "line 1: no column `{needed}`; the header is source,id,type,time, then sequence and the \
                     event's fields as far as there are any"
                );
            }
        }
        let mut columns = Vec::new();
        for (at, name) in header.iter().enumerate() {
            if header.iter().take(at).any(|other| other == name) {
                bail!("line 1: column `{name}` is there twice; keep one");
            }
            columns.push(match (name, schema.field(name)) {
                ("source", _) => Column::Source,
                ("id", _) => Column::Id,
                ("type", _) => Column::Type,
                ("time", _) => Column::Time,
                ("sequence", _) => Column::Sequence,
                (_, Some(field)) => Column::Field(field),
                (_, None) if schema.unknown == Unknown::Reject => {
                    bail!("line 1: column `{name}`: {}", schema.unknown_field(name))
                }
                (_, None) => Column::Unlisted,
            });
        }
        Ok(Decoder { schema, columns })
    }

    /// The events of a block, and its faults.
    pub fn decode(&self, block: Block) -> Batch {
        let mut batch = Batch::default();
        match block {
            Block::Lines { first, bytes } => {
                for (line, text) in (first..).zip(bytes.split(|byte| *byte == b'\n')) {
                    let text = text.trim_ascii();
                    if !text.is_empty() {
                        batch.add(line, self.json(text));
                    }
                }
            }
            Block::Records(records) => {
                for record in records {
                    let line = record.position().map_or(0, csv::Position::line);
                    batch.add(line, self.record(record));
                }
            }
        }
        batch
    }

    fn json(&self, text: &[u8]) -> Result<Event, String> {
        let draft = decode(self.schema, text).map_err(|error| error.to_string())?;
        validate(self.schema, draft).map_err(|invalid| invalid.to_string())
    }

    fn record(&self, record: ByteRecord) -> Result<Event, String> {
        let record = StringRecord::from_byte_record(record)
            .map_err(|error| format!("not UTF-8: {}", error.utf8_error()))?;
        if record.len() != self.columns.len() {
            let (found, expected) = (record.len(), self.columns.len());
            return Err(format!(
                "{found} cells, expected {expected}, one per column"
            ));
        }
        let mut draft = Draft::new(self.schema);
        for (column, cell) in self
            .columns
            .iter()
            .zip(&record)
            .filter(|(_, cell)| !cell.is_empty())
        {
            match column {
                Column::Source => draft.source = Some(Cow::Borrowed(cell)),
                Column::Id => draft.id = Some(Cow::Borrowed(cell)),
                Column::Type => draft.kind = Some(Cow::Borrowed(cell)),
                Column::Time => draft.time = Some(Cow::Borrowed(cell)),
                Column::Sequence => {
                    draft.sequence = Some(sequence(cell).map_err(|e| e.to_string())?)
                }
                Column::Field(field) => draft.set(field, value(field.kind, cell)),
                Column::Unlisted => {}
            }
        }
        validate(self.schema, draft).map_err(|invalid| invalid.to_string())
    }
}

impl Batch {
    fn add(&mut self, number: u64, decoded: Result<Event, String>) {
        match decoded {
            Ok(event) => self.events.push(Line { number, event }),
            Err(reason) => self.faults.push(Fault {
                line: number,
                reason,
            }),
        }
    }
}

fn sequence(cell: &str) -> Result<u64, Invalid> {
    let digits = cell.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits.then(|| cell.parse().ok()).flatten();
    number.ok_or_else(|| Invalid::new("sequence", "expected an unsigned decimal below 2^64"))
}

/// A cell as the value it would be in JSON; what is not one stays a text, for the draft to refuse.
fn value(kind: Kind, cell: &str) -> Value<'_> {
    let number = || match cell.parse() {
        Ok(whole) => Some(Value::Integer(whole)),
        Err(_) => cell.parse().ok().map(Value::Number),
    };
    let read = match kind {
        Kind::Text => None,
        Kind::Boolean => cell.parse().ok().map(Value::Boolean),
        Kind::Number | Kind::Integer => number(),
    };
    read.unwrap_or(Value::Text(Cow::Borrowed(cell)))
}
