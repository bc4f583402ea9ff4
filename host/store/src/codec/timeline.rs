//! A timeline at rest, to bytes and back: the body of a cold record, whose key names instance and timeline
//! and whose head its position. Events stand in it by log position.
//!
//! | type | what |
//! | --- | --- |
//! | byte | format, 1 |
//! | byte | flags: bit 0 the watermark is just above an event, bit 1 the cursor's state is the base's |
//! | i64 | head, microseconds since 1970-01-01T00:00:00Z |
//! | i64 or back | watermark: its time, or where its event was logged, as flagged |
//! | varint | offset: index of the first event held |
//! | varint | how many events are committed |
//! | bytes | state of the base |
//! | varint | index of the cursor minus the offset, wrapping |
//! | bytes | state of the cursor, unless flagged |
//! | varint | count of checkpoints |
//! | each | varint, its index minus the offset, wrapping; bytes, its state |
//! | varint | count of events |
//! | two bits each | what each does here, four to a byte, the first lowest: bit 0 apply, bit 1 emit |
//! | signed each | its position minus that of the one before; the first's minus the record's |

use foreshore_core::RestingTimeline;
use foreshore_event::Time;
use foreshore_timeline::{Border, Dormant, Lsn, Role, State};

use super::error::DecodeError;
use super::reader::Reader;
use super::writer::Writer;

const WHAT: &str = "timeline record";
const FORMAT: u8 = 1;
const ABOVE: u8 = 1;
const SHARED: u8 = 2;

/// Appends a timeline's bytes.
pub fn encode_timeline(resting: &RestingTimeline, out: &mut Vec<u8>) {
    let (lsn, dormant) = (resting.lsn, &resting.timeline);
    let (cursor, state) = &dormant.cursor;
    let shared = *state == dormant.base;
    let flag = |set: bool, flag: u8| if set { flag } else { 0 };
    let mut out = Writer(out);
    out.byte(FORMAT);
    let above = matches!(dormant.watermark, Border::Above(_));
    out.byte(flag(above, ABOVE) | flag(shared, SHARED));
    out.i64(dormant.head.0);
    match dormant.watermark {
        Border::First(time) => out.i64(time.0),
        Border::Above(event) => out.back(lsn.0, event.0),
    }
    out.varint(dormant.offset);
    out.count(dormant.committed);
    out.bytes(&dormant.base);
    out.varint(cursor.wrapping_sub(dormant.offset));
    if !shared {
        out.bytes(state);
    }
    out.count(dormant.checkpoints.len());
    for (index, state) in &dormant.checkpoints {
        out.varint(index.wrapping_sub(dormant.offset));
        out.bytes(state);
    }
    out.entries(&dormant.entries, lsn);
}

/// The timeline of these bytes, of this instance and key, as of this log position.
///
/// # Errors
/// When they are of a newer format, or no timeline.
pub fn decode_timeline(
    instance: usize,
    key: &str,
    lsn: Lsn,
    bytes: &[u8],
) -> Result<RestingTimeline, DecodeError> {
    let mut from = Reader::versioned(WHAT, FORMAT, bytes)?;
    let flags = from.flags(ABOVE | SHARED)?;
    let head = Time(from.i64()?);
    let watermark = match flags & ABOVE {
        0 => Border::First(Time(from.i64()?)),
        _ => Border::Above(Lsn(from.back(lsn.0)?)),
    };
    let offset = from.varint()?;
    let committed = from.index()?;
    let base = State::from(from.bytes()?);
    let index = offset.wrapping_add(from.varint()?);
    let state = match flags & SHARED {
        0 => State::from(from.bytes()?),
        _ => base.clone(),
    };
    if flags & SHARED == 0 && state == base {
        return Err(from.damaged("the base's state again, and not flagged as that"));
    }
    let count = from.count()?;
    let checkpoints = (0..count).map(|_| {
        let index = offset.wrapping_add(from.varint()?);
        Ok((index, State::from(from.bytes()?)))
    });
    let checkpoints = checkpoints.collect::<Result<_, _>>()?;
    let entries = from.entries(lsn)?;
    from.end()?;
    Ok(RestingTimeline {
        instance,
        key: key.into(),
        lsn,
        timeline: Dormant {
            head,
            watermark,
            offset,
            base,
            entries,
            committed,
            cursor: (index, state),
            checkpoints,
        },
    })
}

impl Writer<'_> {
    fn entries(&mut self, entries: &[(Lsn, Role)], lsn: Lsn) {
        self.count(entries.len());
        for four in entries.chunks(4) {
            let bits = |(_, role): &(Lsn, Role)| u8::from(role.apply) | u8::from(role.emit) << 1;
            let packed = four
                .iter()
                .rev()
                .fold(0, |byte, entry| byte << 2 | bits(entry));
            self.byte(packed);
        }
        let mut before = lsn;
        for (lsn, _) in entries {
            self.signed(lsn.0.wrapping_sub(before.0) as i64);
            before = *lsn;
        }
    }
}

impl Reader<'_> {
    fn entries(&mut self, lsn: Lsn) -> Result<Vec<(Lsn, Role)>, DecodeError> {
        let count = self.count()?;
        let roles = self.take(count.div_ceil(4))?;
        let unused = roles.last().filter(|_| !count.is_multiple_of(4));
        if unused.is_some_and(|last| last >> (2 * (count % 4)) != 0) {
            return Err(self.damaged("roles of more events than there are"));
        }
        let mut before = lsn.0;
        let entries = (0..count).map(|at| {
            let bits = roles[at / 4] >> (at % 4 * 2);
            before = before.wrapping_add(self.signed()? as u64);
            let role = Role {
                apply: bits & 1 != 0,
                emit: bits & 2 != 0,
            };
            Ok((Lsn(before), role))
        });
        entries.collect()
    }
}
