//! That every watermark was raised, to bytes and back.
//!
//! | type | what |
//! | --- | --- |
//! | byte | format, 1 |
//! | i64 | the time raised to, microseconds since 1970-01-01T00:00:00Z |

use foreshore_core::Record;
use foreshore_event::Time;
use foreshore_timeline::Lsn;

use super::error::DecodeError;
use super::reader::Reader;
use super::writer::Writer;

const WHAT: &str = "close record";
const FORMAT: u8 = 1;

pub(super) fn encode(time: Time, out: &mut Writer<'_>) {
    out.byte(FORMAT);
    out.i64(time.0);
}

pub(super) fn decode(lsn: Lsn, payload: &[u8]) -> Result<Record, DecodeError> {
    let mut from = Reader::versioned(WHAT, FORMAT, payload)?;
    let time = Time(from.i64()?);
    from.end()?;
    Ok(Record::Close { lsn, time })
}
