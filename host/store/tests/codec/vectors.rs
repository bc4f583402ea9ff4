//! One record of each kind as its bytes. A change here is a change of format: it needs a new version, and a
//! reader of the old one.

use foreshore_store::codec::{decode, decode_timeline, encode, encode_timeline};
use foreshore_timeline::Lsn;

use super::cards::{bits, reading};
use super::examples::{records, timeline};

const EVENT: &str = "
    01 07 01
    02 10 af 35 f5 4b 06 00 04
    00 ac 02 02
    04 74 69 6c 6c
    02 65 31
    03 22 09 29 40 f0 3f
    02 03 63 31 00
    07 7b 22 61 22 3a 31 7d";

const REVISION: &str = "
    01 03 02
    02 ca 01 01 02
    02 12 29 40 80
    02 a8 9a 99 99 99 99 99 b9 3f
    01 01 02 e0 3f
    01 03 01 02
    01 01 ff 0f af 35 f5 4b 06 00 00 04 74 69 6c 6c 02 c3 a9";

const AMENDMENT: &str = "
    01 03
    03 00 10 af 35 f5 4b 06 00 01 04 74 69 6c 6c 02 65 31
    02 03 01
    2a e0 3f
    02";

/// As text.
const DEPLOY: &str = concat!(
    "\x01",
    r#"{"fields":[{"kind":"number","name":"amount"}],"instances":[],"log":"l1","models":[],"#,
    r#""pipeline":"cards","revision":"","types":[],"vector":[]}"#
);

const TIMELINE: &str = "
    01 03
    00 10 af 35 f5 4b 06 00
    ae 02
    28 01
    02 73 30
    03
    01 01 02 73 31
    03 27 03 c7 01 cc 01";

const AUDIT: &str = "
    01 00 10 af 35 f5 4b 06 00
    01
    03 6f 70 73
    01 74
    04 64 6f 6e 65";

const RECORDS: [&str; 7] = [
    EVENT,
    REVISION,
    "01 04 02",
    AMENDMENT,
    "01 00 10 af 35 f5 4b 06 00",
    DEPLOY,
    AUDIT,
];

fn hex(bytes: &[u8]) -> String {
    let bytes: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    bytes.join(" ")
}

fn unhex(text: &str) -> Vec<u8> {
    text.split_whitespace()
        .map(|byte| u8::from_str_radix(byte, 16).unwrap())
        .collect()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn each_kind_of_record_has_these_bytes() {
    for (at, ((name, record), expected)) in records().into_iter().zip(RECORDS).enumerate() {
        let mut bytes = Vec::new();
        let kind = encode(&record, &mut bytes);
        assert_eq!(usize::from(kind), at + 1, "kind of {name}");
        let expected = match name {
            "manifest" => hex(expected.as_bytes()),
            _ => one_line(expected),
        };
        assert_eq!(hex(&bytes), expected, "{name}");
        let read = decode(kind, record.lsn(), &unhex(&expected), &reading()).unwrap();
        assert_eq!(bits(&read), bits(&record), "{name}");
    }
}

#[test]
fn a_timeline_at_rest_has_these_bytes() {
    let mut bytes = Vec::new();
    encode_timeline(&timeline(), &mut bytes);
    assert_eq!(hex(&bytes), one_line(TIMELINE));
    assert_eq!(decode_timeline(1, "c1", Lsn(1_002), &bytes), Ok(timeline()));
}
