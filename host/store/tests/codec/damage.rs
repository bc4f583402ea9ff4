//! Bytes that are not what was written: an error that says what and where, or another record, never a panic.

use foreshore_store::codec::{
    DecodeError, decode, decode_manifest, decode_timeline, encode, encode_timeline,
};
use foreshore_timeline::Lsn;
use proptest::prelude::*;

use super::arbitrary::{record, timeline};
use super::cards::{bits, reading};
use super::examples;

proptest! {
    #[test]
    fn a_record_cut_short_is_damaged(record in record(), cut in any::<prop::sample::Index>()) {
        let mut bytes = Vec::new();
        let kind = encode(&record, &mut bytes);
        bytes.truncate(cut.index(bytes.len()));
        let error = decode(kind, record.lsn(), &bytes, &reading()).unwrap_err();
        prop_assert!(matches!(error, DecodeError::Damaged { .. }), "{}", error);
    }

    #[test]
    fn a_record_with_a_wrong_byte_is_an_error_or_a_record(
        record in record(), at in any::<prop::sample::Index>(), wrong in 1..=u8::MAX,
    ) {
        let mut bytes = Vec::new();
        let kind = encode(&record, &mut bytes);
        let at = at.index(bytes.len());
        bytes[at] ^= wrong;
        if let Ok(other) = decode(kind, record.lsn(), &bytes, &reading()) {
            bytes.clear();
            encode(&other, &mut bytes);
            let again = decode(kind, record.lsn(), &bytes, &reading()).unwrap();
            prop_assert_eq!(bits(&again), bits(&other));
        }
    }

    #[test]
    fn any_bytes_are_an_error_or_a_record(
        kind in 0..9_u8, lsn in any::<u64>(), mut bytes in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        bytes.insert(0, 1);
        let _ = decode(kind, Lsn(lsn), &bytes, &reading());
        let _ = decode_timeline(0, "c1", Lsn(lsn), &bytes);
    }

    #[test]
    fn a_timeline_cut_short_or_with_a_wrong_byte_is_no_panic(
        timeline in timeline(), at in any::<prop::sample::Index>(), wrong in 1..=u8::MAX,
    ) {
        let mut bytes = Vec::new();
        encode_timeline(&timeline, &mut bytes);
        let at = at.index(bytes.len());
        prop_assert!(decode_timeline(1, "c1", timeline.lsn, &bytes[..at]).is_err());
        bytes[at] ^= wrong;
        let _ = decode_timeline(1, "c1", timeline.lsn, &bytes);
    }
}

#[test]
fn a_newer_format_is_refused_by_name() {
    for (name, record) in examples::records() {
        let mut bytes = Vec::new();
        let kind = encode(&record, &mut bytes);
        bytes[0] = 2;
        let error = decode(kind, record.lsn(), &bytes, &reading()).unwrap_err();
        let expected = format!(
            "{name} was written by a newer foreshore (format 2, this one knows up to 1); \
             open the store with that version or a later one"
        );
        assert_eq!(error.to_string(), expected);
    }
    let mut bytes = Vec::new();
    encode_timeline(&examples::timeline(), &mut bytes);
    bytes[0] = 9;
    let error = decode_timeline(0, "c1", Lsn(1), &bytes).unwrap_err();
    assert!(matches!(error, DecodeError::Newer { found: 9, .. }));
    let error = decode(8, Lsn(1), &bytes, &reading()).unwrap_err();
    assert_eq!(error, DecodeError::Kind(8));
}

#[test]
fn damage_is_told_by_place() {
    let message = |bytes: &[u8]| {
        decode(5, Lsn(1), bytes, &reading())
            .unwrap_err()
            .to_string()
    };
    let advice = "`foreshore store check` shows what else is, restore the store from a backup";
    assert_eq!(
        message(&[1, 0, 0]),
        format!("close record is damaged at byte 1: expected 8 bytes, found 2; {advice}")
    );
    assert_eq!(
        message(&[1, 0, 0, 0, 0, 0, 0, 0, 0, 5]),
        format!("close record is damaged at byte 9: 1 bytes more than expected; {advice}")
    );
    let error = decode_manifest(b"\x01{\"types\":7}").unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "manifest is damaged at byte 10: invalid type: integer `7`, expected a sequence at line 1 \
             column 10; {advice}"
        )
    );
}

#[test]
fn a_count_beyond_its_bytes_asks_for_no_memory() {
    // A revision of 2^62 degraded parts, and one of 2^62 numbers.
    let head = [1, 0, 1, 0, 0, 1];
    let huge = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x3F];
    for before in [&[0, 0, 0][..], &[]] {
        let bytes = [&head[..], before, &huge].concat();
        let error = decode(2, Lsn(1), &bytes, &reading()).unwrap_err();
        assert!(matches!(error, DecodeError::Damaged { .. }), "{error}");
    }
}
