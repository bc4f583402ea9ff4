//! What an operator did, to bytes and back.
//!
//! | type | what |
//! | --- | --- |
//! | byte | format, 1 |
//! | i64 | when, microseconds since 1970-01-01T00:00:00Z |
//! | byte | act, by code |
//! | text | who: the name of an identity, or where the act came from |
//! | text | to what: a time, a revision, a file |
//! | text | what came of it |

use foreshore_core::{Audit, Record};
use foreshore_event::Time;
use foreshore_timeline::Lsn;

use super::error::DecodeError;
use super::reader::Reader;
use super::writer::Writer;

const WHAT: &str = "audit record";
const FORMAT: u8 = 1;

pub(super) fn encode(time: Time, audit: &Audit, out: &mut Writer<'_>) {
    out.byte(FORMAT);
    out.i64(time.0);
    out.word(audit.act);
    out.text(&audit.who);
    out.text(&audit.subject);
    out.text(&audit.outcome);
}

pub(super) fn decode(lsn: Lsn, payload: &[u8]) -> Result<Record, DecodeError> {
    let mut from = Reader::versioned(WHAT, FORMAT, payload)?;
    let time = Time(from.i64()?);
    let act = from.word()?;
    let audit = Audit {
        who: from.text()?.into(),
        act,
        subject: from.text()?.into(),
        outcome: from.text()?.into(),
    };
    from.end()?;
    Ok(Record::Audit { lsn, time, audit })
}
