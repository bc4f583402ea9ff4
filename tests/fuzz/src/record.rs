//! Records of the log, timelines at rest, the state of the core. Bytes are refused, or are the very bytes of
//! what they say: one record has one form. A kind (1 byte), a position (8), then the payload.

use std::sync::{Arc, LazyLock};

use foreshore_core::Record;
use foreshore_store::codec::{
    DecodeError, Reading, about, decode, decode_core, decode_timeline, encode, encode_core,
    encode_timeline, write_json,
};
use foreshore_timeline::Lsn;

use crate::cards::{later, manifest};
use crate::memory::within;

/// The first byte of what is no record: a timeline at rest, the state of the core.
pub const TIMELINE: u8 = 101;
/// See [`TIMELINE`].
pub const CORE: u8 = 102;

static ALONE: LazyLock<Reading> = LazyLock::new(|| Reading::alone(Arc::new(manifest())).unwrap());
static LATER: LazyLock<Reading> =
    LazyLock::new(|| Reading::new(Arc::new(manifest()), &later()).unwrap());

/// Decodes, and encodes again.
pub fn run(bytes: &[u8]) {
    let Some((&kind, rest)) = bytes.split_first() else {
        return;
    };
    let Some((lsn, payload)) = rest.split_first_chunk() else {
        return;
    };
    let lsn = Lsn(u64::from_le_bytes(*lsn));
    LazyLock::force(&ALONE);
    LazyLock::force(&LATER);
    // A number takes half a byte at least and eight in memory; an entry of a timeline a byte and sixteen.
    let bytes_max = (16 << 10) + 64 * payload.len();
    match kind {
        TIMELINE => timeline(lsn, payload, bytes_max),
        CORE => core(payload),
        kind => record(kind, lsn, payload, bytes_max),
    }
}

fn record(kind: u8, lsn: Lsn, payload: &[u8], bytes_max: usize) {
    let read = within(bytes_max, || decode(kind, lsn, payload, &ALONE));
    let recast = within(bytes_max, || decode(kind, lsn, payload, &LATER));
    // One that drops a field takes what nothing but that field is wrong with.
    let Ok(record) = read else { return };
    if let Err(error) = recast {
        assert!(matches!(error, DecodeError::Gone(_)), "{error}");
    }
    let mut again = Vec::new();
    assert_eq!(encode(&record, &mut again), kind);
    if let Record::Deploy { manifest, .. } = &record {
        // JSON, whose names and blanks are anyone's: the same manifest is enough.
        let twice = decode(kind, lsn, &again, &ALONE).unwrap();
        assert!(matches!(twice, Record::Deploy { manifest: same, .. } if same == *manifest));
    } else {
        assert_eq!(again, payload, "{record:?}");
    }
    let decision = match &record {
        Record::Revision { decision, .. } | Record::Told { decision, .. } => Some(decision.0),
        Record::Amendment(amendment) => Some(amendment.decision.0),
        _ => None,
    };
    assert_eq!(about(kind, lsn, payload), decision);
    is_json(&record);
}

fn timeline(lsn: Lsn, payload: &[u8], bytes_max: usize) {
    let read = within(bytes_max, || decode_timeline(1, "c1", lsn, payload));
    let Ok(resting) = read else { return };
    let mut again = Vec::new();
    encode_timeline(&resting, &mut again);
    assert_eq!(again, payload, "{resting:?}");
}

fn core(payload: &[u8]) {
    let Ok(state) = decode_core(payload) else {
        return;
    };
    let mut again = Vec::new();
    encode_core(&state, &mut again);
    assert_eq!(again, payload, "{state:?}");
}

/// Whatever a record says, its line for people is one line of JSON.
fn is_json(record: &Record) {
    let mut line = Vec::new();
    write_json(record, &manifest(), &mut line).unwrap();
    assert_eq!(line.iter().filter(|byte| **byte == b'\n').count(), 1);
    let line = str::from_utf8(&line).expect("a line that is not UTF-8");
    serde_json::from_str::<&serde_json::value::RawValue>(line).expect("a line that is not JSON");
}
