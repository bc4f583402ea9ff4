//! Records, timelines at rest and manifests, to bytes and back. Every layout opens with its format version
//! and is written out in its file; all integers are little-endian, nothing is aligned or padded. Must not
//! know files.
//!
//! The kinds of records: 1 event, 2 revision, 3 told, 4 amendment, 5 close, 6 deploy, 7 audit. The types the layouts
//! are made of:
//!
//! | type | bytes |
//! | --- | --- |
//! | byte | one |
//! | i64 | eight |
//! | varint | LEB128: seven bits a byte, lowest first; a set top bit says that another byte follows |
//! | signed | a varint of 0, -1, 1, -2, 2 … as 0, 1, 2, 3, 4 … |
//! | back | a log position, as a varint: how far it lies before that of the record it stands in, wrapping |
//! | bytes | their number as a varint, then they themselves |
//! | text | bytes that are UTF-8 |
//! | text? | 0 for none; else one more than the number of bytes as a varint, then they themselves |
//! | numbers | a list of `f64`, to the bit: see `numbers` |
//! | mention, cause | see `mention` |

/// Why bytes make no record.
pub mod error;

/// Primitives, written.
mod writer;

/// Primitives, read.
mod reader;

/// Lists of numbers.
mod numbers;

/// The byte that stands for each word.
mod codes;

/// What reading takes beside the bytes.
pub mod reading;

/// Events that are only mentioned, and causes.
mod mention;

/// An event that arrived.
mod event;

/// What a decision said.
mod revision;

/// That a later revision was told.
mod told;

/// A published change of a decision.
mod amendment;

/// That every watermark was raised.
mod close;

/// What an operator did.
mod audit;

/// What a pipeline's numbers are called.
pub mod manifest;

/// Which kind of record goes where.
pub mod record;

/// Which decision a record is about.
mod about;

/// A timeline at rest.
pub mod timeline;

/// What the core keeps beside timelines and decisions.
pub mod core_state;

/// Records for people and for `jq`.
pub mod json;

pub use about::about;
pub(crate) use record::{AMENDMENT, AUDIT};

pub use core_state::{decode_core, encode_core};
pub use error::DecodeError;
pub use json::write_json;
pub use manifest::{decode_manifest, encode_manifest};
pub use reading::{Reading, TYPE_GONE};
pub(crate) use record::EVENT;
pub use record::{decode, encode};
pub use timeline::{decode_timeline, encode_timeline};
