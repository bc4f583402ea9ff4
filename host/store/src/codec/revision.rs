//! What a decision said, to bytes and back: the whole of it, so that no answer has to be computed to be
//! read.
//!
//! | type | what |
//! | --- | --- |
//! | byte | format, 1 |
//! | byte | flags: bit 0 told, bit 1 there is a revision before |
//! | byte | outcome, by code |
//! | back | the decision: its event's position |
//! | back | the record of the revision before, if flagged |
//! | back | basis |
//! | varint | the revision's number |
//! | varint | count of the vector |
//! | numbers | the vector, in the manifest's order |
//! | varint | count of models |
//! | numbers? | their scores, in the manifest's order |
//! | varint | count of reasons |
//! | varint each | the reasons, by index in the deciding model |
//! | numbers | their contributions |
//! | varint | count of degraded parts |
//! | each | a byte: 1 the event, 2 an instance, 3 a model; for 2 and 3 a varint, its index; the reason, by code |
//! | cause | why it differs from the one before |

use std::sync::Arc;

use foreshore_core::{DecisionId, Degraded, Part, Record, Revision};
use foreshore_timeline::Lsn;

use super::error::DecodeError;
use super::reader::Reader;
use super::reading::Reading;
use super::writer::Writer;

const WHAT: &str = "revision record";
const FORMAT: u8 = 1;
const TOLD: u8 = 1;
const PREVIOUS: u8 = 2;
const EVENT: u8 = 1;
const INSTANCE: u8 = 2;
const MODEL: u8 = 3;

pub(super) fn encode(
    lsn: Lsn,
    decision: DecisionId,
    previous: Option<Lsn>,
    told: bool,
    revision: &Revision,
    out: &mut Writer<'_>,
) {
    out.byte(FORMAT);
    out.byte(if told { TOLD } else { 0 } | if previous.is_some() { PREVIOUS } else { 0 });
    out.word(revision.outcome);
    out.back(lsn.0, decision.0.0);
    if let Some(previous) = previous {
        out.back(lsn.0, previous.0);
    }
    out.back(lsn.0, revision.basis.0);
    out.varint(u64::from(revision.number));
    out.count(revision.vector.len());
    out.numbers(&revision.vector);
    out.count(revision.scores.len());
    out.optional_numbers(&revision.scores);
    out.count(revision.reasons.len());
    let contributions = revision.reasons.iter().map(|&(index, contribution)| {
        out.count(index);
        contribution
    });
    let contributions: Vec<f64> = contributions.collect();
    out.numbers(&contributions);
    out.count(revision.degraded.len());
    revision.degraded.iter().for_each(|part| out.degraded(part));
    out.cause(revision.cause.as_ref(), lsn);
}

pub(super) fn decode(lsn: Lsn, payload: &[u8], reading: &Reading) -> Result<Record, DecodeError> {
    let mut from = Reader::versioned(WHAT, FORMAT, payload)?;
    let flags = from.flags(TOLD | PREVIOUS)?;
    let outcome = from.word()?;
    let decision = DecisionId(Lsn(from.back(lsn.0)?));
    let previous = (flags & PREVIOUS != 0)
        .then(|| from.back(lsn.0))
        .transpose()?;
    let basis = Lsn(from.back(lsn.0)?);
    let number = from.u32()?;
    let count = from.index()?;
    let vector = from.numbers(count)?;
    let count = from.index()?;
    let scores = from.optional_numbers(count)?;
    let count = from.count()?;
    let indices = (0..count).map(|_| from.index());
    let indices = indices.collect::<Result<Vec<_>, _>>()?;
    let contributions = from.numbers(count)?;
    let count = from.count()?;
    let degraded = (0..count).map(|_| from.degraded());
    let degraded = degraded.collect::<Result<Vec<_>, _>>()?;
    let cause = from.cause(lsn, reading)?;
    from.end()?;
    let revision = Revision {
        number,
        under: reading.written.clone(),
        basis,
        vector: vector.into(),
        scores: scores.into(),
        outcome,
        reasons: indices.into_iter().zip(contributions).collect(),
        degraded,
        cause,
    };
    Ok(Record::Revision {
        lsn,
        decision,
        previous: previous.map(Lsn),
        told: flags & TOLD != 0,
        revision: Arc::new(revision),
    })
}

impl Writer<'_> {
    fn degraded(&mut self, degraded: &Degraded) {
        match degraded.part {
            Part::Event => self.byte(EVENT),
            Part::Instance(index) => {
                self.byte(INSTANCE);
                self.count(index);
            }
            Part::Model(index) => {
                self.byte(MODEL);
                self.count(index);
            }
        }
        self.word(degraded.reason);
    }
}

impl Reader<'_> {
    fn degraded(&mut self) -> Result<Degraded, DecodeError> {
        let part = match self.byte()? {
            EVENT => Part::Event,
            INSTANCE => Part::Instance(self.index()?),
            MODEL => Part::Model(self.index()?),
            code => return Err(self.damaged(format!("{code} is the code of no part"))),
        };
        let reason = self.word()?;
        Ok(Degraded { part, reason })
    }
}
