//! Bytes to drafts: lines of CloudEvents, under each rule for unknown fields. Whatever is JSON decodes, what
//! is taken is JSON, and an event that is taken is the same one again when it is written out.

use std::sync::LazyLock;

use foreshore_event::{Schema, Unknown, decode, validate};
use serde_json::value::RawValue;

use crate::cards::schema;
use crate::memory::within;
use crate::rendered::is_itself_again;

static SCHEMAS: LazyLock<[Schema; 3]> =
    LazyLock::new(|| [Unknown::Keep, Unknown::Ignore, Unknown::Reject].map(schema));

/// Decodes every line.
pub fn run(bytes: &[u8]) {
    for line in bytes.split(|byte| *byte == b'\n') {
        SCHEMAS.iter().for_each(|schema| one(schema, line));
    }
}

fn one(schema: &Schema, line: &[u8]) {
    let taken = within((64 << 10) + 64 * line.len(), || {
        let draft = decode(schema, line).map_err(drop)?;
        Ok(validate(schema, draft).ok())
    });
    match taken {
        Err(()) => assert!(
            serde_json::from_slice::<serde_json::Value>(line).is_err(),
            "JSON that does not decode"
        ),
        Ok(None) => {}
        Ok(Some(event)) => {
            let text = str::from_utf8(line).expect("an event that is not UTF-8");
            serde_json::from_str::<&RawValue>(text).expect("an event that is not JSON");
            is_itself_again(schema, &event);
        }
    }
}
