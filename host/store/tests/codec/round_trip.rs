//! Whatever is written is read back to the bit.

use std::sync::Arc;

use foreshore_store::codec::{
    Reading, decode, decode_manifest, decode_timeline, encode, encode_manifest, encode_timeline,
};
use foreshore_timeline::State;
use proptest::prelude::*;

use super::arbitrary::{record, timeline};
use super::cards::{bits, manifest, reading, schema};
use super::examples;

proptest! {
    #[test]
    fn every_record_is_read_back_to_the_bit(record in record()) {
        let mut bytes = Vec::new();
        let kind = encode(&record, &mut bytes);
        let read = decode(kind, record.lsn(), &bytes, &reading()).unwrap();
        prop_assert_eq!(bits(&read), bits(&record));
    }

    #[test]
    fn a_schema_of_its_own_reads_what_the_manifest_alone_does(record in record()) {
        let mut bytes = Vec::new();
        let kind = encode(&record, &mut bytes);
        let reading = Reading::new(manifest(), &schema()).unwrap();
        let read = decode(kind, record.lsn(), &bytes, &reading).unwrap();
        prop_assert_eq!(bits(&read), bits(&record));
    }

    #[test]
    fn every_timeline_is_read_back(timeline in timeline()) {
        let mut bytes = Vec::new();
        encode_timeline(&timeline, &mut bytes);
        let read = decode_timeline(1, "c1", timeline.lsn, &bytes);
        prop_assert_eq!(read, Ok(timeline));
    }
}

#[test]
fn a_state_that_is_base_and_cursor_is_stored_and_held_once() {
    let mut resting = examples::timeline();
    let state = State::from(vec![7; 500]);
    resting.timeline.base = state.clone();
    resting.timeline.cursor.1 = state;
    let mut bytes = Vec::new();
    encode_timeline(&resting, &mut bytes);
    assert!(bytes.len() < 600, "{} bytes", bytes.len());
    let read = decode_timeline(1, "c1", resting.lsn, &bytes)
        .unwrap()
        .timeline;
    assert!(Arc::ptr_eq(&read.base, &read.cursor.1));
}

#[test]
fn what_a_newer_manifest_adds_is_ignored() {
    let mut bytes = Vec::new();
    encode_manifest(&manifest(), &mut bytes);
    assert_eq!(decode_manifest(&bytes).unwrap(), *manifest());
    let mut newer = bytes[..1].to_vec();
    newer.extend_from_slice(b"{\"tables\":[1,2],");
    newer.extend_from_slice(&bytes[2..]);
    assert_eq!(decode_manifest(&newer).unwrap(), *manifest());
}
