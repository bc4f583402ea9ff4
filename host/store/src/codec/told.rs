//! That a repeated event was answered with a later revision, to bytes and back.
//!
//! | type | what |
//! | --- | --- |
//! | byte | format, 1 |
//! | back | the decision: its event's position |
//! | varint | the revision's number |

use foreshore_core::{DecisionId, Record};
use foreshore_timeline::Lsn;

use super::error::DecodeError;
use super::reader::Reader;
use super::writer::Writer;

const WHAT: &str = "told record";
const FORMAT: u8 = 1;

pub(super) fn encode(lsn: Lsn, decision: DecisionId, revision: u32, out: &mut Writer<'_>) {
    out.byte(FORMAT);
    out.back(lsn.0, decision.0.0);
    out.varint(u64::from(revision));
}

pub(super) fn decode(lsn: Lsn, payload: &[u8]) -> Result<Record, DecodeError> {
    let mut from = Reader::versioned(WHAT, FORMAT, payload)?;
    let decision = DecisionId(Lsn(from.back(lsn.0)?));
    let revision = from.u32()?;
    from.end()?;
    Ok(Record::Told {
        lsn,
        decision,
        revision,
    })
}
