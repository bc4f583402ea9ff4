//! Manifests to bytes and back: the payload of a deploy record, and what opens a segment. JSON, because
//! they are few, and because a log has to be readable by whoever has nothing else.
//!
//! | type | what |
//! | --- | --- |
//! | byte | format, 1 |
//! | the rest | the manifest as a JSON object; names that are not known are ignored |

use foreshore_core::Manifest;
use serde_json::json;

use super::error::DecodeError;
use super::reader::Reader;

const WHAT: &str = "manifest";
const FORMAT: u8 = 1;

/// Appends a manifest's bytes.
pub fn encode_manifest(manifest: &Manifest, out: &mut Vec<u8>) {
    out.push(FORMAT);
    out.extend_from_slice(json!(manifest).to_string().as_bytes());
}

/// The manifest of these bytes.
///
/// # Errors
/// When they are of a newer format, or no manifest.
pub fn decode_manifest(bytes: &[u8]) -> Result<Manifest, DecodeError> {
    let mut from = Reader::versioned(WHAT, FORMAT, bytes)?;
    serde_json::from_slice(from.rest()).map_err(|error| DecodeError::Damaged {
        what: WHAT,
        // Columns count from 1: behind the format byte that is the byte itself.
        at: error.column(),
        found: error.to_string(),
    })
}
