//! A published change of a decision, to bytes and back.
//!
//! | type | what |
//! | --- | --- |
//! | byte | format, 1 |
//! | back | the decision: its event's position |
//! | mention | its event |
//! | varint | the revision's number |
//! | byte | old outcome, by code |
//! | byte | new outcome, by code |
//! | numbers? | old and new score |
//! | cause | why; never none |

use foreshore_core::amendment::Verdict;
use foreshore_core::{Amendment, DecisionId, Record};
use foreshore_timeline::Lsn;

use super::error::DecodeError;
use super::reader::Reader;
use super::reading::Reading;
use super::writer::Writer;

const WHAT: &str = "amendment record";
const FORMAT: u8 = 1;

pub(super) fn encode(amendment: &Amendment, out: &mut Writer<'_>) {
    let Amendment { lsn, old, new, .. } = amendment;
    out.byte(FORMAT);
    out.back(lsn.0, amendment.decision.0.0);
    out.mention(&amendment.event, *lsn);
    out.varint(u64::from(amendment.revision));
    out.word(old.outcome);
    out.word(new.outcome);
    out.optional_numbers(&[old.score, new.score]);
    out.cause(Some(&amendment.cause), *lsn);
}

pub(super) fn decode(lsn: Lsn, payload: &[u8], reading: &Reading) -> Result<Record, DecodeError> {
    let mut from = Reader::versioned(WHAT, FORMAT, payload)?;
    let decision = DecisionId(Lsn(from.back(lsn.0)?));
    let event = from.mention(lsn, reading)?;
    let revision = from.u32()?;
    let outcomes = [from.word()?, from.word()?];
    let scores = from.optional_numbers(2)?;
    let cause = from.cause(lsn, reading)?;
    let cause = cause.ok_or_else(|| from.damaged("an amendment without a cause"))?;
    from.end()?;
    let verdict = |at: usize| Verdict {
        score: scores[at],
        outcome: outcomes[at],
    };
    Ok(Record::Amendment(Amendment {
        lsn,
        decision,
        event,
        revision,
        old: verdict(0),
        new: verdict(1),
        cause,
    }))
}
