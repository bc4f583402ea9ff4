//! Records to bytes and back: which kind goes where. Takes and gives whole payloads; what lies around them
//! in the log, position, length and checksum, is the log's.

use std::sync::Arc;

use foreshore_core::Record;
use foreshore_timeline::Lsn;

use super::error::DecodeError;
use super::manifest::{decode_manifest, encode_manifest};
use super::reading::Reading;
use super::writer::Writer;
use super::{amendment, audit, close, event, revision, told};

pub(crate) const EVENT: u8 = 1;
pub(super) const REVISION: u8 = 2;
pub(super) const TOLD: u8 = 3;
pub(crate) const AMENDMENT: u8 = 4;
const CLOSE: u8 = 5;
const DEPLOY: u8 = 6;
pub(crate) const AUDIT: u8 = 7;

/// Appends a record's bytes, without its position; gives the code of its kind.
pub fn encode(record: &Record, out: &mut Vec<u8>) -> u8 {
    let mut to = Writer(out);
    match record {
        Record::Event {
            lsn: _,
            arrival,
            disposition,
            late,
            event,
        } => {
            event::encode(*arrival, *disposition, *late, event, &mut to);
            EVENT
        }
        Record::Revision {
            lsn,
            decision,
            previous,
            told,
            revision,
        } => {
            revision::encode(*lsn, *decision, *previous, *told, revision, &mut to);
            REVISION
        }
        Record::Told {
            lsn,
            decision,
            revision,
        } => {
            told::encode(*lsn, *decision, *revision, &mut to);
            TOLD
        }
        Record::Amendment(amendment) => {
            amendment::encode(amendment, &mut to);
            AMENDMENT
        }
        Record::Close { lsn: _, time } => {
            close::encode(*time, &mut to);
            CLOSE
        }
        Record::Deploy { lsn: _, manifest } => {
            encode_manifest(manifest, out);
            DEPLOY
        }
        Record::Audit {
            lsn: _,
            time,
            audit,
        } => {
            audit::encode(*time, audit, &mut to);
            AUDIT
        }
    }
}

/// The record of this kind, at this position, that these bytes are.
///
/// # Errors
/// When they are of a newer format or an unknown kind, or damaged; [`DecodeError::Gone`] when the event's
/// type is one the reader's schema no longer has.
pub fn decode(
    kind: u8,
    lsn: Lsn,
    payload: &[u8],
    reading: &Reading,
) -> Result<Record, DecodeError> {
    match kind {
        EVENT => event::decode(lsn, payload, reading),
        REVISION => revision::decode(lsn, payload, reading),
        TOLD => told::decode(lsn, payload),
        AMENDMENT => amendment::decode(lsn, payload, reading),
        CLOSE => close::decode(lsn, payload),
        DEPLOY => Ok(Record::Deploy {
            lsn,
            manifest: Arc::new(decode_manifest(payload)?),
        }),
        AUDIT => audit::decode(lsn, payload),
        _ => Err(DecodeError::Kind(kind)),
    }
}
